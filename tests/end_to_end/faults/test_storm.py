"""The short storm: every fault once on a real site under load; `make chaos` is the long one."""

import random
from pathlib import Path

import pytest

from tests.chaos.drive import Storm, run

pytestmark = pytest.mark.end_to_end

SHORT = Storm(
    seconds=14.0,
    makers=2,
    rate=15.0,
    pause_s=(0.2, 0.8),
    outage_s=1.5,
    each_in_turn=1.0,
    settle_s=60.0,
)


def test_nothing_is_lost_doubled_stuck_or_unnoticed(tmp_path: Path) -> None:
    random.seed(7)  # the order of the faults; what dies when is still the machine's
    verdict, _, kills = run(SHORT, tmp_path)
    log = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert verdict.ok, f"{verdict}\n{log[-6000:]}"
    assert kills >= 3  # of six; what is dead already is not killed again
    assert verdict.events > 200
    for secret in ("bí-mật-camera", "mật-khẩu-chạy-thử-1"):
        assert secret not in log
