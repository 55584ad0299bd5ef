"""Opening hours of rules: spans of local time, also over midnight.

Vietnam has one time zone and no summer time, so local time is UTC+7.
"""

from datetime import UTC, datetime

from thapcanh.config.local_time import LOCAL_TZ


def is_open(hours: tuple[str, ...], at: float) -> bool:
    """Return whether `at` (UTC unix seconds) lies in one of the spans; no spans means always.

    A span `HH:MM-HH:MM` includes its first minute and not its last; `22:00-05:00` goes over
    midnight, and equal ends mean the whole day.
    """
    if not hours:
        return True
    local = datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ)
    minute = local.hour * 60 + local.minute
    return any(_holds(span, minute) for span in hours)


def _holds(span: str, minute: int) -> bool:
    start, end = (_minute(clock) for clock in span.split("-"))
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
