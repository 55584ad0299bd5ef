"""Receivers of panels: TCP and UDP, one task each on their own loop."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from thapcanh.app.process.listening_ports import ListeningPorts
from thapcanh.app.process.loop_thread import ServingThread
from thapcanh.app.signals.panels.panel_makes import panel_makes
from thapcanh.app.signals.panels.panel_receiver import PanelReceiver
from thapcanh.app.signals.panels.panel_saver import PanelSaver
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.devices import PanelReceiverConfig
from thapcanh.config.site import Site

_LOOK_S = 2.0
_STOP_S = 5.0


class PanelReceivers:
    """Receivers that own one thread between `start` and `stop`."""

    def __init__(
        self,
        site: Callable[[], Site],
        desk: SignalService,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._utc = utc
        self._thread = ServingThread(self._serve, "panels")
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="panels-desk")
        self._saver = PanelSaver(desk, self._pool)
        self._ports = ListeningPorts("panels", lambda: site().receivers, self._receiver)

    @property
    def ports(self) -> Mapping[str, int]:
        return self._ports.ports

    @property
    def refused(self) -> Mapping[str, int]:
        """Refused frames since the last log line, by receiver and reason."""
        return self._ports.refused

    def start(self) -> None:
        """Begin; on return the receivers of the site listen, as far as their ports are free."""
        self._thread.start(_STOP_S)

    def stop(self) -> None:
        """End; what was not answered is sent again by its panel. Twice is fine."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self) -> None:
        saving = asyncio.create_task(self._saver.run())
        try:
            while not self._thread.is_stopping:
                await self._ports.follow()
                self._thread.ready()
                await asyncio.sleep(_LOOK_S)
                self._ports.tell("frames")
        finally:
            await self._ports.close()
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)

    def _receiver(self, config: PanelReceiverConfig) -> PanelReceiver | None:
        make = panel_makes().get(config.make)
        if make is None:
            self._ports.report_deaf(config, f"there is no make {config.make!r}")
            return None
        return PanelReceiver(config, make, self._saver, self._utc, self._ports.refused)
