"""The phones that send now, one a link. On the media loop; the sessions sweep them as their own."""

import logging
import uuid

from app.live.lifetimes import why_viewer_ends
from app.live.offer import has_address, without_addresses
from app.live.refusals import UnsupportedStream
from app.live.settings import LiveSettings
from app.live.whip.phone_connection import PhoneConnection
from app.live.whip.phone_source import PhoneHubs
from config.secret import SecretUrl
from ingest.clock import Clock

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
        """The temporary cameras of the phones that send."""
        return list(self._sending)

    async def publish(self, camera_id: str, url: SecretUrl, offer: str) -> tuple[str, str]:
        """Let a phone send instead of the one before: its id and the answer.

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
