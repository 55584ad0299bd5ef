"""Event loops on their own threads: one for messages to a process, one that serves until stopped.

`LoopNotifier` wakes coroutines of one loop from any thread without a growing queue.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from thapcanh.ingest.clock import Clock
from thapcanh.ingest.stoppable_thread import StoppableThread

_T = TypeVar("_T")
_START_WITHIN_S = 5.0


class LoopStopped(Exception):
    """The loop has been stopped: the centre ends."""


class LoopThread:
    """Starts when first used. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._main, "live-signals", interrupt=self._interrupt)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._started = threading.Event()

    @property
    def is_started(self) -> bool:
        """True if anything has run on it."""
        return self._thread.was_started

    def submit(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Run a coroutine on the loop. Raises `LoopStopped`."""
        with self._lock:
            if self._thread.is_stopping:
                work.close()
                raise LoopStopped
            self._thread.start()
        if not self._started.wait(_START_WITHIN_S) or self._loop is None:
            work.close()
            raise LoopStopped
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine there and await it on the caller's loop."""
        return await asyncio.wrap_future(self.submit(work))

    def stop(self, within_s: float) -> bool:
        """End the loop and wait for its thread; true when it has ended. Idempotent."""
        with self._lock:
            self._thread.request_stop()
        return self._thread.stop(within_s)

    def _interrupt(self) -> None:
        if self._loop is not None and self._ending is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ending.set)

    def _main(self) -> None:
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._started.set()
        if not self._thread.is_stopping:
            await self._ending.wait()


class LoopNotifier:
    """Notifier of all current waiters; notifications before the loop runs are merged."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: set[asyncio.Future[None]] = set()
        self._is_rung = False

    def notify(self) -> None:
        """Wake who waits; from any thread, also after the loop has ended."""
        if self._is_rung:
            return
        self._is_rung = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._wake)

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the next ring on the loop itself; false when it did not come in time."""
        waiter = self._loop.create_future()
        self._waiting.add(waiter)
        try:
            done, _ = await asyncio.wait((waiter,), timeout=timeout_s)
            return bool(done)
        finally:
            self._waiting.discard(waiter)

    def _wake(self) -> None:
        self._is_rung = False  # before waking: what is rung from now on needs another look
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)


log = logging.getLogger(__name__)


class ServingThread:
    """Runs `serve` on a loop of its own, which calls `ready` once it serves."""

    def __init__(
        self, serve: Callable[[], Coroutine[Any, Any, None]], name: str, clock: Clock | None = None
    ) -> None:
        self._serve = serve
        self._name = name
        self._thread = StoppableThread(self._run, name, clock, interrupt=self._interrupt)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()

    @property
    def is_stopping(self) -> bool:
        """True once stopping, even if a library swallowed the cancellation."""
        return self._thread.is_stopping

    def start(self, within_s: float) -> None:
        """Begin, and wait at most so long until it serves."""
        self._thread.start()
        self._ready.wait(within_s)

    def ready(self) -> None:
        """Mark it as serving; called by the server."""
        self._ready.set()

    def stop(self, within_s: float) -> None:
        """End, and wait at most so long for it. Twice is fine."""
        self._thread.stop(within_s)

    def _interrupt(self) -> None:
        if self._loop is not None and self._main is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._main.cancel)

    def _run(self) -> None:
        try:
            asyncio.run(self._begun())
        except asyncio.CancelledError:
            return
        except Exception:  # outermost line of the thread
            log.exception("%s stopped: unexpected", self._name)
        finally:
            self._ready.set()

    async def _begun(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        if not self._thread.is_stopping:
            await self._serve()
