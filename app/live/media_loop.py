"""An event loop on a thread of its own, for everything that sends media.

Packetising and encryption never hold up the web API's loop. It starts with the first viewer; when
it stops, what still runs on it is cancelled and awaited: no task is destroyed while pending.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_T = TypeVar("_T")
_START_WITHIN_S = 5.0


class MediaStopped(Exception):
    """The loop has been stopped: the centre ends."""


class MediaLoop:
    """Starts when first used. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._started = threading.Event()
        self._stopped = False

    @property
    def is_started(self) -> bool:
        """Whether anything has ever run on it."""
        return self._thread is not None

    def submit(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Run a coroutine on the loop. Raises `MediaStopped`."""
        with self._lock:
            if self._stopped:
                work.close()
                raise MediaStopped
            if self._thread is None:
                self._thread = threading.Thread(target=self._main, name="live-media", daemon=True)
                self._thread.start()
        if not self._started.wait(_START_WITHIN_S) or self._loop is None:
            work.close()
            raise MediaStopped
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine there and await it here, on the caller's own loop."""
        return await asyncio.wrap_future(self.submit(work))

    def stop(self, within_s: float) -> bool:
        """End the loop and wait for its thread; true when it has ended. Idempotent."""
        with self._lock:
            self._stopped = True
            thread, loop, ending = self._thread, self._loop, self._ending
        if thread is None:
            return True
        if loop is not None and ending is not None and not loop.is_closed():
            loop.call_soon_threadsafe(ending.set)
        thread.join(within_s)
        return not thread.is_alive()

    def _main(self) -> None:
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._started.set()
        await self._ending.wait()
