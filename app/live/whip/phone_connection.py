"""One phone that sends (WHIP): a WebRTC connection that only receives.

On the media loop. Its pictures are encoded again only while somebody opens the temporary camera, so
that a phone in a pocket costs the decoding alone.
"""

import asyncio
import logging
from collections.abc import Callable

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from app.live.browser_form import Encoding
from app.live.lifetimes import ViewerFacts
from app.live.offer import BadOffer
from app.live.viewer_session import CANNOT_ANSWER, close_peer
from ingest.clock import Clock
from ingest.frame import Frame
from ingest.packets.hub import Hub
from ingest.packets.packet import Packet

log = logging.getLogger(__name__)

_FPS = 30.0


class PhoneConnection:
    """Made and closed on the media loop. `on_end` is called once when nothing more will come."""

    def __init__(self, camera_id: str, hub: Hub, clock: Clock, on_end: Callable[[], None]) -> None:
        self._camera_id = camera_id
        self._hub = hub
        self._clock = clock
        self._on_end = on_end
        self._began_at = clock.utc()
        self._began_s = clock.monotonic()
        self._last_at: float | None = None
        self._encoding: Encoding | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._has_ended = False
        self._is_closed = False
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", self._begin)

    async def answer(self, offer: str) -> str:
        """Answer an offer; raises `BadOffer`."""
        described = RTCSessionDescription(sdp=offer, type="offer")
        try:
            await self._peer.setRemoteDescription(described)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except CANNOT_ANSWER as error:
            raise BadOffer(f"{type(error).__name__}: {error}") from error
        if self._receiving is None:
            raise BadOffer("it sends no video")
        return self._peer.localDescription.sdp

    def facts(self) -> ViewerFacts:
        """What is known of it: a phone that sends is one that is heard."""
        return ViewerFacts(
            connection="closed" if self._has_ended else self._peer.connectionState,
            began_at=self._began_at,
            last_sent_at=self._clock.utc(),
            last_heard_at=self._last_at,
        )

    async def close(self) -> None:
        """End the connection. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)
        await close_peer(self._peer)
        self._on_end()

    def _begin(self, track: MediaStreamTrack) -> None:
        if track.kind == "video" and self._receiving is None:
            self._receiving = asyncio.create_task(self._receive(track), name=self._camera_id)

    async def _receive(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                picture = await track.recv()
                self._last_at = self._clock.utc()
                if isinstance(picture, VideoFrame):
                    await self._take(picture)
        except MediaStreamError:
            self._has_ended = True  # the sweep ends it
        except Exception:  # the outermost line of this task
            log.exception("live %s: a fault of ours while receiving", self._camera_id)

    async def _take(self, picture: VideoFrame) -> None:
        if not self._hub.subscribers:
            self._encoding = None
            return
        encoding = self._encoding = self._encoding or Encoding(_FPS)
        for packet in await asyncio.to_thread(self._encoded, encoding, picture):
            self._hub.publish(packet)

    def _encoded(self, encoding: Encoding, picture: VideoFrame) -> list[Packet]:
        now = self._clock.utc()
        frame = Frame(
            camera_id=self._camera_id,
            picture=picture,
            width=picture.width,
            height=picture.height,
            at_s=self._clock.monotonic() - self._began_s,
            captured_at=now,
            decoded_at=now,
        )
        return list(encoding.encode(frame))
