"""A supervisor that is killed outright leaves nothing, also when what it started is frozen."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import eventually, patient
from tests.processes import lives
from thapcanh.app.supervisor.guardian import Guardian

_SUPERVISOR = """
import sys, threading
from pathlib import Path
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import Supervisor

child = ChildSpec(name="frozen", stage=0, stop_within_s=0.5,
                  arguments=(sys.executable, "-c", sys.argv[2]))
supervisor = Supervisor([child], on_tick=lambda: Path(sys.argv[1]).write_text("ready"))
supervisor.run(threading.Event())
"""
_DEAF = (
    "import signal, sys, time, os\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open(os.environ['HOME'] + '/pid', 'w').write(str(os.getpid()))\n"
    "time.sleep(300)"
)


@pytest.mark.parametrize("is_stopped", [False, True], ids=["deaf", "stopped"])
def test_a_frozen_centre_does_not_outlive_its_killed_supervisor(
    tmp_path: Path, is_stopped: bool
) -> None:
    ready, pid_file = tmp_path / "ready", tmp_path / "pid"
    supervisor = subprocess.Popen(
        [sys.executable, "-P", "-c", _SUPERVISOR, str(ready), _DEAF],
        env={**os.environ, "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
    )
    try:
        assert eventually(
            lambda: ready.exists() and pid_file.exists() and pid_file.read_text() != ""
        )
        frozen = int(pid_file.read_text())
        if is_stopped:
            os.kill(frozen, signal.SIGSTOP)
    finally:
        supervisor.kill()
        supervisor.wait()
    assert eventually(lambda: not lives(frozen))


def test_a_guardian_that_died_is_replaced_and_told_again() -> None:
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    guardian = Guardian()
    try:
        guardian.watch([(sleeping.pid, 0.2)])
        first = guardian.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: guardian.pid is None)
        guardian.watch([(sleeping.pid, 0.2)])
        assert guardian.pid not in (None, first)
        guardian.close()  # as the end of our process would close its pipe
        assert sleeping.wait(patient(20)) == -signal.SIGKILL
    finally:
        sleeping.kill()
        sleeping.wait()


def test_a_guardian_ends_at_once_when_all_have_stopped() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    guardian = Guardian()
    guardian.watch([(ended.pid, 300.0)])
    ended.wait()
    began = time.monotonic()
    guardian.close()
    assert time.monotonic() - began < patient(10)
    assert guardian.pid is None
