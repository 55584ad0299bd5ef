"""Live view for the web API: permissions and limits here, media in the live process."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from thapcanh.app.live.feed_plan import FeedPlan, plan_for
from thapcanh.app.live.jpeg_picture import JpegPicture
from thapcanh.app.live.process.access_check import Watcher
from thapcanh.app.live.process.connection import StartProcess, start_live_process
from thapcanh.app.live.process.signalling import LiveAnswer, LiveSignalling, LiveStatus
from thapcanh.app.live.refusals import LiveRefused, LiveStopping
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.live.whip.phone_links import PhoneLink, PhoneLinks
from thapcanh.app.process.loop_thread import LoopStopped, LoopThread
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

_STOP_WITHIN_S = 10.0
_T = TypeVar("_T")


class LiveView:
    """Live view of one centre. Its coroutines run on any loop but the signalling's."""

    def __init__(
        self,
        site: Callable[[], Site],
        clock: Clock,
        *,
        settings: LiveSettings | None = None,
        start: StartProcess = start_live_process,
    ) -> None:
        self._site = site
        self._clock = clock
        self._settings = settings or LiveSettings()
        self._start = start
        self._indexed: tuple[Site | None, Mapping[str, FeedPlan]] = (None, {})
        self.links = PhoneLinks(clock.utc)
        self.feed_key = secrets.token_urlsafe(32)  # what workers show for a phone's pictures
        self._loop = LoopThread()
        self._signalling: LiveSignalling | None = None

    @property
    def status(self) -> LiveStatus:
        """Last known status of the live process; does not wait."""
        return LiveStatus() if self._signalling is None else self._signalling.status

    def begin(self) -> None:
        """Start the live process, so that the first picture need not wait for it; does not wait."""

        async def work() -> None:
            with contextlib.suppress(LiveRefused):  # what is asked next tries again, and tells
                await self._opened().connection.begin()

        with contextlib.suppress(LoopStopped):
            self._loop.submit(work())

    async def watch(self, camera: CameraConfig, offer: str, watcher: Watcher) -> LiveAnswer:
        """Answer a browser's offer. Raises `LiveRefused` or `BadOffer`."""
        return await self._there(
            lambda there: there.watch(plan_for(camera, self._site()), offer, watcher)
        )

    async def leave(self, camera_id: str, viewer_id: str, session: str) -> bool:
        """End a viewer of this session; false when there is none."""
        return await self._there(lambda there: there.leave(camera_id, viewer_id, session))

    async def still(self, camera: CameraConfig) -> JpegPicture:
        """Return the camera's last picture. Raises `LiveRefused`."""
        return await self._there(lambda there: there.still(plan_for(camera, self._site())))

    async def pictures(self, camera: CameraConfig, watcher: Watcher) -> AsyncIterator[JpegPicture]:
        """Newest pictures as they come, until watcher, camera or centre ends it.

        Returns once there is room; raises `LiveRefused`.
        """
        return self._coming(
            await self._there(
                lambda there: there.open_pictures(plan_for(camera, self._site()), watcher)
            )
        )

    async def publish(self, link: PhoneLink, offer: str) -> tuple[str, str]:
        """Let a phone send: its id and the answer. Raises `LiveRefused` or `BadOffer`."""
        return await self._there(lambda there: there.publish(link, offer))

    async def end_publishing(self, camera_id: str, publisher_id: str) -> bool:
        """End a phone's sending; false when it does not send."""
        return await self._there(lambda there: there.end_publishing(camera_id, publisher_id))

    def sending(self) -> list[PhoneLink]:
        return [link for link in self.links.in_force() if self.is_sending(link)]

    def is_sending(self, link: PhoneLink) -> bool:
        return link.camera.id in self.status.sending

    async def phone_feed(self, link: PhoneLink) -> AsyncIterator[bytes] | None:
        """Return a phone's transport stream, or None while it does not send."""
        if not self._loop.is_started:
            return None
        feed_id = await self._there(lambda there: there.open_feed(link))
        return None if feed_id is None else self._pieces(feed_id)

    async def end_session(self, session: str) -> None:
        if self._loop.is_started:
            with contextlib.suppress(LiveStopping):  # then everything ends anyway
                await self._there(lambda there: there.end_session(session))

    def end_streams(self) -> None:
        """End the streams that pass the centre, so that the web server can stop; does not wait."""
        if self._loop.is_started:
            self._report(lambda there: there.end_streams())

    async def close(self) -> None:
        """End everything; idempotent, and bounded in time."""
        if self._loop.is_started:
            try:
                async with asyncio.timeout(_STOP_WITHIN_S):
                    await self._there(lambda there: there.close())
            except LiveStopping:
                return
            except TimeoutError:
                log.warning("live: the live process did not end within %.0f s", _STOP_WITHIN_S)
        if not await asyncio.to_thread(self._loop.stop, _STOP_WITHIN_S):
            log.warning("live: the signalling thread did not end within %.0f s", _STOP_WITHIN_S)

    async def _coming(self, viewer_id: str) -> AsyncIterator[JpegPicture]:
        number = 0
        try:
            while found := await self._next_of(viewer_id, number):
                number, picture = found
                yield picture
        finally:
            self._report(lambda there: there.end_viewer(viewer_id))

    async def _next_of(self, viewer_id: str, after: int) -> tuple[int, JpegPicture] | None:
        with contextlib.suppress(LiveStopping):
            return await self._there(lambda there: there.next_picture(viewer_id, after))
        return None

    async def _pieces(self, feed_id: str) -> AsyncIterator[bytes]:
        try:
            with contextlib.suppress(LiveStopping):
                while piece := await self._there(lambda there: there.next_piece(feed_id)):
                    yield piece
        finally:
            self._report(lambda there: there.end_viewer(feed_id))

    async def _there(self, call: Callable[[LiveSignalling], Coroutine[Any, Any, _T]]) -> _T:
        async def work() -> _T:
            return await call(self._opened())

        try:
            return await self._loop.run(work())
        except LoopStopped:
            raise LiveStopping from None

    def _report(self, call: Callable[[LiveSignalling], None]) -> None:
        async def work() -> None:
            call(self._opened())

        with contextlib.suppress(LoopStopped):  # everything has ended already
            self._loop.submit(work())

    def _opened(self) -> LiveSignalling:
        """Made on the signalling loop at the first call there."""
        if self._signalling is None:
            self._signalling = LiveSignalling(
                self._start,
                self._settings,
                self._clock,
                plan_of=self._plan_of,
                links=self.links,
            )
        self._signalling.connection.log_format = self._site().log.format
        return self._signalling

    def _plan_of(self, camera_id: str) -> FeedPlan | None:
        """Return a camera's plan; indexed once per site, as it is read for every viewer."""
        site = self._site()
        if self._indexed[0] is not site:
            self._indexed = (site, {camera.id: plan_for(camera, site) for camera in site.cameras})
        link = self.links.of_camera(camera_id)
        return self._indexed[1].get(camera_id) if link is None else plan_for(link.camera, site)
