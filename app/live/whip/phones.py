"""The phones that send now, one a link. On the media loop; the audience sweeps them as its own."""

import logging
import uuid

from app.live.lifetimes import why_viewer_ends
from app.live.offer import has_address, without_addresses
from app.live.refusals import UnsupportedStream
from app.live.settings import LiveSettings
from app.live.whip.phone_connection import PhoneConnection
from app.live.whip.phone_links import PhoneLink, PhoneLinks
from app.live.whip.phone_source import PhoneHubs
from ingest.clock import Clock

log = logging.getLogger(__name__)


class Phones:
    """Lets phones send, and ends them with their link or when they fall silent."""

    def __init__(
        self, links: PhoneLinks, hubs: PhoneHubs, clock: Clock, settings: LiveSettings
    ) -> None:
        self._links = links
        self._hubs = hubs
        self._clock = clock
        self._settings = settings
        self._sending: dict[str, tuple[str, PhoneConnection]] = {}

    async def publish(self, link: PhoneLink, offer: str) -> tuple[str, str]:
        """Let a phone send instead of the one before: its id and the answer.

        Raises `BadOffer` or `UnsupportedStream`.
        """
        offered = without_addresses(offer)
        camera = link.camera
        await self._end(camera.id)
        hub = self._hubs.begin(camera.source)
        publisher = PhoneConnection(
            camera.id, hub, self._clock, lambda: self._hubs.end(camera.source, hub)
        )
        publisher_id = uuid.uuid4().hex
        self._sending[camera.id] = (publisher_id, publisher)
        try:
            sdp = await publisher.answer(offered)
            if not has_address(sdp):
                raise UnsupportedStream
        except BaseException:
            await self._end(camera.id)
            raise
        log.info("live %s: a phone sends", camera.id)
        return publisher_id, sdp

    async def leave(self, camera_id: str, publisher_id: str) -> bool:
        """End a phone's sending; false when it does not send."""
        if self._sending.get(camera_id, ("", None))[0] != publisher_id:
            return False
        await self._end(camera_id)
        return True

    async def sweep(self) -> None:
        """End those whose link ended and those that fell silent."""
        in_force = {link.camera.id for link in self._links.in_force()}
        for camera_id, (_, publisher) in list(self._sending.items()):
            why = why_viewer_ends(publisher.facts(), self._clock.utc(), self._settings)
            if camera_id not in in_force or why is not None:
                log.info("live %s: the phone ends, %s", camera_id, why or "its time is over")
                await self._end(camera_id)

    async def close(self) -> None:
        """End all; idempotent."""
        for camera_id in list(self._sending):
            await self._end(camera_id)

    async def _end(self, camera_id: str) -> None:
        ended = self._sending.pop(camera_id, None)
        if ended is not None:
            await ended[1].close()
