"""The door between the web API's event loop and the media's: every call crosses over and back.

Nothing is started before somebody watches. `close` ends every connection and then the media loop.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from app.live.access_check import Watcher
from app.live.feed import FeedPlan
from app.live.media_loop import MediaLoop, MediaStopped
from app.live.mjpeg.picture import JpegPicture
from app.live.refusals import LiveStopping
from app.live.settings import LiveSettings
from app.live.stream_registry import LiveDependencies
from app.live.whip.phone_feed import PhoneFeeds
from app.live.whip.phone_links import SCHEME, PhoneLink, PhoneLinks
from app.live.whip.phone_source import PhoneHubs
from config.camera import CameraConfig
from config.secret import SecretUrl
from config.site import Site
from ingest.clock import Clock
from ingest.sources.connection import OpenSource
from ingest.sources.source import open_source, opener_of

if TYPE_CHECKING:  # aiortc is imported with the first viewer
    from app.live.live_sessions import LiveAnswer, LiveSessions, ViewerCount
    from app.live.mjpeg_client import MjpegClient

log = logging.getLogger(__name__)

_STOP_WITHIN_S = 10.0
_T = TypeVar("_T")


def plan_for(camera: CameraConfig) -> FeedPlan:
    """What is opened for live view of a camera: its main stream if it has one."""
    return FeedPlan(
        camera_id=camera.id,
        url=camera.main_source or camera.source,
        privacy_masks=camera.privacy_masks,
    )


class LiveView:
    """All of live view of one centre. Its coroutines run on any loop but the media's."""

    def __init__(
        self,
        site: Callable[[], Site],
        clock: Clock,
        *,
        settings: LiveSettings | None = None,
        source: OpenSource | None = None,
    ) -> None:
        self._site = site
        self._indexed: tuple[Site | None, Mapping[str, FeedPlan]] = (None, {})
        self.links = PhoneLinks(clock.utc)
        self._hubs = PhoneHubs()
        self.feeds = PhoneFeeds(self._hubs)
        self.feed_key = secrets.token_urlsafe(32)  # what workers show for a phone's pictures
        self._surroundings = LiveDependencies(
            plan_of=self._plan_of,
            open_source=lambda url: self._opener_of(url, source)(url),
            clock=clock,
            settings=settings or LiveSettings(),
            links=self.links,
            hubs=self._hubs,
        )
        self._media = MediaLoop()
        self._audience: LiveSessions | None = None

    def _opener_of(self, url: SecretUrl, given: OpenSource | None) -> OpenSource:
        """A phone's hub, or what opens the camera by its own transport and trust."""
        if url.scheme == SCHEME:
            return self._hubs
        cameras = self._site().cameras
        owner = next((one for one in cameras if url in (one.source, one.main_source)), None)
        return given or (open_source if owner is None else opener_of(owner))

    async def watch(self, camera: CameraConfig, offer: str, watcher: Watcher) -> "LiveAnswer":
        """Answer a browser's offer. Raises `LiveRefused` or `BadOffer`."""
        return await self._there(lambda there: there.watch(plan_for(camera), offer, watcher))

    async def leave(self, camera_id: str, viewer_id: str, session: str) -> bool:
        """End a viewer of this session; false when there is none."""
        return await self._there(lambda there: there.leave(camera_id, viewer_id, session))

    async def still(self, camera: CameraConfig) -> JpegPicture:
        """The camera's last picture. Raises `LiveRefused`."""
        return await self._there(lambda there: there.still(plan_for(camera)))

    async def pictures(self, camera: CameraConfig, watcher: Watcher) -> AsyncIterator[JpegPicture]:
        """Newest pictures as they come, until watcher, camera or centre ends it.

        Returns once there is room; raises `LiveRefused`.
        """
        looker = await self._there(lambda there: there.open_mjpeg(plan_for(camera), watcher))
        return self._coming(looker)

    async def publish(self, link: PhoneLink, offer: str) -> tuple[str, str]:
        """Let a phone send: its id and the answer. Raises `LiveRefused` or `BadOffer`."""
        return await self._there(lambda there: there.phones.publish(link, offer))

    async def end_publishing(self, camera_id: str, publisher_id: str) -> bool:
        """End a phone's sending; false when it does not send."""
        return await self._there(lambda there: there.phones.leave(camera_id, publisher_id))

    def sending(self) -> list[PhoneLink]:
        """The links by which a phone sends now."""
        return [link for link in self.links.in_force() if self.is_sending(link)]

    def is_sending(self, link: PhoneLink) -> bool:
        """Whether a phone sends by this link."""
        return self._hubs.is_sending(link.camera.source)

    async def end_session(self, session: str) -> None:
        """Everything that a session watches ends."""
        if self._media.is_started:
            with contextlib.suppress(LiveStopping):  # then everything ends anyway
                await self._there(lambda there: there.end_session(session))

    async def count(self) -> "ViewerCount | None":
        """How many watch; None when nobody ever did."""
        if not self._media.is_started:
            return None
        return await self._there(lambda there: there.count())

    def end_streams(self) -> None:
        """End the picture streams, so that the web server can stop; does not wait."""
        self.feeds.end_all()
        if self._media.is_started:
            self._send_there(lambda there: there.end_streams())

    async def close(self) -> None:
        """End everything; idempotent, and bounded in time."""
        if self._media.is_started:
            try:
                async with asyncio.timeout(_STOP_WITHIN_S):
                    await self._there(lambda there: there.close())
            except LiveStopping:
                return
            except TimeoutError:
                log.warning("live: viewers did not end within %.0f s", _STOP_WITHIN_S)
        if not await asyncio.to_thread(self._media.stop, _STOP_WITHIN_S):
            log.warning("live: the media thread did not end within %.0f s", _STOP_WITHIN_S)

    async def _coming(self, looker: "MjpegClient") -> AsyncIterator[JpegPicture]:
        number = 0
        try:
            while (found := await self._media.run(looker.next(number))) is not None:
                number, picture = found
                yield picture
        except MediaStopped:
            return
        finally:
            self._send_there(lambda there: there.look_away(looker))

    async def _there(self, ask: Callable[["LiveSessions"], Coroutine[Any, Any, _T]]) -> _T:
        async def work() -> _T:
            return await ask(self._opened())

        try:
            return await self._media.run(work())
        except MediaStopped:
            raise LiveStopping from None

    def _send_there(self, tell: Callable[["LiveSessions"], Coroutine[Any, Any, None]]) -> None:
        async def work() -> None:
            await tell(self._opened())

        try:
            self._media.submit(work())
        except MediaStopped:
            return  # everything has ended already

    def _opened(self) -> "LiveSessions":
        """The audience, made on the media loop at the first call there."""
        if self._audience is None:
            from app.live.live_sessions import LiveSessions

            self._audience = LiveSessions(self._surroundings)
        return self._audience

    def _plan_of(self, camera_id: str) -> FeedPlan | None:
        """Asked for every viewer at every sweep, so the site's cameras are indexed once a site."""
        site = self._site()
        if self._indexed[0] is not site:
            self._indexed = (site, {camera.id: plan_for(camera) for camera in site.cameras})
        link = self.links.of_camera(camera_id)
        return self._indexed[1].get(camera_id) if link is None else plan_for(link.camera)
