"""On which days the centre lived, and in which order, so that no wrong date makes anything old.

What is kept for a number of days is kept until the centre lived so many after it. A clock that is
wrong by years adds one day, and what it dated 1970 is as old as the days lived since; days on
which the centre was off do not count, so what is kept is then kept longer.
"""

import sqlalchemy as sa

from alerts.coverage.coverage_tables import lived_day

DAY_S = 86_400.0


class UptimeDays:
    """The days written down so far."""

    def __init__(self, connection: sa.Connection) -> None:
        query = sa.select(lived_day.c.day).order_by(lived_day.c.seq)
        self._days = list(connection.execute(query).scalars())
        self._after = {day: len(self._days) - at for at, day in enumerate(self._days, start=1)}

    def after(self, at: float) -> int:
        """How many were lived after the day of this UTC time; by their dates, if it was not."""
        day = _day(at)
        later = self._after.get(day)
        return sum(lived > day for lived in self._days) if later is None else later

    def ago(self, days: int) -> float | None:
        """The earliest time of the last so many; None where fewer were lived."""
        return min(self._days[-days:]) * DAY_S if 0 < days <= len(self._days) else None


def note_day(connection: sa.Connection, now: float) -> None:
    """The centre lives on this day; a day that comes again was lived last when it last came."""
    day = _day(now)
    newest = sa.select(lived_day).order_by(lived_day.c.seq.desc()).limit(1)
    last = connection.execute(newest).first()
    if last is None or last.day != day:
        connection.execute(sa.delete(lived_day).where(lived_day.c.day == day))
        seq = 1 if last is None else last.seq + 1
        connection.execute(sa.insert(lived_day).values(day=day, seq=seq))


def _day(at: float) -> int:
    return int(at // DAY_S)
