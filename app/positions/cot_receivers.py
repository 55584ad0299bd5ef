"""Receivers of TAK positions: one thread, one event loop."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from thapcanh.app.positions.cot_receiver import UNKNOWN, CotReceiver
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.process.listening_ports import ListeningPorts
from thapcanh.app.process.serving_thread import ServingThread
from thapcanh.config.devices import CotReceiverConfig
from thapcanh.config.site import Site

log = logging.getLogger(__name__)

_LOOK_S = 2.0
_STOP_S = 5.0


class CotReceivers:
    """Receivers that own one thread between `start` and `stop`."""

    def __init__(
        self,
        site: Callable[[], Site],
        desk: PositionService,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._desk = desk
        self._utc = utc
        self._thread = ServingThread(self._serve, "cot")
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="cot-desk")
        self._ports = ListeningPorts("CoT", lambda: site().cot_receivers, self._receiver)

    @property
    def ports(self) -> Mapping[str, int]:
        return self._ports.ports

    @property
    def refused(self) -> Mapping[str, int]:
        """Refused events since the last log line, by receiver and reason."""
        return self._ports.refused

    def start(self) -> None:
        """Begin; on return the receivers of the site listen, as far as their ports are free."""
        self._thread.start(_STOP_S)

    def stop(self) -> None:
        """Stop; idempotent. Devices send their next position to another centre."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _serve(self) -> None:
        try:
            while not self._thread.is_stopping:
                await self._ports.follow()
                self._thread.ready()
                await asyncio.sleep(_LOOK_S)
                self._report()
        finally:
            await self._ports.close()

    def _receiver(self, config: CotReceiverConfig) -> CotReceiver:
        return CotReceiver(config, self._desk, self._utc, self._in_thread, self._ports.refused)

    def _report(self) -> None:
        """Log refused events and unregistered names once a minute."""
        if not self._ports.tell("events"):
            return
        for name, receiver in self._ports.receivers():
            if receiver.unknown is not None:
                log.warning("CoT: %s: the last %s: %r", name, UNKNOWN, receiver.unknown)
                receiver.unknown = None

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
