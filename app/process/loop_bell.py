"""Wakes coroutines of one event loop from any thread, without a queue that could grow."""

import asyncio
import contextlib


class LoopNotifier:
    """Rings for everybody who waits at that moment; many rings before the loop looks are one."""

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
