"""No run of the tests stands still, and none ends without a name.

A test's setup, its call and its teardown each take at most `phase_limit_s` seconds; the one that
takes longer is named, the stacks of all threads are printed, and its process ends with all it has
started. The run ends at once with a process that was lost, by the name of its test. The name of a
failure is printed when it happens, and an interrupted run says what it was at. A process that a
test started and left is ended and named with that test, and fails the run: it would take a core
from all that come after.
"""

import faulthandler
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

_INI = "phase_limit_s"
_LIMIT_S = "300"  # PATIENCE_S several times; the longest phase of a loaded machine is far below
_NATIVE_S = 10.0  # later, for native code that holds the interpreter: nothing names its test
_LATE = 3  # the exit code of a process whose test took too long
_LEFT_S = 20.0  # what was told to end may take so long
_RUN = "TESTS_OF_RUN"  # all that a run starts has it in its environment
_STDERR = pytest.StashKey[int]()  # a descriptor that no test's output is caught from


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(_INI, "seconds that a setup, a call or a teardown may take", default=_LIMIT_S)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_STDERR] = os.dup(2)
    if not hasattr(config, "workerinput"):  # else it is a process of a run, which tells
        os.environ[_RUN] = f"{os.getpid()}"
        config.pluginmanager.register(_Told(config), "told_at_once")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _bounded(item, "setup"):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _bounded(item, "call"):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    with _bounded(item, "teardown"):
        return (yield)


@contextmanager
def _bounded(item: pytest.Item, phase: str) -> Iterator[None]:
    limit_s = float(item.config.getini(_INI))
    told = f"\n{item.nodeid}: its {phase} took longer than {limit_s:g} s\n"
    stderr = item.config.stash[_STDERR]
    timer = threading.Timer(limit_s, _end, [told, stderr])
    timer.daemon = True
    timer.start()
    faulthandler.dump_traceback_later(limit_s + _NATIVE_S, exit=True, file=stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        timer.cancel()
        timer.join()


def _end(told: str, stderr: int) -> None:
    """End this process and what it has started, which would hold ports and memory."""
    os.write(stderr, told.encode())
    faulthandler.dump_traceback(file=stderr)
    for started in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            started.kill()
    os._exit(_LATE)


class _Told:
    """What the process says that has the terminal: it runs the tests, or leads those that do."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._running: dict[str, None] = {}
        self._ended_with = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = None

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.pop(nodeid, None)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.failed:
            return
        reason = getattr(getattr(report.longrepr, "reprcrash", None), "message", report.longrepr)
        first_line = next(iter(str(reason).splitlines()), "")
        self._say(f"FAILED {report.nodeid} ({report.when}): {first_line}")
        if report.when not in ("setup", "call", "teardown"):  # xdist's own, of a lost process
            lost = f"{report.nodeid}: its process was lost{self._ended_with}"
            pytest.exit(lost, returncode=pytest.ExitCode.TESTS_FAILED)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Remember how a process ended; xdist tells next which test it was at."""
        process = getattr(getattr(getattr(node, "gateway", None), "_io", None), "popen", None)
        if error and isinstance(process, subprocess.Popen):
            with suppress(subprocess.TimeoutExpired):
                self._ended_with = f", {_ending(process.wait(_NATIVE_S))}"

    def pytest_keyboard_interrupt(self) -> None:
        for nodeid in self._running:
            self._say(f"INTERRUPTED {nodeid}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that leaves a process behind; those that run its tests have ended before."""
        until = time.monotonic() + _LEFT_S
        while (left := _left_behind()) and time.monotonic() < until:
            time.sleep(0.2)
        for process, test in left:
            with suppress(psutil.Error):
                self._say(f"LEFT BEHIND by {test}: {' '.join(process.cmdline())[:200]}")
                process.kill()
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _say(self, line: str) -> None:
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(f"\n{line}")
            sys.stdout.flush()


def _left_behind() -> list[tuple[psutil.Process, str]]:
    """The living processes that tests of this run have started, each with its test."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(_RUN) == os.environ[_RUN] and process.pid != os.getpid():
                found.append((process, environment.get("PYTEST_CURRENT_TEST", "a fixture")))
    return found


def _ending(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
