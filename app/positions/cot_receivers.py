"""The ports on which TAK devices tell where units are: one thread, one event loop.

They follow the configuration while they run. What is refused is counted, and told once a minute.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.positions.cot_receiver import UNKNOWN, CotReceiver
from app.positions.position_desk import PositionDesk
from config.devices import CotReceiverConfig
from config.site import Site
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_TOLD_EVERY_S = 60.0
_LOOK_S = 2.0
_STOP_S = 5.0


class CotReceivers:
    """Owns one thread between `start` and `stop`."""

    def __init__(
        self,
        site: Callable[[], Site],
        desk: PositionDesk,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._site = site
        self._desk = desk
        self._utc = utc
        self._thread = StoppableThread(self._run, "cot", interrupt=self._interrupt)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="cot-desk")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._running: dict[str, tuple[CotReceiverConfig, CotReceiver]] = {}
        self._deaf: dict[str, CotReceiverConfig] = {}  # told of once
        self._told_at = 0.0
        self.refused: Counter[str] = Counter()
        self.ports: dict[str, int] = {}
        """The port of each receiver that listens, by its id."""

    def start(self) -> None:
        """Begin; on return the receivers of the site listen, as far as their ports are free."""
        self._thread.start()
        self._ready.wait(_STOP_S)

    def stop(self) -> None:
        """End; a device tells its next position to who listens then. Twice is fine."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _interrupt(self) -> None:
        if self._loop is not None and self._main is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._main.cancel)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except asyncio.CancelledError:
            return
        except Exception:  # outermost line of the thread
            log.exception("CoT: unexpected")

    async def _serve(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        try:
            while not self._thread.is_stopping:
                await self._follow()
                self._ready.set()
                await asyncio.sleep(_LOOK_S)
                self._tell()
        finally:
            for _, receiver in self._running.values():
                await receiver.close()

    async def _follow(self) -> None:
        """Begin, end and restart receivers as the configuration says."""
        wanted = {one.id: one for one in self._site().cot_receivers}
        running = self._running
        for name in [name for name, (config, _) in running.items() if wanted.get(name) != config]:
            await running.pop(name)[1].close()
            self.ports.pop(name, None)
        for name, config in wanted.items():
            if name in running:
                continue
            receiver = CotReceiver(config, self._desk, self._utc, self._in_thread, self.refused)
            try:
                self.ports[name] = await receiver.open()
            except OSError as error:
                if self._deaf.get(name) != config:
                    log.error("CoT: receiver %s cannot listen: %s", name, error.strerror)
                self._deaf[name] = config
                continue
            self._deaf.pop(name, None)
            running[name] = (config, receiver)

    def _tell(self) -> None:
        """Say once a minute what was refused since."""
        if not self.refused or time.monotonic() - self._told_at < _TOLD_EVERY_S:
            return
        self._told_at = time.monotonic()
        for why, count in self.refused.most_common(10):
            log.warning("CoT: %d events were refused: %s", count, why)
        self.refused.clear()
        for name, (_, receiver) in self._running.items():
            if receiver.unknown is not None:
                log.warning("CoT: %s: the last %s: %r", name, UNKNOWN, receiver.unknown)
                receiver.unknown = None

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
