"""Hours are local time; a span holds its first minute and not its last."""

from datetime import UTC, datetime

import pytest

from thapcanh.detection.rules.hours import is_open


def _at(clock: str) -> float:
    """That time of day in Vietnam (UTC+7), as UTC seconds."""
    hours, minutes = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, 25, hours, minutes, tzinfo=UTC).timestamp() - 7 * 3600


@pytest.mark.parametrize(
    ("hours", "clock", "expected"),
    [
        ((), "03:00", True),
        (("08:00-17:00",), "07:59", False),
        (("08:00-17:00",), "08:00", True),
        (("08:00-17:00",), "16:59", True),
        (("08:00-17:00",), "17:00", False),
        (("22:00-05:00",), "21:59", False),
        (("22:00-05:00",), "22:00", True),
        (("22:00-05:00",), "00:00", True),
        (("22:00-05:00",), "04:59", True),
        (("22:00-05:00",), "05:00", False),
        (("06:00-06:00",), "05:59", True),
        (("01:00-02:00", "03:00-04:00"), "02:30", False),
        (("01:00-02:00", "03:00-04:00"), "03:30", True),
    ],
)
def test_hours(hours: tuple[str, ...], clock: str, expected: bool) -> None:
    assert is_open(hours, _at(clock)) is expected
