"""All who watch.

Everything here runs on the media loop, so nothing is locked: requests come in as coroutines, and a
sweep gives up who vanished or may no longer watch, and closes unwatched cameras.
"""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.lifecycle.roles import same_agency
from app.live.access_check import AccessCheck, Watcher
from app.live.active_stream import ActiveStream
from app.live.feed import FeedPlan
from app.live.lifetimes import ViewerEnd, why_viewer_ends
from app.live.mjpeg.picture import JpegPicture, newest_picture
from app.live.mjpeg_client import MjpegClient
from app.live.offer import has_address, without_addresses
from app.live.packet_track import PacketTrack
from app.live.refusals import CapacityExceeded, LiveStopping, PictureUnavailable, UnsupportedStream
from app.live.stream_registry import LiveDependencies, StreamRegistry
from app.live.viewer_session import ViewerSession
from app.live.whip.phones import Phones

log = logging.getLogger(__name__)

_CLOSE_WITHIN_S = 3.0
_SHORT = 8  # characters of an id that are enough in a log


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """What a browser is answered."""

    viewer_id: str
    sdp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerCount:
    """How many watch; `sent` and `lost` count packets of the viewers of this moment."""

    viewers: int
    lookers: int
    cameras: int
    sent: int
    lost: int


@dataclass(frozen=True, slots=True)
class _Seat:
    viewer: ViewerSession
    on_air: ActiveStream
    watcher: Watcher
    welcome: AccessCheck


