"""Times as others read them are what the standard library makes of them, and made faster."""

import random
from datetime import UTC, datetime

import pytest

from thapcanh.alerts.store.utc_time import utc_text


def test_a_time_is_written_as_the_standard_library_writes_it() -> None:
    chance = random.Random(3)
    edges = [0.0, -0.5, -1e-7, 1.9999999, 1_800_000_000.9999996, 1_800_000_000.0004995]
    for at in [*edges, *(chance.uniform(-1e9, 4e9) for _ in range(2000))]:
        told = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        assert utc_text(at) == told[:-6] + "Z", at


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e30])
def test_what_is_no_time_is_refused(wrong: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        utc_text(wrong)
