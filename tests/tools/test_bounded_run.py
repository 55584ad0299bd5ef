"""A run of tests that hangs, or loses a process, ends soon and says at which test."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import patient

ROOT = Path(__file__).parents[2]
GATE = ROOT / ".ci/run"
ALONE: tuple[str, ...] = ()
BESIDE = ("-n", "2", "--dist", "loadfile")
GOOD = "def test_good() -> None:\n    pass\n"
HANGS = "import time\n\n\ndef test_hangs() -> None:\n    time.sleep(600)\n"
FAILS_THEN_HANGS = """
import time
import pytest

@pytest.fixture
def server():
    yield
    time.sleep(600)

def test_fails(server) -> None:
    assert 1 == 2
"""
STARTS_AND_HANGS = """
import subprocess, sys, time

def test_hangs() -> None:
    subprocess.Popen([sys.executable, "-c", "import time; print('child', flush=True); "
        "time.sleep(600)"], stdout=open("child", "w"), start_new_session=True)
    time.sleep(600)
"""
LEAVES_A_CHILD = """
import subprocess, sys

def test_leaves_one() -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
        start_new_session=True)
"""
DIES = """
import os, signal

def test_dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

def test_after() -> None:
    pass
"""
LEAVES = "import os\n\ndef test_leaves() -> None:\n    os._exit(7)\n"
LONG = "import time\nimport pytest\n\n@pytest.mark.parametrize('n', range(600))\n" + (
    "def test_long(n: int) -> None:\n    time.sleep(1)\n"
)
FAILS_FIRST = """
import pathlib, time

UNTIL = time.monotonic() + 60

def test_fails() -> None:
    assert "seen" == "wanted"

def test_waits() -> None:
    while not pathlib.Path("go").exists() and time.monotonic() < UNTIL:
        time.sleep(0.05)
"""


def _started(folder: Path, arguments: tuple[str, ...], **files: str) -> "subprocess.Popen[str]":
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --max-worker-restart=0\n")
    command = [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "tests.bounded_run"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _ended(folder: Path, arguments: tuple[str, ...], **files: str) -> tuple[int, str]:
    """The exit code and all that was printed of a run that must end of itself."""
    with _started(folder, arguments, **files) as run:
        try:
            printed, _ = run.communicate(timeout=patient(60))
        finally:
            run.kill()
    return run.returncode, printed


@pytest.mark.parametrize("how", [ALONE, BESIDE], ids=["alone", "beside"])
def test_a_test_that_hangs_is_named_and_ends_the_run(tmp_path: Path, how: tuple[str, ...]) -> None:
    code, printed = _ended(tmp_path, (*how, "-o", "phase_limit_s=1"), hangs=HANGS, other=GOOD)
    assert code != 0
    assert "test_hangs.py::test_hangs: its call took longer than 1 s" in printed
    assert 'test_hangs.py", line 5 in test_hangs' in printed  # where it stood


@pytest.mark.parametrize("how", [ALONE, BESIDE], ids=["alone", "beside"])
def test_a_teardown_that_hangs_after_a_failure_ends_too(
    tmp_path: Path, how: tuple[str, ...]
) -> None:
    code, printed = _ended(tmp_path, (*how, "-o", "phase_limit_s=1"), fails=FAILS_THEN_HANGS)
    assert code != 0
    assert "test_fails.py::test_fails: its teardown took longer than 1 s" in printed
    assert "FAILED test_fails.py::test_fails (call): assert 1 == 2" in printed


def test_what_a_test_started_ends_with_its_process(tmp_path: Path) -> None:
    _ended(tmp_path, ("-o", "phase_limit_s=3"), hangs=STARTS_AND_HANGS)
    assert (tmp_path / "child").read_text() == "child\n"
    assert not _holders(tmp_path / "child")


@pytest.mark.parametrize("how", [ALONE, BESIDE], ids=["alone", "beside"])
def test_a_process_that_a_test_leaves_behind_fails_the_run(
    tmp_path: Path, how: tuple[str, ...]
) -> None:
    """One that computed for ever took a core of two from all later tests, and nobody saw it."""
    code, printed = _ended(tmp_path, how, leaves=LEAVES_A_CHILD, other=GOOD)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert re.search(r"LEFT BEHIND by test_leaves.py::test_leaves_one .*: .*sleep\(600\)", printed)


def _holders(path: Path) -> list[Path]:
    """The descriptors of living processes that have this file open."""
    found = []
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if descriptor.readlink() == path:
                found.append(descriptor)
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("text", "name", "ending"),
    [(DIES, "test_dies", "by SIGKILL"), (LEAVES, "test_leaves", "with exit code 7")],
    ids=["killed", "left"],
)
def test_a_lost_process_ends_the_run_by_its_tests_name(
    tmp_path: Path, text: str, name: str, ending: str
) -> None:
    begun = time.monotonic()
    code, printed = _ended(tmp_path, BESIDE, lost=text, others=LONG)
    assert code == 1
    assert f"FAILED test_lost.py::{name}" in printed
    assert f"test_lost.py::{name}: its process was lost, {ending}" in printed
    assert time.monotonic() - begun < patient(300)  # the others would take 600 s


def test_a_failure_is_named_when_it_happens(tmp_path: Path) -> None:
    with _started(tmp_path, ("-n", "1"), fails=FAILS_FIRST) as run:
        assert run.stdout is not None
        named = next(line for line in run.stdout if line.startswith("FAILED"))
        assert named.startswith("FAILED test_fails.py::test_fails (call): AssertionError: ")
        (tmp_path / "go").touch()
        assert "1 failed, 1 passed" in run.stdout.read()


def test_an_interrupted_run_says_what_it_was_at(tmp_path: Path) -> None:
    with _started(tmp_path, ("-n", "1", "-v"), waits=FAILS_FIRST) as run:
        assert run.stdout is not None
        printed = ""
        while "test_waits.py::test_waits" not in printed:  # it has no end of line before its end
            read = run.stdout.read(1)
            assert read, printed
            printed += read
        run.send_signal(signal.SIGINT)
        assert "INTERRUPTED test_waits.py::test_waits" in run.stdout.read()


def test_this_run_is_bounded(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.hasplugin("tests.bounded_run")
    assert 60 < float(pytestconfig.getini("phase_limit_s")) <= 600
    assert pytestconfig.getoption("maxworkerrestart") == "0"


def test_the_gate_ends_though_its_commands_hang(tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text("#!/bin/sh\ntrap '' INT\nsleep 600\n")
    make.chmod(0o755)
    short = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GATE_TEST": "1s", "GATE_GRACE": "1s"}
    done = subprocess.run([GATE], env={**os.environ, **short}, timeout=patient(60), check=False)
    assert done.returncode == 137  # killed: it would not hear


def test_the_parts_of_the_gate_take_less_than_80_minutes_together() -> None:
    parts = re.findall(r"bounded \S*?(\d+)m", GATE.read_text())
    grace = re.findall(r"GATE_GRACE:-(\d+)m", GATE.read_text())
    assert (len(parts), len(grace)) == (3, 1)
    assert sum(map(int, parts)) + len(parts) * int(grace[0]) < 80
