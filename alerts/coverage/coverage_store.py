"""Record of camera visibility in the archive, written on change, read by period.

`UptimeDays` counts days on which the centre ran, so that retention never depends on a wrong clock:
a wrong year adds one day, and days without the centre do not count.
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.coverage.coverage import CameraCoverage, CameraSpan, CameraVisibility, Coverage
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.tables import metadata

HOLE_S = 60.0  # longer than any pause of a living writer
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
camera_span = sa.Table(
    "camera_span",
    metadata,
    sa.Column("camera_id", _Text, primary_key=True),
    sa.Column("since", _Time, primary_key=True),
    sa.Column("until", _Time),
    sa.Column("state", _Text, nullable=False),
    sa.Column("reason", _Text),
    sa.Column("picture", _Text),
    sa.Column("sees", sa.Boolean, nullable=False),
    sa.Column("began_outage", sa.Boolean, nullable=False),  # it saw until then
)
sa.Index("ix_camera_span_until", camera_span.c.until)
recorded_span = sa.Table(
    "recorded_span",
    metadata,
    sa.Column("since", _Time, primary_key=True),
    sa.Column("until", _Time, nullable=False),
)
lived_day = sa.Table(
    "lived_day",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    sa.Column("seq", sa.Integer, nullable=False, unique=True),  # in the order they were lived
)
DAY_S = 86_400.0


class CoverageRepository:
    """Repository of coverage; any thread may read, `note` and `forget` are the writer's."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._known: dict[str, CameraVisibility] | None = (
            None  # as written; None: to be begun again
        )
        self._began_at = self._noted_at = float("-inf")

    def begins(self, now: float) -> bool:
        """Return whether a new section of the record starts, so that all cameras must be noted."""
        return self._known is None or not 0 < now - self._noted_at <= HOLE_S

    def note(self, cameras: Mapping[str, CameraVisibility], now: float) -> None:
        """Record the state of all cameras; missing ones no longer exist."""
        existing = {} if self.begins(now) else self._known or {}
        removed = existing.keys() - cameras.keys()
        changed = {id_: sight for id_, sight in cameras.items() if existing.get(id_) != sight}
        self._write({**changed, **dict.fromkeys(removed)}, now)

    def note_changes(self, cameras: Mapping[str, CameraVisibility | None], now: float) -> None:
        """Record cameras that may have changed; None means removed.

        Raise `ValueError` if all must be noted.
        """
        if self.begins(now):
            raise ValueError("a new stretch of the record needs all cameras")
        existing = self._known or {}
        self._write({id_: new for id_, new in cameras.items() if existing.get(id_) != new}, now)

    def _write(self, changed: Mapping[str, CameraVisibility | None], now: float) -> None:
        begins = self.begins(now)
        existing = {} if begins else self._known or {}
        new = {id_: sight for id_, sight in changed.items() if sight is not None}
        with self._db.writing() as connection:
            if begins:
                _start(connection, now)
            else:
                matching = sa.update(recorded_span).where(recorded_span.c.since == self._began_at)
                connection.execute(matching.values(until=now))
            _end(connection, changed.keys() & existing.keys(), now)
            _add(connection, new, existing, now)
        existing.update(new)
        for id_ in changed.keys() - new.keys():
            existing.pop(id_, None)
        self._known, self._noted_at = existing, now
        self._began_at = now if begins else self._began_at

    def coverage(self, cameras: Collection[str], since: float, until: float) -> Coverage:
        """Return how long these cameras saw in a period, as far as recorded."""
        with self._db.reading() as connection:
            recorded_s, last = _recorded(connection, since, until)
            rows = connection.execute(_sums(since, min(until, last))).all()
        found = {str(row.camera_id): row for row in rows}
        covered = tuple(_covered(id_, found[id_]) for id_ in sorted(cameras) if id_ in found)
        share = recorded_s / (until - since) if until > since else 0.0
        return Coverage(cameras=covered, recorded_share=min(1.0, share))

    def spans(self, camera_id: str, since: float, until: float, limit: int) -> list[CameraSpan]:
        """Return a camera's spans of a period, oldest first; the newest if there are too many."""
        query = sa.select(camera_span).where(
            camera_span.c.camera_id == camera_id, *_touching(since, until)
        )
        newest = query.order_by(camera_span.c.since.desc()).limit(limit)
        with self._db.reading() as connection:
            rows = connection.execute(newest).all()
        return [_span(row) for row in reversed(rows)]

    def forget(self, now: float, retention_days: int) -> None:
        """Drop what ended so many days ago, by the date and by the days lived since."""
        with self._db.writing() as connection:
            lived_since = UptimeDays(connection).ago(retention_days)
            if lived_since is None:
                return
            before = min(lived_since, now - retention_days * DAY_S)
            connection.execute(sa.delete(camera_span).where(camera_span.c.until < before))
            connection.execute(sa.delete(recorded_span).where(recorded_span.c.until < before))


