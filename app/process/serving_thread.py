"""A thread whose event loop serves until its owner stops it; then what it serves is cancelled."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from thapcanh.ingest.clock import Clock
from thapcanh.ingest.stoppable_thread import StoppableThread

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
