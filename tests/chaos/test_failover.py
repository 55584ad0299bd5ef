"""A replica takes over with `WAIT`, and a cable is pulled; `make chaos` does it often."""

from pathlib import Path

import pytest

from tests.chaos.database import database_dies
from tests.chaos.failover import NotPermitted, cut_network, fail_over
from tests.chaos.freeze import freeze_leaders


def test_nothing_is_lost_when_the_replica_takes_over(tmp_path: Path) -> None:
    outcome = fail_over(tmp_path, times=2)
    assert (outcome.lost, outcome.doubled) == ([], [])
    assert outcome.events > 100


def test_nothing_is_lost_when_the_network_is_cut(tmp_path: Path) -> None:
    try:
        outcome = cut_network(tmp_path, times=1)
    except NotPermitted as reason:
        pytest.skip(str(reason))
    assert (outcome.lost, outcome.doubled) == ([], [])
    assert outcome.events > 50


@pytest.mark.parametrize("two_hosts", [False, True], ids=["one host", "two hosts"])
def test_nothing_is_lost_when_postgresql_dies(tmp_path: Path, *, two_hosts: bool) -> None:
    try:
        outcome = database_dies(tmp_path, times=1, two_hosts=two_hosts)
    except NotPermitted as reason:
        pytest.skip(str(reason))
    assert (outcome.lost, outcome.doubled) == ([], [])
    assert outcome.events > 100


def test_nothing_is_lost_when_leaders_stand_still(tmp_path: Path) -> None:
    try:
        found = freeze_leaders(tmp_path, times=2)
    except NotPermitted as reason:
        pytest.skip(str(reason))
    assert (found.lost, found.doubled, found.freezes) == (0, 0, 2)
    assert found.sent > 40
