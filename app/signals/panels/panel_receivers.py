"""The receivers on which panels call: TCP and UDP, one task each on a loop of its own.

A frame is answered once its signals are on the disk; one that could not be saved is not answered,
and the panel sends it again. Many panels that call at once are saved together. Junk is counted and
told once a minute, and its connection ended.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.signals.panels.panel_makes import panel_makes
from app.signals.panels.panel_receiver import PanelReceiver
from app.signals.panels.panel_saver import PanelSaver
from app.signals.signal_desk import SignalDesk
from config.devices import PanelReceiverConfig
from config.site import Site
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_TOLD_EVERY_S = 60.0
_LOOK_S = 2.0
_STOP_S = 5.0
_Running = dict[str, tuple[PanelReceiverConfig, PanelReceiver]]


class PanelReceivers:
    """Owns one thread between `start` and `stop`."""

    def __init__(
        self,
        site: Callable[[], Site],
        desk: SignalDesk,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._site = site
        self._desk = desk
        self._utc = utc
        self._thread = StoppableThread(self._run, "panels", interrupt=self._interrupt)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="panels-desk")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self.refused: Counter[str] = Counter()
        self._told_at = 0.0
        self.ports: dict[str, int] = {}
        """The port of each receiver that listens, by its id."""

    def start(self) -> None:
        """Begin; on return the receivers of the site listen, as far as their ports are free."""
        self._thread.start()
        self._ready.wait(_STOP_S)

    def stop(self) -> None:
        """End; what was not answered is sent again by its panel. Twice is fine."""
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
            log.exception("panels: unexpected")

    async def _serve(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        running: _Running = {}
        saver = PanelSaver(self._desk, self._pool)
        saving = asyncio.create_task(saver.run())
        try:
            while not self._thread.is_stopping:
                await self._follow(running, saver)
                self._ready.set()
                await asyncio.sleep(_LOOK_S)
                self._tell()
        finally:
            for _, receiver in running.values():
                await receiver.close()
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)

    async def _follow(self, running: _Running, saver: PanelSaver) -> None:
        """Begin, end and restart receivers as the configuration says."""
        wanted = {one.id: one for one in self._site().receivers}
        for name in [name for name, (config, _) in running.items() if wanted.get(name) != config]:
            await running.pop(name)[1].close()
            self.ports.pop(name, None)
        for name, config in wanted.items():
            if name in running:
                continue
            make = panel_makes().get(config.make)
            if make is None:
                log.error("panels: receiver %s: there is no make %r", name, config.make)
                continue
            receiver = PanelReceiver(config, make, saver, self._utc, self.refused)
            try:
                self.ports[name] = await receiver.open()
            except OSError as error:
                log.error("panels: receiver %s cannot listen: %s", name, error.strerror)
                continue
            running[name] = (config, receiver)

    def _tell(self) -> None:
        """Say once a minute what was refused since."""
        if not self.refused or time.monotonic() - self._told_at < _TOLD_EVERY_S:
            return
        self._told_at = time.monotonic()
        for why, count in self.refused.most_common(10):
            log.warning("panels: %d frames were refused: %s", count, why)
        self.refused.clear()
