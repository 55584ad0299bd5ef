"""Viewers in the live process; the centre decides who may watch.

Everything runs on the media loop without locks.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.alerts.store.roles import same_agency
from thapcanh.app.live.feed_plan import FeedPlan
from thapcanh.app.live.jpeg_picture import JpegPicture, newest_picture
from thapcanh.app.live.offer import has_address, without_addresses
from thapcanh.app.live.refusals import (
    CapacityExceeded,
    LiveStopping,
    PictureUnavailable,
    UnsupportedStream,
)
from thapcanh.app.live.settings import ViewerEnd, ViewerOwner, why_viewer_ends
from thapcanh.app.live.stream_registry import ActiveStream, LiveDependencies, StreamRegistry
from thapcanh.app.live.viewer_session import PacketTrack, ViewerSession
from thapcanh.app.live.whip.phones import Phones
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)
_CLOSE_WITHIN_S = 3.0
_SHORT = 8  # characters of an id that are enough in a log


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerCount:
    """Number of viewers; `sent` and `lost` count their packets."""

    viewers: int
    lookers: int
    cameras: int
    sent: int
    lost: int


@dataclass(frozen=True, slots=True)
class _Seat:
    viewer: ViewerSession
    on_air: ActiveStream
    owner: ViewerOwner


class LiveSessions:
    """Viewers of the live process, used on one event loop."""

    def __init__(self, surroundings: LiveDependencies) -> None:
        self._settings = surroundings.settings
        self._clock = surroundings.clock
        self._stage = StreamRegistry(surroundings)
        self.phones = Phones(surroundings.hubs, surroundings.clock, surroundings.settings)
        self._seats: dict[str, _Seat] = {}
        self._lookers: dict[str, MjpegClient] = {}
        self._closed = False
        self._sweeper = asyncio.create_task(self._sweep_on(), name="live-sweep")

    async def watch(self, viewer_id: str, plan: FeedPlan, offer: str, owner: ViewerOwner) -> str:
        """Let a browser watch: the answer. Raises `LiveRefused` or `BadOffer`."""
        self._check_room(owner)
        offered = without_addresses(offer)
        on_air = self._open(plan)
        reader, replayed = on_air.feed.join(f"viewer-{viewer_id[:_SHORT]}")
        track = PacketTrack(reader, replayed, on_air.bell, self._clock.utc)
        viewer = ViewerSession(track, self._clock.utc())
        on_air.enter()
        self._seats[viewer_id] = _Seat(viewer, on_air, owner)
        try:
            sdp = await viewer.answer(offered)
            if not has_address(sdp):
                raise UnsupportedStream
        except BaseException:
            await self._end_viewer(viewer_id, ViewerEnd.REFUSED)
            raise
        log.info("live %s: viewer %s begins", plan.camera_id, viewer_id[:_SHORT])
        return sdp

    async def leave(self, viewer_id: str) -> bool:
        """End a viewer that leaves; return False if there is none."""
        is_there = viewer_id in self._seats
        await self._end_viewer(viewer_id, ViewerEnd.LEFT)
        return is_there

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

    async def open_mjpeg(self, viewer_id: str, plan: FeedPlan, owner: ViewerOwner) -> None:
        """Begin to be sent pictures. Raises `LiveRefused`."""
        self._check_room(owner)
        lookers = list(self._lookers.values())
        if len(lookers) >= self._settings.mjpeg_max_viewers:
            raise CapacityExceeded(f"{self._settings.mjpeg_max_viewers} are sent pictures")
        of_session = sum(item.owner.session == owner.session for item in lookers)
        if of_session >= self._settings.mjpeg_max_of_session:
            raise CapacityExceeded(f"{of_session} of one session are sent pictures")
        of_agency = _of_agency(owner, [item.owner for item in lookers])
        if of_agency >= self._settings.mjpeg_max_of_agency:
            raise CapacityExceeded(f"{of_agency} of one agency are sent pictures")
        self._lookers[viewer_id] = MjpegClient(owner, self._open(plan), self._clock)

    async def next_picture(self, viewer_id: str, after: int) -> tuple[int, JpegPicture] | None:
        """Wait for a picture numbered above `after`; return None when none will come."""
        looker = self._lookers.get(viewer_id)
        return None if looker is None else await looker.next(after)

    def look_away(self, viewer_id: str) -> None:
        """Send no more pictures; idempotent."""
        looker = self._lookers.pop(viewer_id, None)
        if looker is not None:
            looker.end()

    @property
    def watching(self) -> list[str]:
        """Ids of the current viewers."""
        return [*self._seats, *self._lookers]

    async def end(self, viewer_id: str, why: ViewerEnd = ViewerEnd.UNWELCOME) -> None:
        """End a viewer that may no longer watch."""
        self.look_away(viewer_id)
        await self._end_viewer(viewer_id, why)

    async def close_changed(self, camera_id: str) -> None:
        """Close a camera that is configured in another way now, with all who watch it."""
        self._stage.close_changed(camera_id)
        await self._end_left_over()

    def transcoded(self) -> dict[str, str]:
        """Return the transcoded cameras with the reason."""
        return self._stage.transcoded()

    def count(self) -> ViewerCount:
        tracks = [seat.viewer.track for seat in self._seats.values()]
        return ViewerCount(
            viewers=len(tracks),
            lookers=len(self._lookers),
            cameras=len(self._stage),
            sent=sum(track.sent for track in tracks),
            lost=sum(track.lost for track in tracks),
        )

    async def close(self) -> None:
        """End everybody and every camera's connection; idempotent."""
        self._closed = True
        for viewer_id in list(self._lookers):
            self.look_away(viewer_id)
        self._sweeper.cancel()
        await asyncio.gather(self._sweeper, return_exceptions=True)
        await asyncio.gather(
            *(self._end_viewer(viewer_id, ViewerEnd.STOPPING) for viewer_id in list(self._seats))
        )
        await self.phones.close()
        await self._stage.close(_CLOSE_WITHIN_S)

    def _check_room(self, owner: ViewerOwner) -> None:
        if self._closed:
            raise LiveStopping
        owners = [seat.owner for seat in self._seats.values()]
        owners += [looker.owner for looker in self._lookers.values()]
        watching = [item.session for item in owners]
        if len(watching) >= self._settings.max_viewers:
            raise CapacityExceeded(f"{self._settings.max_viewers} watch")
        if watching.count(owner.session) >= self._settings.max_viewers_of_session:
            raise CapacityExceeded(f"{self._settings.max_viewers_of_session} of one session watch")
        if _of_agency(owner, owners) >= self._settings.max_viewers_of_agency:
            raise CapacityExceeded(f"{self._settings.max_viewers_of_agency} of one agency watch")

    def _open(self, plan: FeedPlan) -> ActiveStream:
        on_air = self._stage.open(plan)
        if on_air.feed.has_no_room:
            raise CapacityExceeded(f"{self._settings.max_transcoded} cameras are transcoded")
        return on_air

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
        await self._end_left_over()
        for viewer_id, seat in list(self._seats.items()):
            facts = await seat.viewer.facts()
            why = why_viewer_ends(facts, self._clock.utc(), self._settings)
            if why is not None:
                await self._end_viewer(viewer_id, why)
        for viewer_id, looker in list(self._lookers.items()):
            if looker.idle_s() >= self._settings.silent_after_s:
                self.look_away(viewer_id)
        await self.phones.sweep()
        self._stage.close_unwatched()

    async def _end_left_over(self) -> None:
        """End who watches a camera that was closed under them."""
        for viewer_id, looker in list(self._lookers.items()):
            if not self._stage.is_open(looker.on_air):
                self.look_away(viewer_id)
        for viewer_id, seat in list(self._seats.items()):
            if not self._stage.is_open(seat.on_air):
                await self._end_viewer(viewer_id, ViewerEnd.CAMERA_CHANGED)


