"""WebRTC session of one browser that watches one camera; send only.

On the media loop. H.264 is chosen before the offer is applied, because aiortc would later keep
another codec.
"""

import asyncio
import logging
from collections.abc import Callable

from aiortc import (
    InvalidAccessError,
    InvalidStateError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, OperationError
from aiortc.mediastreams import MediaStreamError
from aiortc.stats import RTCRemoteInboundRtpStreamStats

from thapcanh.app.live.offer import BadOffer
from thapcanh.app.live.settings import ViewerFacts
from thapcanh.app.process.loop_thread import LoopNotifier
from thapcanh.ingest.packets.hub import Subscriber
from thapcanh.ingest.packets.packet import Encoded

log = logging.getLogger(__name__)
_CODEC = "video/h264"
CANNOT_ANSWER = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    LookupError,
    OperationError,
    RuntimeError,  # its coroutines let StopIteration through
    TypeError,
    ValueError,
)
"""What aiortc raises over an offer that is garbled or asks for what it cannot do."""
_REPLAY_PAUSE_S = 0.001
"""Between packets of the replayed group, so that the burst neither floods the way nor the loop."""


class PacketTrack(MediaStreamTrack):
    """Reads a feed's subscriber on the media loop."""

    kind = "video"

    def __init__(
        self, reader: Subscriber, replayed: int, notifier: LoopNotifier, utc: Callable[[], float]
    ) -> None:
        super().__init__()
        self._reader = reader
        self._to_replay = replayed
        self._notifier = notifier
        self._utc = utc
        self.last_sent_at: float | None = None
        self.sent = 0

    @property
    def lost(self) -> int:
        """Packets that this viewer was too slow for, or that came before its first keyframe."""
        return self._reader.lost

    async def recv(self) -> Encoded:
        """Return the next packet. Raises `MediaStreamError` at the end."""
        while self.readyState == "live":
            packet = self._reader.take(0.0)
            if packet is not None:
                await self._pace()
                self.sent += 1
                self.last_sent_at = self._utc()
                return packet.encoded
            if self._reader.closed:
                break
            await self._notifier.wait()
        raise MediaStreamError

    async def _pace(self) -> None:
        if self._to_replay > 0:
            self._to_replay -= 1
            await asyncio.sleep(_REPLAY_PAUSE_S)

    def stop(self) -> None:
        super().stop()
        self._reader.close()


class ViewerSession:
    """Made and closed on the media loop."""

    def __init__(self, track: PacketTrack, began_at: float) -> None:
        self.track = track
        self._started_at = began_at
        self._is_closed = False
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def answer(self, offer: str) -> str:
        """Answer an offer; the connection is then the browser's to make. Raises `BadOffer`."""
        described = RTCSessionDescription(sdp=offer, type="offer")
        transceiver = self._peer.addTransceiver(self.track, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([c for c in codecs if c.mimeType.lower() == _CODEC])
        try:
            await self._peer.setRemoteDescription(described)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except CANNOT_ANSWER as error:
            raise BadOffer(f"{type(error).__name__}: {error}") from error
        if transceiver.currentDirection != "sendonly":
            raise BadOffer("it does not want to receive H.264 video")
        return self._peer.localDescription.sdp

    async def facts(self) -> ViewerFacts:
        return ViewerFacts(
            connection=self._peer.connectionState,
            began_at=self._started_at,
            last_sent_at=self.track.last_sent_at,
            last_heard_at=await self._last_received_at(),
        )

    async def close(self) -> None:
        """End the connection and the reading. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self.track.stop()
        await close_peer(self._peer)

    async def _last_received_at(self) -> float | None:
        report = await self._peer.getStats()
        received = [
            stats.timestamp.timestamp()
            for stats in report.values()
            if isinstance(stats, RTCRemoteInboundRtpStreamStats)
        ]
        return max(received, default=None)


async def close_peer(peer: RTCPeerConnection) -> None:
    """Close a connection, even one whose offer was refused half-way."""
    try:
        await peer.close()
    except AttributeError:
        # aiortc stumbles over what has no transport yet; addresses are opened only after the whole
        # offer was understood, so none is left open.
        log.debug("a refused offer was not closed in order")
