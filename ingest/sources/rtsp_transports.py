"""Choice of an RTSP camera's transport: TCP, else UDP, else multicast."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import RefusedNow, TransportRefused, Unanswered
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection

Play: TypeAlias = Callable[[Transport, float], AvConnection]
"""Opens by this transport alone, within seconds; raises `SourceError`."""

log = logging.getLogger(__name__)
_ORDER = (Transport.TCP, Transport.UDP, Transport.MULTICAST)
_FIRST_WAIT_S = 0.25
_LEAST_SHARE = 0.25
"""Of the open timeout: what every try gets, however long those before it took."""
_MOST_REMEMBERED = 10_000


class TransportMemory:
    """Transport to start with by masked address: TCP unless the camera refused it.

    Thread-safe; the oldest of too many addresses is dropped.
    """

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, Transport] = OrderedDict()

    def first(self, url: SecretUrl) -> Transport:
        """Return the transport to request first."""
        with self._lock:
            return self._by_address.get(str(url), Transport.TCP)

    def store(self, url: SecretUrl, transport: Transport) -> bool:
        """Store the transport to request first; return whether it changed."""
        with self._lock:
            before = self._by_address.pop(str(url), Transport.TCP)
            if transport is not Transport.TCP:
                self._by_address[str(url)] = transport
            if len(self._by_address) > self._most:
                self._by_address.popitem(last=False)
            return transport is not before


REMEMBERED = TransportMemory()
"""Of this process: the camera's worker, or all live views."""


def opened(
    url: SecretUrl, settings: OpenSettings, play: Play, memory: TransportMemory = REMEMBERED
) -> AvConnection:
    """Open by the configured transport, or by the first one that the camera has.

    Raise `SourceError`; `TransportRefused` if it has none.
    """
    asking = _Asking(play, settings.open_timeout_s)
    if settings.transport is not Transport.AUTO:
        return asking.opened(settings.transport)
    first = memory.first(url)
    refused: TransportRefused | None = None
    order = (first, *(one for one in _ORDER if one is not first))
    for transport, following in zip(order, (*order[1:], Transport.TCP), strict=True):
        try:
            return asking.opened(transport)
        except TransportRefused as error:
            refused = error
            if memory.store(url, following) and following is not Transport.TCP:
                log.info("%s: it has no %s, trying %s", url, _name(transport), _name(following))
            asking.wait()
        except Unanswered:
            if transport is first:  # it had its full time: perhaps the camera has another now
                memory.store(url, Transport.TCP)
            raise
    raise refused or TransportRefused(str(url))


class _Asking:
    """Attempts within one open timeout, with growing waits."""

    def __init__(self, play: Play, within_s: float) -> None:
        self._play = play
        self._until = time.monotonic() + within_s
        self._least_s = within_s * _LEAST_SHARE
        self._wait_s = _FIRST_WAIT_S

    def opened(self, transport: Transport) -> AvConnection:
        """Open by this transport; repeat while the camera refuses temporarily."""
        while True:
            try:
                return self._play(transport, max(self._least_s, self._left_s()))
            except RefusedNow:
                if not self.wait():
                    raise

    def wait(self) -> bool:
        """Wait before another attempt; return False if there is no time for one."""
        if self._wait_s + self._least_s > self._left_s():
            return False
        time.sleep(self._wait_s)
        self._wait_s *= 2
        return True

    def _left_s(self) -> float:
        return self._until - time.monotonic()


def _name(transport: Transport) -> str:
    return "multicast" if transport is Transport.MULTICAST else transport.upper()
