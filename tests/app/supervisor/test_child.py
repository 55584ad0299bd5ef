"""The supervisor's decisions about its children, as tables and with real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import pytest

from tests.patience import eventually
from tests.processes import lives
from thapcanh.app.process import exit_codes
from thapcanh.app.supervisor.child import (
    STEADY_S,
    Child,
    ChildSpec,
    RestartDecision,
    after_exit,
    is_hung,
    start_process,
)


@pytest.mark.parametrize(
    ("code", "uptime_s", "quick_exits", "expected"),
    [
        # it said at its first start that restarting does not help
        (exit_codes.UNUSABLE, 1.0, 0, (RestartDecision.GIVE_UP, 0.0)),
        # it ran before, so the weights or the configuration broke later: the rest must go on
        (exit_codes.UNUSABLE, 1.0, 1, (RestartDecision.RESTART_LATER, 1.0)),
        (exit_codes.UNUSABLE, 60.0, 0, (RestartDecision.RESTART_NOW, 0.0)),
        # killed after a long life: at once
        (-9, 60.0, 3, (RestartDecision.RESTART_NOW, 0.0)),
        # keeps dying: longer each time, never longer than 15 s
        (1, 1.0, 0, (RestartDecision.RESTART_LATER, 0.5)),
        (1, 1.0, 3, (RestartDecision.RESTART_LATER, 4.0)),
        (1, 1.0, 9, (RestartDecision.RESTART_LATER, 15.0)),
        # even a clean end is not what we asked for
        (0, 1.0, 0, (RestartDecision.RESTART_LATER, 0.5)),
    ],
)
def test_after_exit(
    code: int, uptime_s: float, quick_exits: int, expected: tuple[RestartDecision, float]
) -> None:
    assert after_exit(code, uptime_s, quick_exits) == expected


@pytest.mark.parametrize(
    ("beat_at", "now", "expected"),
    [
        (None, 1010.0, False),  # still starting
        (None, 1031.0, True),  # never beat
        (1030.0, 1059.0, False),  # beats
        (1030.0, 1061.0, True),  # stopped beating
        (900.0, 1010.0, False),  # the beat of an earlier life does not count against it
    ],
)
def test_is_hung(beat_at: float | None, now: float, expected: bool) -> None:
    assert is_hung(1000.0, beat_at, now) is expected


def python_child(code: str, beat: Path | None = None) -> Child:
    spec = ChildSpec(
        name="test", arguments=(sys.executable, "-c", code), stage=0, stop_within_s=5.0, beat=beat
    )
    return Child(spec, start_process)


def test_a_killed_child_is_started_again() -> None:
    child = python_child("import time; time.sleep(60)")
    child.start()
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    try:
        assert eventually(lambda: child.tend(time.monotonic()) is RestartDecision.RESTART_LATER)
        assert eventually(
            lambda: child.tend(time.monotonic()) is None and child.pid not in (None, first)
        )
        assert child.restarts == 1
    finally:
        child.request_stop()
        child.wait_stopped()
    assert not child.is_running


def test_a_child_that_was_steady_is_never_given_up() -> None:
    """A centre killed while its archive was locked said `unusable`, and the site stopped."""
    child = python_child(f"raise SystemExit({exit_codes.UNUSABLE})")
    child.start()
    steady_until = time.monotonic() + STEADY_S + 1
    assert eventually(lambda: child.tend(steady_until) is RestartDecision.RESTART_NOW)
    child.tend(time.monotonic() + 60)  # starts it again
    assert eventually(lambda: child.tend(time.monotonic()) is RestartDecision.RESTART_LATER)


def test_a_clock_that_is_set_is_no_hung_child(tmp_path: Path) -> None:
    beat = tmp_path / "its.beat"
    beat.touch()
    child = python_child("import time; time.sleep(60)", beat=beat)
    child.start()
    began = time.monotonic()
    try:
        for passed_s in range(0, 90, 10):
            os.utime(beat, (passed_s * 1000.0, 1e9 - passed_s * 1000.0))
            child.tend(began + passed_s)
        assert child.is_running
        child.tend(began + 115)
        assert eventually(lambda: not child.is_running), "no beat for 35 s"
    finally:
        child.request_stop()
        child.wait_stopped()


def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    spec = ChildSpec(
        name="stubborn",
        arguments=(
            sys.executable,
            "-c",
            "import signal, time, pathlib, sys\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "pathlib.Path(sys.argv[1]).touch()\ntime.sleep(60)",
            str(ready),
        ),
        stage=0,
        stop_within_s=0.3,
    )
    child = Child(spec, start_process)
    child.start()
    assert eventually(ready.exists)
    child.request_stop()
    child.wait_stopped()
    assert not child.is_running


def test_children_do_not_outlive_a_parent_that_was_killed_outright(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib\n"
            "from thapcanh.app.supervisor.child import Child, ChildSpec, start_process\n"
            "spec = ChildSpec(name='x', stage=0,\n"
            "    arguments=(sys.executable, '-c', 'import time; time.sleep(60)'))\n"
            "child = Child(spec, start_process)\nchild.start()\n"
            "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\ntime.sleep(60)",
            str(pid_file),
        ]
    )
    try:
        assert eventually(lambda: pid_file.exists() and bool(pid_file.read_text()))
        orphan = int(pid_file.read_text())
    finally:
        parent.kill()
        parent.wait()
    assert eventually(lambda: not lives(orphan))


class Unkillable:
    """A process that waits for a frozen disk inside the kernel: no signal ends it."""

    pid = 0

    def __init__(self) -> None:
        self.kills = 0

    def poll(self) -> None:
        return None

    def kill(self) -> None:
        self.kills += 1

    def terminate(self) -> None:
        pass

    def wait(self, timeout: float) -> int:
        raise subprocess.TimeoutExpired("child", timeout)


def test_a_child_that_no_kill_ends_is_left_and_begun_anew(tmp_path: Path) -> None:
    """A frozen evidence share must neither stop the site's end nor leave cameras unwatched."""
    made: list[Unkillable] = []

    def start(_: ChildSpec) -> "subprocess.Popen[bytes]":
        made.append(Unkillable())
        return cast("subprocess.Popen[bytes]", made[-1])

    spec = ChildSpec(name="test", arguments=(), stage=0, stop_within_s=0.0, beat=tmp_path / "none")
    child = Child(spec, start)
    child.start()
    began = time.monotonic()
    assert child.tend(began + 40.0) is None
    assert child.tend(began + 41.0) is None
    assert made[0].kills == 1
    assert child.tend(began + 46.0) is RestartDecision.RESTART_NOW
    child.tend(began + 46.1)
    assert len(made) == 2
    child.wait_stopped()
    assert made[1].kills == 1
