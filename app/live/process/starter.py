"""Starts the live process at the other end of a pair of sockets; no path, no port, no secret.

Its environment holds what any program may need. The centre's end closes with the centre, and the
live process ends with its own.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.child_process import ChildProcess, ChildSetup, start_child

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedProcess:
    """A process that was started. `stop` waits so many seconds for its end, then kills it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pid: int
    kill: Callable[[], None]
    stop: Callable[[float], None]


StartProcess = Callable[[str], Awaitable[StartedProcess]]
"""Starts it with the form of its log; raises `OSError`."""


async def start_live_process(log_format: str) -> StartedProcess:
    """Start the live process. Raises `OSError`."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = await asyncio.to_thread(_started, theirs.fileno(), log_format)
        except BaseException:
            ours.close()
            raise
    reader, writer = await asyncio.open_connection(sock=ours)
    return StartedProcess(
        reader=reader,
        writer=writer,
        pid=process.pid,
        kill=lambda: _kill(process),
        stop=lambda within_s: _stop(process, within_s),
    )


def resident_bytes(pid: int) -> int:
    """The memory that a process holds; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    return 0


def _started(descriptor: int, log_format: str) -> ChildProcess:
    command = (sys.executable, "-P", "-m", "app.live.process.child", str(descriptor), log_format)
    setup = ChildSetup(stdin=subprocess.DEVNULL, stdout=None, pass_fds=(descriptor,))
    return start_child(command, setup)


def _kill(process: ChildProcess) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)


def _stop(process: ChildProcess, within_s: float) -> None:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        _kill(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(within_s)  # else it hangs inside the kernel, as on a share that hangs
