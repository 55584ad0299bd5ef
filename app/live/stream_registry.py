"""Registry of active streams, opened on first use and closed when unwatched.

On the media loop.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from thapcanh.app.live.feed import FeedGear, StreamFeed
from thapcanh.app.live.feed_plan import FeedPlan
from thapcanh.app.live.format_choice import TranscodingRoom
from thapcanh.app.live.jpeg_picture import PictureLine
from thapcanh.app.live.settings import FeedEnd, LiveSettings, why_feed_ends
from thapcanh.app.live.whip.phone_source import PhoneHubs
from thapcanh.app.process.loop_thread import LoopNotifier
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.sources.connection import OpenSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDependencies:
    """Dependencies of live view. `opener_of` returns the opener of a plan's address."""

    opener_of: Callable[[FeedPlan], OpenSource]
    clock: Clock
    settings: LiveSettings
    hubs: PhoneHubs


class ActiveStream:
    """Active stream of one camera, counting its viewers."""

    def __init__(
        self, feed: StreamFeed, bell: LoopNotifier, settings: LiveSettings, clock: Clock
    ) -> None:
        self.feed = feed
        self.bell = bell
        self._settings = settings
        self._clock = clock
        self._watching = 0
        self._looking = 0
        self._line: PictureLine | None = None
        self.unwatched_since: float | None = clock.monotonic()

    @property
    def line(self) -> PictureLine | None:
        """Producer of JPEG pictures, while there are MJPEG clients."""
        return self._line

    def enter(self) -> None:
        """Count one more viewer."""
        self._watching += 1
        self.unwatched_since = None

    def leave(self) -> None:
        """Count one fewer viewer."""
        self._watching -= 1
        if self._watching == 0:
            self.unwatched_since = self._clock.monotonic()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep it on air for as long as the block runs."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def start_pictures(self) -> None:
        """Count one more MJPEG client; start the pictures if needed."""
        self.enter()
        self._looking += 1
        if self._line is None or self._line.ended:
            reader, _ = self.feed.join(f"pictures-{self.feed.plan.camera_id}")
            self._line = PictureLine(
                reader, self._settings, clock=self._clock, ring=self.bell.notify
            )
            self._line.start()

    def stop_pictures(self) -> None:
        """Count one fewer MJPEG client; stop the pictures after the last."""
        self._looking -= 1
        self.leave()
        if self._looking == 0:
            self.end_line()

    def end_line(self) -> None:
        """Stop making pictures; idempotent."""
        if self._line is not None:
            self._line.request_stop()
            self._line = None


class StreamRegistry:
    """Opens and closes feeds."""

    def __init__(self, surroundings: LiveDependencies) -> None:
        self._context = surroundings
        self._gear = FeedGear(
            clock=surroundings.clock,
            opener_of=surroundings.opener_of,
            room=TranscodingRoom(surroundings.settings.max_transcoded),
        )
        self._on_air: dict[str, ActiveStream] = {}
        self._ending: list[StreamFeed] = []

    def __len__(self) -> int:
        return len(self._on_air)

    def open(self, plan: FeedPlan) -> ActiveStream:
        """Return the camera's stream, opened if needed."""
        found = self._on_air.get(plan.camera_id)
        if found is not None and found.feed.plan == plan:
            return found
        if found is not None:
            self._close_one(plan.camera_id, FeedEnd.CAMERA_CHANGED)
        context, bell = self._context, LoopNotifier(asyncio.get_running_loop())
        feed = StreamFeed(plan, context.settings, self._gear, bell.notify)
        opened = ActiveStream(feed, bell, context.settings, context.clock)
        self._on_air[plan.camera_id] = opened
        feed.start()
        return opened

    def is_open(self, on_air: ActiveStream) -> bool:
        """Return True if it is still the camera's stream."""
        return self._on_air.get(on_air.feed.plan.camera_id) is on_air

    def close_changed(self, camera_id: str) -> None:
        """Close a camera that is configured in another way now, or not any more."""
        if camera_id in self._on_air:
            self._close_one(camera_id, FeedEnd.CAMERA_CHANGED)

    def transcoded(self) -> dict[str, str]:
        """Return the transcoded cameras with the reason."""
        reasons = {name: item.feed.status().transcoding for name, item in self._on_air.items()}
        return {name: why.value for name, why in reasons.items() if why is not None}

    def close_unwatched(self) -> None:
        """Close streams that nobody watched for a while."""
        for camera_id, on_air in list(self._on_air.items()):
            why = why_feed_ends(
                unwatched_since=on_air.unwatched_since,
                now=self._context.clock.monotonic(),
                settings=self._context.settings,
            )
            if why is not None:
                self._close_one(camera_id, why)

    async def close(self, within_s: float) -> None:
        """Close every camera and wait for the threads, each within bounds. Idempotent."""
        for camera_id in list(self._on_air):
            self._close_one(camera_id, FeedEnd.STOPPING)
        stops = [asyncio.to_thread(feed.stop, within_s) for feed in self._ending]
        await asyncio.gather(*stops)

    def _close_one(self, camera_id: str, why: FeedEnd) -> None:
        on_air = self._on_air.pop(camera_id)
        on_air.end_line()
        on_air.feed.stop(0.0)
        self._ending = [feed for feed in self._ending if feed.is_alive] + [on_air.feed]
        log.info("live %s: closed, %s", camera_id, why)
