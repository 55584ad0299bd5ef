"""A video track whose pictures come already encoded: aiortc only cuts and encrypts them."""

import asyncio
from collections.abc import Callable

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from app.process.loop_bell import LoopNotifier
from ingest.packets.hub import Subscriber
from ingest.packets.packet import Encoded

_REPLAY_PAUSE_S = 0.001
"""Between packets of the replayed group, so that the burst neither floods the way nor the loop."""


class PacketTrack(MediaStreamTrack):
    """Reads a feed's subscriber on the media loop."""

    kind = "video"

    def __init__(
        self, reader: Subscriber, replayed: int, bell: LoopNotifier, utc: Callable[[], float]
    ) -> None:
        super().__init__()
        self._reader = reader
        self._to_replay = replayed
        self._bell = bell
        self._utc = utc
        self.last_sent_at: float | None = None
        self.sent = 0

    @property
    def lost(self) -> int:
        """Packets that this viewer was too slow for, or that came before its first keyframe."""
        return self._reader.lost

    async def recv(self) -> Encoded:
        """The next packet. Raises `MediaStreamError` when no more will come."""
        while self.readyState == "live":
            packet = self._reader.take(0.0)
            if packet is not None:
                await self._pace()
                self.sent += 1
                self.last_sent_at = self._utc()
                return packet.encoded
            if self._reader.closed:
                break
            await self._bell.wait()
        raise MediaStreamError

    async def _pace(self) -> None:
        if self._to_replay > 0:
            self._to_replay -= 1
            await asyncio.sleep(_REPLAY_PAUSE_S)

    def stop(self) -> None:
        """End the track and its reading. Idempotent."""
        super().stop()
        self._reader.close()
