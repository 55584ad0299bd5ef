"""Centre's connection to the live process: starts it, sends requests, kills it.

On one event loop. `start_live_process` uses a socket pair: no path, port or secret.
"""

import asyncio
import itertools
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thapcanh.app.live.process.frames import ChannelBroken, Head, frame_of, read_frame
from thapcanh.app.live.refusals import (
    CapacityExceeded,
    LiveStopping,
    LiveUnavailable,
    refusal_named,
)
from thapcanh.app.live.settings import LiveSettings
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.child_process import ChildProcess, ChildSetup, start_child

log = logging.getLogger(__name__)
ANSWER_WITHIN_S = 10.0
STARTED_WITHIN_S = 30.0  # on a machine whose cores are all taken, Python alone takes ten
MOST_PENDING = 256
RENEW = "renew"  # always finds a place: by it one that hangs is known
STEADY_S = 20.0
BACKOFF = Backoff(first_s=0.5, longest_s=15.0)
_ENDED_WITHIN_S = 5.0
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


class LiveConnection:
    """One live process at a time. `on_lost` is called each time it ended."""

    def __init__(
        self, start: StartProcess, settings: LiveSettings, on_lost: Callable[[], None]
    ) -> None:
        self._start = start
        self._settings = settings
        self._on_lost = on_lost
        self.log_format = "text"
        self._opening: asyncio.Task[StartedProcess] | None = None
        self._process: StartedProcess | None = None
        self._listening: asyncio.Task[None] | None = None
        self._pending: dict[int, asyncio.Future[tuple[Head, bytes]]] = {}
        self._numbers = itertools.count(1)
        self._started_at = self._due_at = float("-inf")
        self._failures = 0
        self._is_closed = False
        self.starts = 0

    @property
    def process(self) -> StartedProcess | None:
        """The process, while it runs."""
        return self._process

    async def ask(
        self, op: str, facts: Mapping[str, Any], body: bytes = b"", *, within_s: float
    ) -> tuple[Head, bytes]:
        """Ask and await the answer. Raises `LiveRefused` or `BadOffer`."""
        process = await self._opened()
        answer = self._sent(process, op, facts, body)
        try:
            async with asyncio.timeout(within_s):
                head, content = await answer
        except TimeoutError:
            raise LiveUnavailable(f"the live process gave no answer in {within_s:.0f} s") from None
        if "refused" in head:
            raise refusal_named(head["refused"], head.get("message"))
        return head, content

    async def begin(self) -> None:
        """Start the process before the first request. Raises `LiveRefused`."""
        await self._opened()

    def tell(self, op: str, facts: Mapping[str, Any]) -> None:
        """Send a message without an answer, if a process runs."""
        if self._process is not None:
            self._process.writer.write(frame_of({**facts, "op": op, "id": None}))

    def break_off(self) -> None:
        """Fail pending requests, and start nothing more."""
        self._is_closed = True
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(LiveStopping())

    def give_up(self, why: str) -> None:
        """Kill the process; the next request starts another."""
        if self._process is not None:
            log.error("the live process %s, killing it", why)
            self._process.kill()

    async def close(self) -> None:
        """End the process and wait for it, within bounds. Idempotent."""
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._process is not None:
            self._process.writer.close()
        if self._listening is not None:
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _opened(self) -> StartedProcess:
        if self._is_closed:
            raise LiveStopping
        if self._process is not None:
            return self._process
        if self._opening is None:
            if time.monotonic() < self._due_at:
                raise LiveUnavailable("the live process ended and starts again in a moment")
            self._opening = asyncio.create_task(self._open(), name="live-start")
        try:
            process = await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            if self._is_closed:
                raise LiveStopping from None
            raise
        if self._is_closed:
            raise LiveStopping
        return process

    async def _open(self) -> StartedProcess:
        self._started_at = time.monotonic()
        self.starts += 1
        try:
            process = await self._start(self.log_format)
            try:
                async with asyncio.timeout(STARTED_WITHIN_S):
                    process.writer.write(frame_of(asdict(self._settings)))
                    await read_frame(process.reader)
            except BaseException:
                process.kill()
                process.writer.close()
                await asyncio.to_thread(process.stop, _ENDED_WITHIN_S)
                raise
        except (OSError, TimeoutError, ChannelBroken) as error:
            self._failed()
            log.error("the live process does not start: %s", error or type(error).__name__)
            raise LiveUnavailable("the live process does not start") from None
        finally:
            self._opening = None
        self._process = process
        self._listening = asyncio.create_task(self._listen(process), name="live-answers")
        return process

    def _sent(
        self, process: StartedProcess, op: str, facts: Mapping[str, Any], body: bytes
    ) -> "asyncio.Future[tuple[Head, bytes]]":
        if op != RENEW and len(self._pending) >= MOST_PENDING:
            raise CapacityExceeded(f"{MOST_PENDING} requests wait for the live process")
        number = next(self._numbers)
        waiting: asyncio.Future[tuple[Head, bytes]] = asyncio.get_running_loop().create_future()
        self._pending[number] = waiting
        waiting.add_done_callback(lambda done: self._discard(number, done))
        process.writer.write(frame_of({**facts, "op": op, "id": number}, body))
        return waiting

    def _discard(self, number: int, done: "asyncio.Future[tuple[Head, bytes]]") -> None:
        self._pending.pop(number, None)
        if not done.cancelled():
            done.exception()  # of one that nobody awaits

    async def _listen(self, process: StartedProcess) -> None:
        try:
            while True:
                head, body = await read_frame(process.reader)
                waiting = self._pending.get(head.get("id") or -1)
                if waiting is not None and not waiting.done():
                    waiting.set_result((head, body))
        except ChannelBroken:
            pass
        finally:
            await self._lost(process)

    async def _lost(self, process: StartedProcess) -> None:
        self._process = None
        process.writer.close()
        if not self._is_closed:
            self._failed()
            log.error("the live process ended; live views end and come again")
        for waiting in list(self._pending.values()):
            if not waiting.done():
                waiting.set_exception(LiveUnavailable("the live process ended"))
        self._on_lost()
        await asyncio.to_thread(process.stop, _ENDED_WITHIN_S)

    def _failed(self) -> None:
        now = time.monotonic()
        self._failures = 1 if now - self._started_at >= STEADY_S else self._failures + 1
        self._due_at = now + BACKOFF.grown_s(self._failures)


async def start_live_process(log_format: str) -> StartedProcess:
    """Start the live process. Raises `OSError`."""
    parent_end, child_end = socket.socketpair()
    with child_end:
        try:
            process = await asyncio.to_thread(_started, child_end.fileno(), log_format)
        except BaseException:
            parent_end.close()
            raise
    reader, writer = await asyncio.open_connection(sock=parent_end)
    return StartedProcess(
        reader=reader,
        writer=writer,
        pid=process.pid,
        kill=lambda: _kill(process),
        stop=lambda within_s: _stop(process, within_s),
    )


def resident_bytes(pid: int) -> int:
    """Return a process's resident memory in bytes; 0 if unknown."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    return 0


def _started(descriptor: int, log_format: str) -> ChildProcess:
    command = (
        sys.executable,
        "-P",
        "-m",
        "thapcanh.app.live.process.child",
        str(descriptor),
        log_format,
    )
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
