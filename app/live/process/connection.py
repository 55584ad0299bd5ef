"""The centre's end of the socket to the live process: starts it, asks it, gives it up.

It is started when it is first asked, and again after it ended, later each time it ends early. A
question has a deadline; one that hangs is killed by who renews its lease. On one event loop.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from app.live.process.frames import ChannelBroken, Head, frame_of, read_frame
from app.live.process.starter import StartedProcess, StartProcess
from app.live.refusals import CapacityExceeded, LiveStopping, LiveUnavailable, refusal_named
from app.live.settings import LiveSettings
from ingest.backoff import Backoff

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
STARTED_WITHIN_S = 30.0  # on a machine whose cores are all taken, Python alone takes ten
MOST_PENDING = 256
RENEW = "renew"  # always finds a place: by it one that hangs is known
STEADY_S = 20.0
BACKOFF = Backoff(first_s=0.5, longest_s=15.0)
_ENDED_WITHIN_S = 5.0

_Pending = tuple[str, "asyncio.Future[tuple[Head, bytes]]"]


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
        self._pending: dict[int, _Pending] = {}
        self._numbers = itertools.count(1)
        self._began_at = self._due_at = float("-inf")
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

    def tell(self, op: str, facts: Mapping[str, Any]) -> None:
        """Say something where a process runs; nobody awaits its answer, which takes no place."""
        if self._process is not None:
            self._process.writer.write(frame_of({**facts, "op": op, "id": None}))

    def break_off(self, ops: frozenset[str]) -> None:
        """End what waits for these answers, and begin nothing more."""
        self._is_closed = True
        for op, waiting in self._pending.values():
            if op in ops and not waiting.done():
                waiting.set_exception(LiveStopping())

    def give_up(self, why: str) -> None:
        """Kill the process; what is asked next starts another."""
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
            return await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            if self._is_closed:
                raise LiveStopping from None
            raise

    async def _open(self) -> StartedProcess:
        self._began_at = time.monotonic()
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
        self._pending[number] = op, waiting
        waiting.add_done_callback(lambda done: self._forget(number, done))
        process.writer.write(frame_of({**facts, "op": op, "id": number}, body))
        return waiting

    def _forget(self, number: int, done: "asyncio.Future[tuple[Head, bytes]]") -> None:
        self._pending.pop(number, None)
        if not done.cancelled():
            done.exception()  # of one that nobody awaits

    async def _listen(self, process: StartedProcess) -> None:
        try:
            while True:
                head, body = await read_frame(process.reader)
                _, waiting = self._pending.get(head.get("id") or -1, ("", None))
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
        for _, waiting in list(self._pending.values()):
            if not waiting.done():
                waiting.set_exception(LiveUnavailable("the live process ended"))
        self._on_lost()
        await asyncio.to_thread(process.stop, _ENDED_WITHIN_S)

    def _failed(self) -> None:
        now = time.monotonic()
        self._failures = 1 if now - self._began_at >= STEADY_S else self._failures + 1
        self._due_at = now + BACKOFF.grown_s(self._failures)
