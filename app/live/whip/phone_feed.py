"""What a phone sends, as a stream that a worker opens like any camera.

One thread a feed takes packets from the phone's hub and copies them into a transport stream; a
reader that is too slow loses packets at the hub, and goes on at the next keyframe.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from app.live.whip.phone_source import PhoneHubs
from config.secret import SecretUrl
from ingest.errors import ClipError
from ingest.packets.hub import Subscriber
from ingest.packets.transport_stream import TransportStream

log = logging.getLogger(__name__)

_HELD_PACKETS = 120
_LOOK_S = 1.0


class PhoneFeed:
    """One reader of one phone. `close` is idempotent and wakes who waits."""

    def __init__(self, reader: Subscriber) -> None:
        self._reader = reader
        self._stream = TransportStream()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="phone-feed")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The stream as it comes, until the phone ends or the feed is closed."""
        loop = asyncio.get_running_loop()
        try:
            while not self._reader.closed:
                if piece := await loop.run_in_executor(self._thread, self._next):
                    yield piece
        except ClipError as error:
            log.warning("a phone's feed ends: %s", error)
        finally:
            self.close()
            self._thread.submit(self._stream.close)
            self._thread.shutdown(wait=False)

    def close(self) -> None:
        """End it."""
        self._reader.close()

    def _next(self) -> bytes:
        packet = self._reader.take(_LOOK_S)
        return b"" if packet is None else self._stream.take(packet)


class PhoneFeeds:
    """The feeds that are read now. On the web server's loop, but `end_all` from anywhere."""

    def __init__(self, hubs: PhoneHubs) -> None:
        self._hubs = hubs
        self._open: set[PhoneFeed] = set()

    async def pieces(self, url: SecretUrl) -> AsyncIterator[bytes] | None:
        """A new feed of the phone at an address; None while none sends."""
        reader = self._hubs.reader(url, _HELD_PACKETS)
        return None if reader is None else self._coming(PhoneFeed(reader))

    def end_all(self) -> None:
        """End every feed, so that the web server can stop."""
        for feed in list(self._open):
            feed.close()

    async def _coming(self, feed: PhoneFeed) -> AsyncIterator[bytes]:
        self._open.add(feed)
        try:
            async for piece in feed.pieces():
                yield piece
        finally:
            self._open.discard(feed)
            feed.close()
