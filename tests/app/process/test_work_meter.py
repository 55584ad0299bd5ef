"""What a process does: by its main thread and its child processes, not by threads beside them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.patience import PATIENCE_S
from thapcanh.app.process.work_meter import WorkMeter

SPINS = "while True: pass"
BUSY_THREAD = f"import threading; threading.Thread(target=lambda: exec({SPINS!r})).start()"
READY = "print('ready', flush=True)"


@contextmanager
def process(code: str) -> Iterator[int]:
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield child.pid
        finally:
            os.killpg(child.pid, signal.SIGKILL)  # and what it has started


def works(meter: WorkMeter) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if meter.has_worked():
            return True
        time.sleep(0.05)
    return False


def test_a_main_thread_that_computes_works() -> None:
    with process(f"{READY}\n{SPINS}") as pid:
        meter = WorkMeter(pid)
        assert works(meter)
        assert works(meter), "again since then"


def test_a_child_process_that_computes_is_work_of_who_waits_for_it() -> None:
    """A worker's first start exports its model in a process of its own."""
    spin = f"subprocess.run([sys.executable, '-c', {SPINS!r}])"
    with process(f"import subprocess, sys\n{READY}\n{spin}") as pid:
        assert works(WorkMeter(pid))


def test_a_thread_beside_a_hung_main_thread_is_no_work_of_it() -> None:
    hung = f"import time\n{BUSY_THREAD}\n{READY}\ntime.sleep(600)"
    with process(hung) as pid, process(f"{READY}\n{SPINS}") as other:
        meter = WorkMeter(pid)
        for _ in range(3):  # for as long as another process does get to compute
            assert works(WorkMeter(other))
        assert not meter.has_worked()


def test_what_has_ended_does_no_work() -> None:
    with process(READY) as pid:
        meter = WorkMeter(pid)
    assert not meter.has_worked()
