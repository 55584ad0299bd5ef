"""Starts of children: one that works is left to its end, one that hangs is killed."""

import signal
import socket
import subprocess
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.app.supervisor.test_child import python_child
from tests.patience import PATIENCE_S, eventually
from thapcanh.app.process.work_meter import WorkDone, work_of
from thapcanh.app.supervisor import child as child_module
from thapcanh.app.supervisor.child import Child, ChildSpec, RestartDecision, start_process
from thapcanh.app.supervisor.supervisor import CannotStart, wait_for_port


class _Slow:
    """A process that lives until it is killed."""

    pid = 0  # whose work nobody can read

    def __init__(self) -> None:
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.code = -signal.SIGKILL


def test_a_start_that_is_only_slow_comes_to_its_end(tmp_path: Path) -> None:
    """On a loaded machine a centre took over 30 s to start, and was killed each time, for ever."""
    beat = tmp_path / "late.beat"
    spec = ChildSpec(name="slow", arguments=(), stage=0, stop_within_s=5.0, beat=beat)
    child = Child(spec, lambda _: cast("subprocess.Popen[bytes]", _Slow()))
    for allowed_s in (30.0, 60.0, 120.0, 240.0, 240.0):
        child.start()
        began = time.monotonic()
        child.tend(began + allowed_s - 5.0)
        assert child.is_running
        child.tend(began + allowed_s + 1.0)
        assert not child.is_running
        assert child.tend(began + allowed_s + 1.0) is RestartDecision.RESTART_NOW
    child.start()
    beat.touch()
    began = time.monotonic() + 1.0
    child.tend(began)
    child.tend(began + 29.0)
    assert child.is_running
    child.tend(began + 31.0)
    assert not child.is_running, "it beat once, and 30 s count again"


def has_worked_since(pid: int, before: WorkDone) -> bool:
    return work_of(pid).is_more_than(before)


@pytest.fixture
def kills_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is put forward in these tests: a kill must not look like one that does not end it."""
    monkeypatch.setattr(child_module, "KILLED_WITHIN_S", 1e9)


def hangs(child: Child) -> bool:
    """Whether it is killed as time passes, so far ahead that no clock of ours gets there."""
    ahead = iter(range(100, 10_000_000, 100))
    return eventually(
        lambda: child.tend(time.monotonic() + next(ahead)) is not None or not child.is_running
    )


@pytest.mark.usefixtures("kills_end")
def test_a_hung_child_is_killed(tmp_path: Path) -> None:
    child = python_child("import time; time.sleep(60)", beat=tmp_path / "never.beat")
    child.start()
    assert hangs(child)
    child.wait_stopped()


def test_a_start_that_works_is_not_killed_at_30_s_nor_at_61(tmp_path: Path) -> None:
    """On a loaded machine a start was killed seven times of nine before the archive was open."""
    child = python_child("while True: pass", beat=tmp_path / "never.beat")
    child.start()
    assert child.pid is not None
    began = time.monotonic()
    try:
        for minute in range(1, 20):
            before = work_of(child.pid)
            assert eventually(partial(has_worked_since, child.pid, before))
            child.tend(began + 25 * minute)
            assert child.is_running, f"killed after {25 * minute} s, in which it worked"
    finally:
        child.request_stop()
        child.wait_stopped()


@pytest.mark.usefixtures("kills_end")
def test_a_start_that_hangs_is_killed_whatever_its_other_threads_do(tmp_path: Path) -> None:
    child = python_child(
        "import threading, time\n"
        "def spin():\n    while True: pass\n"
        "threading.Thread(target=spin, daemon=True).start()\ntime.sleep(600)",
        beat=tmp_path / "never.beat",
    )
    child.start()
    assert hangs(child)
    child.wait_stopped()


@pytest.mark.usefixtures("kills_end")
def test_a_child_that_serves_is_watched_by_its_beat_alone(tmp_path: Path) -> None:
    """What computes for ever and does not turn its loop serves nobody."""
    beat = tmp_path / "its.beat"
    child = python_child("while True: pass", beat=beat)
    child.start()
    beat.touch()
    child.tend(time.monotonic())
    assert hangs(child)
    child.wait_stopped()


class Loading(Child):
    """A child that works on its start, or does not."""

    is_running = True
    silent_for_s = -1.0

    def silent_s(self, now: float) -> float:
        return self.silent_for_s


def test_a_queue_that_reads_its_data_for_long_is_waited_for() -> None:
    """A large stream is read at the start: after 15 s the whole site gave up."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        child = Loading(queue_on(port), start_process)
        waiting = threading.Thread(target=wait_for_port, args=(child, port, threading.Event()))
        waiting.start()
        time.sleep(0.2)
        assert waiting.is_alive()
        listener.listen()
        waiting.join(PATIENCE_S)
        assert not waiting.is_alive()


def test_a_queue_that_hangs_at_its_start_is_named() -> None:
    child = Loading(queue_on(1), start_process)
    child.silent_for_s = 0.1
    with pytest.raises(CannotStart, match="queue did not answer on port 1"):
        wait_for_port(child, 1, threading.Event())


def queue_on(port: int) -> ChildSpec:
    return ChildSpec(name="queue", arguments=(), stage=0, ready_port=port, ready_within_s=0.0)
