"""The telephone service: one thread, one loop, a task for each exchange of the configuration."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from alerts.calls.incoming_call_store import IncomingCallRepository
from alerts.calls.incoming_calls import IncomingNotice
from app.stream.change_notifier import ChangeNotifier
from app.telephone.exchange_health import ExchangeState
from app.telephone.exchanges import make_exchange
from app.telephone.listener import ExchangeListener
from config.site import Site
from ingest.clock import Clock
from ingest.stoppable_thread import StoppableThread

_FOLLOW_S = 1.0
_STOP_S = 10.0


class TelephoneService:
    """Owns one thread between `start` and `stop`; follows the configuration."""

    def __init__(
        self,
        calls: IncomingCallRepository,
        site: Callable[[], Site],
        bell: ChangeNotifier,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._site = site
        self._bell = bell
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="telephone-archive")
        self._thread = StoppableThread(self._run, "telephone", clock, interrupt=self._interrupt)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._running: dict[str, tuple[ExchangeListener, asyncio.Task[None]]] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._ready.wait(_STOP_S)

    def stop(self) -> None:
        """End; twice is fine."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def states(self) -> list[ExchangeState]:
        """How each exchange is heard. Any thread."""
        return [
            ExchangeState(id=one.config.id, name=one.config.name or one.config.id, error=one.error)
            for one, _ in list(self._running.values())
        ]

    def _interrupt(self) -> None:
        if self._loop is not None and self._main is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._main.cancel)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        try:
            while not self._thread.is_stopping:
                await self._follow_site()
                await asyncio.sleep(_FOLLOW_S)
        finally:
            for name in list(self._running):
                await self._end(name)

    async def _follow_site(self) -> None:
        """Begin, end and restart listeners as the configuration says."""
        wanted = {one.id: one for one in self._site().exchanges}
        for name in list(self._running):
            listener, task = self._running[name]
            if task.done() or wanted.get(name) != listener.config:
                await self._end(name)
        for name, config in wanted.items():
            if name not in self._running:
                exchange = make_exchange(config)
                one = ExchangeListener(config, exchange, self._write, self._clock, self._pool)
                self._running[name] = (one, asyncio.create_task(one.run()))

    async def _end(self, name: str) -> None:
        _, task = self._running.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _write(self, notice: IncomingNotice) -> None:
        self._calls.note(notice)
        self._bell.notify()
