"""Child processes, limited, without secrets, and ended with their parent.

The kernel ends a child when the *thread* that started it ends, so one thread of the process starts
them all (Linux; elsewhere a child ends with its pipes). A child that must not be killed gets
SIGTERM (`ends_by`).
"""

import asyncio
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from thapcanh.ingest.stoppable_thread import StoppableThread

ChildProcess: TypeAlias = subprocess.Popen[bytes]
LIMITED = frozenset({-signal.SIGXCPU, -signal.SIGKILL})
"""Exit codes of a child that took too much time, or was killed after it."""
MOST_OUTPUT_BYTES = 64 << 20
_LAUNCHER = Path(__file__).with_name("child_launcher.py")
_PLAIN = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildBounds:
    """Limits of a child; 0 means none. `niceness` is added to ours."""

    memory_bytes: int = 0
    cpu_s: int = 0
    niceness: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSetup:
    """Start options of a child. `environment` is all it gets; None means the plain one.

    `ends_by` is the signal sent when this process ends; 0 for a child that outlives it.
    """

    bounds: ChildBounds = ChildBounds()
    environment: Mapping[str, str] | None = None
    ends_by: int = signal.SIGKILL
    stdin: int = subprocess.PIPE
    stdout: int | None = subprocess.PIPE
    stderr: int | None = None
    pass_fds: Sequence[int] = field(default=())


def plain_environment(matching: Mapping[str, str]) -> dict[str, str]:
    """Return the variables any program may need, and no secret: `/proc` shows them."""
    return {key: value for key, value in matching.items() if key in _PLAIN}


def start_child(command: Sequence[str], setup: ChildSetup | None = None) -> ChildProcess:
    """Start it, from any thread, in a session of its own. Raises `OSError` where it cannot be."""
    setup = setup or ChildSetup()
    words = _tied(command, setup)
    return _starter().start(
        lambda: subprocess.Popen(
            words,
            stdin=setup.stdin,
            stdout=setup.stdout,
            stderr=setup.stderr,
            env=_reported(setup),
            pass_fds=setup.pass_fds,
            start_new_session=True,
        )
    )


def run_child(
    command: Sequence[str], within_s: float, setup: ChildSetup | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Run it to its end. Raises `subprocess.TimeoutExpired` and ends it, or `OSError`."""
    with start_child(command, setup) as process:
        try:
            out, err = process.communicate(timeout=within_s)
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)


async def start_child_on_loop(
    command: Sequence[str], setup: ChildSetup
) -> asyncio.subprocess.Process:
    """Start a child whose life is tied to the event loop's thread. Raise `OSError`."""
    return await asyncio.create_subprocess_exec(
        *_tied(command, setup),
        stdin=setup.stdin,
        stdout=setup.stdout,
        stderr=setup.stderr,
        env=_reported(setup),
        start_new_session=True,
    )


class HeldChild:
    """Run of a child that any thread may end, also before it starts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._is_over = False
        self.used_s: float | None = None
        """What it used of a processor, once it is over; None where nobody can say."""

    @contextmanager
    def running(
        self, command: Sequence[str], setup: ChildSetup, within_s: float
    ) -> Iterator[ChildProcess]:
        """Run it while the block does, at most so long. Raises `OSError` where it cannot be."""
        with start_child(command, setup) as process:
            timer = threading.Timer(within_s, self.stop)
            timer.daemon = True
            timer.start()
            self._hold(process)
            try:
                yield process
            finally:
                timer.cancel()
                self.stop()
                self.used_s = _processor_s(process)
                self._hold(None)

    def stop(self) -> None:
        """Stop it; idempotent."""
        with self._lock:
            self._is_over = True
            self._kill()

    def _hold(self, process: ChildProcess | None) -> None:
        with self._lock:
            self._process = process
            if self._is_over:
                self._kill()

    def _kill(self) -> None:
        if self._process is not None:  # not waited for, so the number is still its own
            os.kill(self._process.pid, signal.SIGKILL)


def _processor_s(process: ChildProcess) -> float | None:
    """Return the CPU seconds of a killed process that was not waited for yet."""
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def give_job(process: ChildProcess, job: Mapping[str, Any]) -> None:
    """Write the job as JSON to the child's input and close it."""
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(json.dumps(job).encode())


def lines_of(
    process: ChildProcess, most_bytes: int = MOST_OUTPUT_BYTES
) -> Iterator[dict[str, Any]]:
    """Yield its JSON lines until it ends or exceeds `most_bytes`.

    Lines printed by libraries are skipped.
    """
    if process.stdout is None:
        return
    with process.stdout as lines:
        while line := lines.readline(most_bytes + 1):
            most_bytes -= len(line)
            if most_bytes < 0:
                return
            with suppress(ValueError):
                stated = json.loads(line)
                if isinstance(stated, dict) and isinstance(stated.get("phase"), str):
                    yield stated


def _tied(command: Sequence[str], setup: ChildSetup) -> list[str]:
    """Return the command with the launcher. Raise `FileNotFoundError`."""
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(f"{command[0]}: no such program")
    bounds = setup.bounds
    limits = (os.getpid(), setup.ends_by, bounds.niceness, bounds.memory_bytes, bounds.cpu_s)
    launcher = (sys.executable, "-I", "-S", str(_LAUNCHER))
    return [*launcher, *(str(int(one)) for one in limits), *command]


def _reported(setup: ChildSetup) -> Mapping[str, str]:
    return plain_environment(os.environ) if setup.environment is None else setup.environment


class _ChildStarter:
    """Thread that starts all children and ends with the process."""

    def __init__(self) -> None:
        self.of_process = os.getpid()
        self._orders: queue.SimpleQueue[tuple[Any, Future[ChildProcess]]]
        self._orders = queue.SimpleQueue()
        self._thread = StoppableThread(self._run, "child-starter")
        self._thread.start()

    def start(self, started: Any) -> ChildProcess:
        """Return what `started` returns on the thread, or raise what it raises."""
        made: Future[ChildProcess] = Future()
        self._orders.put((started, made))
        return made.result()

    def _run(self) -> None:
        while True:
            started, made = self._orders.get()
            try:
                made.set_result(started())
            except BaseException as error:  # noqa: BLE001 raised where it was asked for
                made.set_exception(error)


_changing = threading.Lock()
_the_starter: _ChildStarter | None = None


def _starter() -> _ChildStarter:
    global _the_starter  # noqa: PLW0603 one a process
    with _changing:
        if _the_starter is None or _the_starter.of_process != os.getpid():
            _the_starter = _ChildStarter()
        return _the_starter
