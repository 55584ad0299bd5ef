"""What a phone sends, as a stream that a worker opens like any camera.

One thread a feed takes packets from the phone's hub and copies them into a transport stream; a
reader that is too slow loses packets at the hub, and goes on at the next keyframe.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from ingest.errors import ClipError
from ingest.packets.hub import Subscriber
from ingest.packets.transport_stream import TransportStream

log = logging.getLogger(__name__)

HELD_PACKETS = 120
_LOOK_S = 1.0


class PhoneFeed:
    """One reader of one phone. `close` is idempotent and wakes who waits."""

    def __init__(self, reader: Subscriber) -> None:
        self._reader = reader
        self._stream = TransportStream()
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="phone-feed")

    async def next(self) -> bytes:
        """The next piece of the stream; empty when none will come. One caller at a time."""
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
