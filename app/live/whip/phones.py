"""Sending phones, one per link, as receive-only WebRTC connections (WHIP).

On the media loop; the sessions sweep them with the viewers.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from thapcanh.app.live.browser_form import Encoding
from thapcanh.app.live.offer import BadOffer, has_address, without_addresses
from thapcanh.app.live.refusals import UnsupportedStream
from thapcanh.app.live.settings import LiveSettings, ViewerFacts, why_viewer_ends
from thapcanh.app.live.viewer_session import CANNOT_ANSWER, close_peer
from thapcanh.app.live.whip.phone_source import PhoneHubs
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.hub import Hub
from thapcanh.ingest.packets.packet import Packet

_FPS = 30.0


class PhoneConnection:
    """Made and closed on the media loop. `on_end` is called once when nothing more will come."""

    def __init__(self, camera_id: str, hub: Hub, clock: Clock, on_end: Callable[[], None]) -> None:
        self._camera_id = camera_id
        self._hub = hub
        self._clock = clock
        self._on_end = on_end
        self._started_at = clock.utc()
        self._started_s = clock.monotonic()
        self._last_at: float | None = None
        self._encoding: Encoding | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._has_ended = False
        self._is_closed = False
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", self._start)

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
        """Return its state; received packets count as sent ones."""
        return ViewerFacts(
            connection="closed" if self._has_ended else self._peer.connectionState,
            began_at=self._started_at,
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

    def _start(self, track: MediaStreamTrack) -> None:
        if track.kind == "video" and self._receiving is None:
            self._receiving = asyncio.create_task(self._receive(track), name=self._camera_id)

    async def _receive(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                picture = await track.recv()
                self._last_at = self._clock.utc()
                if isinstance(picture, VideoFrame):
                    await self._publish(picture)
        except MediaStreamError:
            self._has_ended = True  # the sweep ends it
        except Exception:  # the outermost line of this task
            log.exception("live %s: a fault of ours while receiving", self._camera_id)

    async def _publish(self, picture: VideoFrame) -> None:
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
            at_s=self._clock.monotonic() - self._started_s,
            captured_at=now,
            decoded_at=now,
        )
        return list(encoding.encode(frame))


log = logging.getLogger(__name__)


class Phones:
    """Lets phones send, and ends them with their link or when they fall silent."""

    def __init__(self, hubs: PhoneHubs, clock: Clock, settings: LiveSettings) -> None:
        self._hubs = hubs
        self._clock = clock
        self._settings = settings
        self._sending: dict[str, tuple[str, PhoneConnection]] = {}

    @property
    def cameras(self) -> list[str]:
        return list(self._sending)

    async def publish(self, camera_id: str, url: SecretUrl, offer: str) -> tuple[str, str]:
        """Accept a phone in place of the link's earlier one; return its id and the answer.

        Raises `BadOffer` or `UnsupportedStream`.
        """
        offered = without_addresses(offer)
        await self._end(camera_id)
        hub = self._hubs.begin(url)
        publisher = PhoneConnection(camera_id, hub, self._clock, lambda: self._hubs.end(url, hub))
        publisher_id = uuid.uuid4().hex
        self._sending[camera_id] = (publisher_id, publisher)
        try:
            sdp = await publisher.answer(offered)
            if not has_address(sdp):
                raise UnsupportedStream
        except BaseException:
            await self._end(camera_id)
            raise
        log.info("live %s: a phone sends", camera_id)
        return publisher_id, sdp

    async def leave(self, camera_id: str, publisher_id: str) -> bool:
        """End a phone's sending; false when it does not send."""
        if self._sending.get(camera_id, ("", None))[0] != publisher_id:
            return False
        await self._end(camera_id)
        return True

    async def sweep(self) -> None:
        """End those that fell silent."""
        for camera_id, (_, publisher) in list(self._sending.items()):
            why = why_viewer_ends(publisher.facts(), self._clock.utc(), self._settings)
            if why is not None:
                log.info("live %s: the phone ends, %s", camera_id, why)
                await self._end(camera_id)

    async def end(self, camera_id: str) -> None:
        """End the phone of a link whose time is over."""
        log.info("live %s: the phone ends, its time is over", camera_id)
        await self._end(camera_id)

    async def close(self) -> None:
        """End all; idempotent."""
        for camera_id in list(self._sending):
            await self._end(camera_id)

    async def _end(self, camera_id: str) -> None:
        ended = self._sending.pop(camera_id, None)
        if ended is not None:
            await ended[1].close()