class LiveSessions:
    """Made and used on one event loop."""

    def __init__(self, surroundings: LiveDependencies) -> None:
        self._settings = surroundings.settings
        self._clock = surroundings.clock
        self._stage = StreamRegistry(surroundings)
        self.phones = Phones(
            surroundings.links, surroundings.hubs, surroundings.clock, surroundings.settings
        )
        self._seats: dict[str, _Seat] = {}
        self._lookers: set[MjpegClient] = set()
        self._closed = False
        self._sweeper = asyncio.create_task(self._sweep_on(), name="live-sweep")

    async def watch(self, plan: FeedPlan, offer: str, watcher: Watcher) -> LiveAnswer:
        """Let a browser watch. Raises `LiveRefused` or `BadOffer`."""
        self._check_room(watcher)
        offered = without_addresses(offer)
        viewer_id = uuid.uuid4().hex
        on_air = self._open(plan)
        reader, replayed = on_air.feed.join(f"viewer-{viewer_id[:_SHORT]}")
        track = PacketTrack(reader, replayed, on_air.bell, self._clock.utc)
        viewer = ViewerSession(track, self._clock.utc())
        on_air.enter()
        self._seats[viewer_id] = _Seat(viewer, on_air, watcher, self._welcome(watcher))
        try:
            sdp = await viewer.answer(offered)
            if not has_address(sdp):
                raise UnsupportedStream
        except BaseException:
            await self._end_viewer(viewer_id, ViewerEnd.REFUSED)
            raise
        log.info("live %s: viewer %s begins", plan.camera_id, viewer_id[:_SHORT])
        return LiveAnswer(viewer_id=viewer_id, sdp=sdp)

    async def leave(self, camera_id: str, viewer_id: str, session: str) -> bool:
        """End a viewer; false when this session has no such viewer of this camera."""
        seat = self._seats.get(viewer_id)
        if seat is None or seat.watcher.session != session:
            return False
        if seat.on_air.feed.plan.camera_id != camera_id:
            return False
        await self._end_viewer(viewer_id, ViewerEnd.LEFT)
        return True

    async def still(self, plan: FeedPlan) -> JpegPicture:
        """Return the camera's newest picture; opens it first. Raises `PictureUnavailable`."""
        if self._closed:
            raise LiveStopping
        on_air = self._stage.open(plan)
        deadline = self._clock.monotonic() + self._settings.still_within_s
        with on_air.watched():
            while not (packets := on_air.feed.newest_group()):
                left_s = deadline - self._clock.monotonic()
                if left_s <= 0 or self._closed:
                    status = on_air.feed.status()
                    raise PictureUnavailable(f"{status.state}: {status.reason}")
                await on_air.bell.wait(min(left_s, 1.0))
            picture = await asyncio.to_thread(newest_picture, packets)
        if picture is None:
            raise PictureUnavailable("it does not decode")
        return picture

    async def open_mjpeg(self, plan: FeedPlan, watcher: Watcher) -> MjpegClient:
        """Begin to be sent pictures. Raises `LiveRefused`."""
        self._check_room(watcher)
        if len(self._lookers) >= self._settings.mjpeg_max_viewers:
            raise CapacityExceeded(f"{self._settings.mjpeg_max_viewers} are sent pictures")
        of_session = sum(one.watcher.session == watcher.session for one in self._lookers)
        if of_session >= self._settings.mjpeg_max_of_session:
            raise CapacityExceeded(f"{of_session} of one session are sent pictures")
        of_agency = _of_agency(watcher, [one.watcher for one in self._lookers])
        if of_agency >= self._settings.mjpeg_max_of_agency:
            raise CapacityExceeded(f"{of_agency} of one agency are sent pictures")
        looker = MjpegClient(watcher, self._open(plan), self._welcome(watcher), self._clock)
        self._lookers.add(looker)
        return looker

    async def look_away(self, looker: MjpegClient) -> None:
        """Send no more pictures; idempotent."""
        self._lookers.discard(looker)
        looker.end()

    async def end_session(self, session: str) -> None:
        """Everything that a session watches ends."""
        for viewer_id, seat in list(self._seats.items()):
            if seat.watcher.session == session:
                await self._end_viewer(viewer_id, ViewerEnd.UNWELCOME)
        for looker in list(self._lookers):
            if looker.watcher.session == session:
                await self.look_away(looker)

    async def count(self) -> ViewerCount:
        """How many watch now."""
        tracks = [seat.viewer.track for seat in self._seats.values()]
        return ViewerCount(
            viewers=len(tracks),
            lookers=len(self._lookers),
            cameras=len(self._stage),
            sent=sum(track.sent for track in tracks),
            lost=sum(track.lost for track in tracks),
        )

    async def end_streams(self) -> None:
        """End the picture streams and take nobody any more, so that the web server can stop."""
        self._closed = True
        for looker in list(self._lookers):
            await self.look_away(looker)

    async def close(self) -> None:
        """End everybody and every camera's connection; idempotent."""
        await self.end_streams()
        self._sweeper.cancel()
        await asyncio.gather(self._sweeper, return_exceptions=True)
        await asyncio.gather(
            *(self._end_viewer(viewer_id, ViewerEnd.STOPPING) for viewer_id in list(self._seats))
        )
        await self.phones.close()
        await self._stage.close(_CLOSE_WITHIN_S)

    def _check_room(self, watcher: Watcher) -> None:
        if self._closed:
            raise LiveStopping
        watchers = [seat.watcher for seat in self._seats.values()]
        watchers += [looker.watcher for looker in self._lookers]
        watching = [one.session for one in watchers]
        if len(watching) >= self._settings.max_viewers:
            raise CapacityExceeded(f"{self._settings.max_viewers} watch")
        if watching.count(watcher.session) >= self._settings.max_viewers_of_session:
            raise CapacityExceeded(f"{self._settings.max_viewers_of_session} of one session watch")
        if _of_agency(watcher, watchers) >= self._settings.max_viewers_of_agency:
            raise CapacityExceeded(f"{self._settings.max_viewers_of_agency} of one agency watch")

    def _open(self, plan: FeedPlan) -> ActiveStream:
        on_air = self._stage.open(plan)
        if on_air.feed.has_no_room:
            raise CapacityExceeded(f"{self._settings.max_transcoded} cameras are transcoded")
        return on_air

    def _welcome(self, watcher: Watcher) -> AccessCheck:
        return AccessCheck(watcher, self._clock, self._settings.welcome_every_s)

    async def _end_viewer(self, viewer_id: str, why: ViewerEnd) -> None:
        seat = self._seats.pop(viewer_id, None)
        if seat is None:
            return
        seat.on_air.leave()
        log.info(
            "live %s: viewer %s ends, %s; %d packets sent, %d lost",
            seat.on_air.feed.plan.camera_id,
            viewer_id[:_SHORT],
            why,
            seat.viewer.track.sent,
            seat.viewer.track.lost,
        )
        await seat.viewer.close()

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(self._settings.sweep_s)
            try:
                await self._sweep()
            except Exception:  # the outermost line of this task
                log.exception("live: a fault of ours while sweeping")

    async def _sweep(self) -> None:
        for viewer_id, seat in list(self._seats.items()):
            why = await self._why_ends(seat)
            if why is not None:
                await self._end_viewer(viewer_id, why)
        for looker in list(self._lookers):
            if not await self._may_look_on(looker):
                await self.look_away(looker)
        await self.phones.sweep()
        self._stage.close_unwatched()

    async def _why_ends(self, seat: _Seat) -> ViewerEnd | None:
        if not self._stage.is_as_configured(seat.on_air):
            return ViewerEnd.CAMERA_CHANGED
        if not await seat.welcome.holds():
            return ViewerEnd.UNWELCOME
        return why_viewer_ends(await seat.viewer.facts(), self._clock.utc(), self._settings)

    async def _may_look_on(self, looker: MjpegClient) -> bool:
        if looker.idle_s() >= self._settings.silent_after_s:
            return False
        return self._stage.is_as_configured(looker.on_air) and await looker.welcome.holds()


def _of_agency(watcher: Watcher, others: Sequence[Watcher]) -> int:
    return sum(same_agency(watcher.agencies, one.agencies) for one in others)
