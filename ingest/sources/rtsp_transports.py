"""By which transport an RTSP camera plays: TCP, else UDP, else multicast, each asked for by itself.

A server may hold what belonged to a connection that was just closed, and refuses the next one for a
moment (453, 454, 5xx): a look at where it plays, or a transport that it has not (461), comes right
before. So it is asked again after growing waits, within the open timeout. Which transport a camera
has is remembered by its address: a reconnect, or another reader of this process, begins with it.
All on the caller's thread.
"""

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
    """The transport to begin with, by masked address: TCP, unless the camera refused it.

    Safe from any thread; of too many addresses the oldest is dropped.
    """

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, Transport] = OrderedDict()

    def first(self, url: SecretUrl) -> Transport:
        """Return what to ask for first."""
        with self._lock:
            return self._by_address.get(str(url), Transport.TCP)

    def store(self, url: SecretUrl, transport: Transport) -> bool:
        """Store what to ask for first; true where that is another one than before."""
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
    """Open by the transport that is settled, or by the first one that the camera has.

    Raises `SourceError`: `TransportRefused` where it has none of them.
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
    """Tries within one open timeout, with growing waits between them."""

    def __init__(self, play: Play, within_s: float) -> None:
        self._play = play
        self._until = time.monotonic() + within_s
        self._least_s = within_s * _LEAST_SHARE
        self._wait_s = _FIRST_WAIT_S

    def opened(self, transport: Transport) -> AvConnection:
        """Open by this one; again where the camera refuses for now, as long as there is time."""
        while True:
            try:
                return self._play(transport, max(self._least_s, self._left_s()))
            except RefusedNow:
                if not self.wait():
                    raise

    def wait(self) -> bool:
        """Let the camera clear away what was closed; false where another try has no time."""
        if self._wait_s + self._least_s > self._left_s():
            return False
        time.sleep(self._wait_s)
        self._wait_s *= 2
        return True

    def _left_s(self) -> float:
        return self._until - time.monotonic()


def _name(transport: Transport) -> str:
    return "multicast" if transport is Transport.MULTICAST else transport.upper()
