"""Signs of life while a process starts: for as long as a start may take, and no longer."""

import time
from pathlib import Path

from app.process.heartbeat import ProcessHeartbeat
from tests.patience import PATIENCE_S


def test_a_start_that_takes_longer_than_a_hang_shows_signs_of_life(tmp_path: Path) -> None:
    """The supervisor killed a worker that exported its model at the first start."""
    path = tmp_path / "worker-0.beat"
    deadline = time.monotonic() + PATIENCE_S
    with ProcessHeartbeat(path).kept_during_start(PATIENCE_S):
        while not path.exists():
            assert time.monotonic() < deadline, "no sign of life"
            time.sleep(0.01)
        first = path.stat().st_mtime_ns
        while path.stat().st_mtime_ns == first:
            assert time.monotonic() < deadline, "one sign of life only"
            time.sleep(0.01)


def test_a_start_that_hangs_is_told_once_its_time_is_over(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.beat"
    with ProcessHeartbeat(path).kept_during_start(0.0):
        pass
    assert not path.exists()