class MjpegClient:
    """Made by the sessions, which end it."""

    def __init__(self, owner: ViewerOwner, on_air: ActiveStream, clock: Clock) -> None:
        self.owner = owner
        self.on_air = on_air
        self._clock = clock
        self._is_asking = False
        self._queried_at = clock.monotonic()
        self._is_ended = False
        on_air.start_pictures()

    async def next(self, after: int) -> tuple[int, JpegPicture] | None:
        """Wait for a picture numbered above `after`; return None when none will come."""
        self._is_asking = True
        try:
            return await self._next(after)
        finally:
            self._is_asking = False
            self._queried_at = self._clock.monotonic()

    def idle_s(self) -> float:
        """Return the seconds since the last request."""
        return 0.0 if self._is_asking else self._clock.monotonic() - self._queried_at

    def end(self) -> None:
        """Send it nothing more; idempotent."""
        if not self._is_ended:
            self._is_ended = True
            self.on_air.stop_pictures()
            self.on_air.bell.notify()

    async def _next(self, after: int) -> tuple[int, JpegPicture] | None:
        while not self._is_ended:
            line = self.on_air.line
            if line is None or line.ended:
                return None
            newest = line.newest
            if newest is not None and newest[0] > after:
                return newest
            await self.on_air.bell.wait()
        return None


def _of_agency(owner: ViewerOwner, others: Sequence[ViewerOwner]) -> int:
    return sum(same_agency(owner.agencies, item.agencies) for item in others)