class UptimeDays:
    """Days on which the centre ran."""

    def __init__(self, connection: sa.Connection) -> None:
        query = sa.select(lived_day.c.day).order_by(lived_day.c.seq)
        self._days = list(connection.execute(query).scalars())
        self._after = {day: len(self._days) - at for at, day in enumerate(self._days, start=1)}

    def after(self, at: float) -> int:
        """Return how many days the centre ran after this UTC time's day."""
        day = _day(at)
        later = self._after.get(day)
        return sum(lived > day for lived in self._days) if later is None else later

    def ago(self, days: int) -> float | None:
        """Return the earliest time of the last `days` days, or None if fewer exist."""
        return min(self._days[-days:]) * DAY_S if 0 < days <= len(self._days) else None


def note_day(connection: sa.Connection, now: float) -> None:
    """Record that the centre runs on this day; a repeated day moves to its last run."""
    day = _day(now)
    newest = sa.select(lived_day).order_by(lived_day.c.seq.desc()).limit(1)
    last = connection.execute(newest).first()
    if last is None or last.day != day:
        connection.execute(sa.delete(lived_day).where(lived_day.c.day == day))
        seq = 1 if last is None else last.seq + 1
        connection.execute(sa.insert(lived_day).values(day=day, seq=seq))


def _start(connection: sa.Connection, now: float) -> None:
    """Start a new section; an earlier open one ends at its last record."""
    last = connection.execute(sa.select(sa.func.max(recorded_span.c.until))).scalar_one()
    if last is not None:
        left = sa.update(camera_span).where(camera_span.c.until.is_(None))
        later = sa.case((camera_span.c.since > last, camera_span.c.since), else_=last)
        connection.execute(left.values(until=later))
    connection.execute(sa.delete(recorded_span).where(recorded_span.c.since == now))
    connection.execute(sa.insert(recorded_span).values(since=now, until=now))


def _end(connection: sa.Connection, ids: Collection[str], now: float) -> None:
    if ids:
        still_open = sa.update(camera_span).where(
            camera_span.c.until.is_(None), camera_span.c.camera_id == sa.bindparam("of")
        )
        ending = still_open.values(until=sa.bindparam("at"))
        connection.execute(ending, [{"of": id_, "at": now} for id_ in sorted(ids)])


def _add(
    connection: sa.Connection,
    new: Mapping[str, CameraVisibility],
    before: Mapping[str, CameraVisibility],
    now: float,
) -> None:
    if new:
        connection.execute(
            sa.insert(camera_span),
            [
                {
                    "camera_id": camera_id,
                    "since": now,
                    "until": None,
                    "state": sight.state,
                    "reason": sight.reason,
                    "picture": sight.picture,
                    "sees": sight.sees,
                    "began_outage": not sight.sees
                    and camera_id in before
                    and before[camera_id].sees,
                }
                for camera_id, sight in sorted(new.items())
            ],
        )


def _touching(since: float, until: float) -> tuple[sa.ColumnElement[bool], ...]:
    continues = sa.or_(camera_span.c.until.is_(None), camera_span.c.until > since)
    return camera_span.c.since < until, continues


def _recorded(connection: sa.Connection, since: float, until: float) -> tuple[float, float]:
    """Return the recorded seconds of a period, and the end of the record."""
    query = sa.select(recorded_span).where(
        recorded_span.c.since < until, recorded_span.c.until > since
    )
    rows = connection.execute(query).all()
    recorded_s = sum(min(row.until, until) - max(row.since, since) for row in rows)
    return recorded_s, max((row.until for row in rows), default=since)


def _sums(since: float, until: float) -> sa.Select[Any]:
    """Return the query of seconds seen and recorded by camera; open spans last to `until`.

    An outage is time without a picture, whenever it started.
    """
    begin = sa.case((camera_span.c.since < since, since), else_=camera_span.c.since)
    continues = sa.or_(camera_span.c.until.is_(None), camera_span.c.until > until)
    end = sa.case((continues, until), else_=camera_span.c.until)
    saw_before = sa.func.lag(camera_span.c.sees).over(
        partition_by=camera_span.c.camera_id, order_by=camera_span.c.since
    )
    spans = (
        sa.select(
            camera_span.c.camera_id,
            camera_span.c.sees,
            (end - begin).label("length"),
            saw_before.label("saw_before"),
        )
        .where(*_touching(since, until))
        .subquery()
    )
    fell = sa.and_(sa.not_(spans.c.sees), sa.func.coalesce(spans.c.saw_before, sa.true()))
    return sa.select(
        spans.c.camera_id,
        sa.func.sum(spans.c.length).label("recorded_s"),
        sa.func.sum(sa.case((spans.c.sees, spans.c.length), else_=0.0)).label("seen_s"),
        sa.func.sum(sa.case((fell, 1), else_=0)).label("outages"),
    ).group_by(spans.c.camera_id)


def _covered(camera_id: str, row: sa.Row[Any]) -> CameraCoverage:
    return CameraCoverage(
        camera_id=camera_id,
        seen_s=float(row.seen_s),
        recorded_s=float(row.recorded_s),
        outages=int(row.outages),
    )


def _span(row: sa.Row[Any]) -> CameraSpan:
    sight = CameraVisibility(state=row.state, reason=row.reason, picture=row.picture, sees=row.sees)
    return CameraSpan(since=row.since, until=row.until, sight=sight)


def _day(at: float) -> int:
    return int(at // DAY_S)
