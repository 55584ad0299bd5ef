"""Phones' packets as video sources, opened like any other camera.

`PhoneHubs` is written on the media loop and read on cameras' threads. `PhoneFeed` is a transport
stream for a worker: one thread remuxes packets; a slow reader loses packets until the next
keyframe.
"""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from thapcanh.app.live.browser_form import RTP_CLOCK
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import ClipError, Ended, Stalled, Unreachable
from thapcanh.ingest.packets.hub import Hub, Subscriber
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.packets.transport_stream import TransportStream
from thapcanh.ingest.sources.connection import Connection

_HELD_PACKETS = 60
_STALLED_AFTER_S = 5.0
log = logging.getLogger(__name__)
HELD_PACKETS = 120
_LOOK_S = 1.0


class PhoneHubs:
    """The hubs of the phones that send now, by the address of their cameras. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hubs: dict[str, Hub] = {}

    def begin(self, url: SecretUrl) -> Hub:
        """Return a new hub for a sending phone; close the earlier one."""
        hub = Hub()
        with self._lock:
            before = self._hubs.get(url.reveal())
            self._hubs[url.reveal()] = hub
        if before is not None:
            before.close()
        return hub

    def end(self, url: SecretUrl, hub: Hub) -> None:
        """Remove a phone's hub; idempotent."""
        with self._lock:
            if self._hubs.get(url.reveal()) is hub:
                del self._hubs[url.reveal()]
        hub.close()

    def reader(self, url: SecretUrl, bound: int) -> Subscriber | None:
        """Return a reader of a phone's packets, or None while none sends."""
        hub = self._hubs.get(url.reveal())
        return None if hub is None else hub.subscribe("worker", bound)

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        """Open a phone's stream. Raises `Unreachable` while none sends."""
        hub = self._hubs.get(url.reveal())
        if hub is None:
            raise Unreachable(str(url), problem="the phone does not send", way_out="wait for it")
        return _opened(hub.subscribe("phone", _HELD_PACKETS), str(url))


class PhoneFeed:
    """Reader of one phone. `close` is idempotent and wakes a waiting reader."""

    def __init__(self, reader: Subscriber) -> None:
        self._reader = reader
        self._stream = TransportStream()
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="phone-feed")

    async def next(self) -> bytes:
        """Return the next piece of the stream; empty at its end. One caller at a time."""
        loop = asyncio.get_running_loop()
        try:
            while not (self._is_closed or self._reader.closed):
                if piece := await loop.run_in_executor(self._thread, self._next):
                    return piece
        except (ClipError, RuntimeError) as error:  # its thread takes no work once it was closed
            log.warning("a phone's feed ends: %s", error)
        return b""

    def close(self) -> None:
        """End it. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._reader.close()
        self._thread.submit(self._stream.close)
        self._thread.shutdown(wait=False)

    def _next(self) -> bytes:
        packet = self._reader.take(_LOOK_S)
        return b"" if packet is None else self._stream.take(packet)


@contextmanager
def _opened(reader: Subscriber, shown: str) -> Iterator[Connection]:
    with reader:
        yield _PhoneConnection(reader, shown)


class _PhoneConnection:
    live = True
    transport = None
    stream = StreamInfo(
        codec="h264",
        width=0,
        height=0,
        fps=None,
        has_b_frames=False,
        extradata=b"",
        time_base=RTP_CLOCK,
    )

    def __init__(self, reader: Subscriber, shown: str) -> None:
        self._reader = reader
        self._shown = shown

    def __iter__(self) -> Iterator[Packet]:
        while (packet := self._reader.take(_STALLED_AFTER_S)) is not None:
            yield packet
        raise Ended(self._shown) if self._reader.closed else Stalled(self._shown)
