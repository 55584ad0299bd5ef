"""Leaders are frozen at random moments; `make chaos` does it often."""

from pathlib import Path

import pytest

from tests.chaos.failover import NotPermitted
from tests.chaos.freeze import freeze_leaders


def test_nothing_is_lost_when_leaders_stand_still(tmp_path: Path) -> None:
    try:
        found = freeze_leaders(tmp_path, times=2)
    except NotPermitted as reason:
        pytest.skip(str(reason))
    assert (found.lost, found.doubled, found.freezes) == (0, 0, 2)
    assert found.sent > 40
