"""Children end with their parent, however it ends; they are bounded and told no secret."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.patience import eventually, patient
from tests.processes import lives
from thapcanh.ingest.child_process import (
    LIMITED,
    ChildBounds,
    ChildSetup,
    give_job,
    lines_of,
    run_child,
    start_child,
    start_child_on_loop,
)

ROOT = Path(__file__).parents[2]
_SLEEPS = "import time; time.sleep(300)"
_PARENT = """
import subprocess, sys, time
from thapcanh.ingest.child_process import ChildSetup, start_child
setup = ChildSetup(stdin=subprocess.DEVNULL, stdout=None)
print(start_child([sys.executable, "-c", sys.argv[1]], setup).pid, flush=True)
time.sleep(300)
"""


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_ends_with_a_parent_that_was_killed_outright() -> None:
    """Also one that reads no pipe and hears no signal."""
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_SLEEPS}"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", _PARENT, deaf], stdout=subprocess.PIPE, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        assert lives(orphan)
        parent.kill()
    assert eventually(lambda: not lives(orphan))


def test_a_child_outlives_the_thread_that_asked_for_it() -> None:
    """The kernel watches the thread that starts a child, and threads of a pool come and go."""
    started: list[subprocess.Popen[bytes]] = []
    thread = threading.Thread(target=lambda: started.append(start_child(_python(_SLEEPS))))
    thread.start()
    thread.join()
    with started[0] as child:
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.5)
        child.kill()


def test_a_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THAPCANH_SECRET", "topsecret")
    done = run_child(_python("import os; print(dict(os.environ))"), patient(20))
    assert b"PATH" in done.stdout
    assert b"THAPCANH" not in done.stdout


def test_a_child_takes_no_more_memory_than_it_may() -> None:
    setup = ChildSetup(bounds=ChildBounds(memory_bytes=256 << 20), stderr=subprocess.PIPE)
    done = run_child(_python("bytearray(1 << 30)"), patient(20), setup)
    assert b"MemoryError" in done.stderr


def test_a_child_takes_no_more_time_than_it_may() -> None:
    setup = ChildSetup(bounds=ChildBounds(cpu_s=1, niceness=1))
    done = run_child(_python("while True: pass"), patient(60), setup)
    assert done.returncode in LIMITED


def test_a_child_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run_child(_python(_SLEEPS), 0.3)
    assert time.monotonic() - began < patient(20)


def test_a_program_that_is_missing_is_told() -> None:
    with pytest.raises(FileNotFoundError, match="no such program"):
        start_child(["/nowhere/program"])


def test_a_job_is_given_and_its_lines_are_read() -> None:
    echo = (
        "import json, sys; print('noise'); "
        "print(json.dumps({'phase': 'done', **json.load(sys.stdin)}))"
    )
    with start_child(_python(echo)) as child:
        give_job(child, {"number": 7})
        assert list(lines_of(child)) == [{"phase": "done", "number": 7}]


def test_a_child_of_an_event_loop_is_tied_too() -> None:
    async def ends_by() -> int:
        code = (
            "import ctypes; got = ctypes.c_int(); "
            "ctypes.CDLL(None).prctl(2, ctypes.byref(got)); print(got.value)"
        )
        child = await start_child_on_loop(_python(code), ChildSetup())
        return int((await child.communicate())[0])

    assert asyncio.run(ends_by()) == signal.SIGKILL


def test_no_module_starts_a_process_beside_the_one_helper() -> None:
    """The lint rule that forbids it stands in the configuration, and names each way."""
    import tomllib

    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    banned = rules["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    for way in ("subprocess.Popen", "subprocess.run", "asyncio.create_subprocess_exec"):
        assert "thapcanh.ingest.child_process" in banned[way]["msg"]
