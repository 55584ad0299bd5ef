"""The cameras that are on air, each opened when first watched and closed when nobody watches.

On the media loop. A camera whose plan changed is closed; who watched it asks again.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.live.active_stream import ActiveStream
from app.live.feed import FeedGear, StreamFeed
from app.live.feed_plan import FeedPlan
from app.live.format_choice import TranscodingRoom
from app.live.lifetimes import FeedEnd, why_feed_ends
from app.live.settings import LiveSettings
from app.live.whip.phone_source import PhoneHubs
from app.process.loop_bell import LoopNotifier
from ingest.clock import Clock
from ingest.sources.connection import OpenSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDependencies:
    """What live view works with. `opener_of` gives what opens a plan's address."""

    opener_of: Callable[[FeedPlan], OpenSource]
    clock: Clock
    settings: LiveSettings
    hubs: PhoneHubs


class StreamRegistry:
    """Opens and closes feeds."""

    def __init__(self, surroundings: LiveDependencies) -> None:
        self._around = surroundings
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
        """The camera on air; its connection is opened when it is not."""
        found = self._on_air.get(plan.camera_id)
        if found is not None and found.feed.plan == plan:
            return found
        if found is not None:
            self._close_one(plan.camera_id, FeedEnd.CAMERA_CHANGED)
        around, bell = self._around, LoopNotifier(asyncio.get_running_loop())
        feed = StreamFeed(plan, around.settings, self._gear, bell.notify)
        opened = ActiveStream(feed, bell, around.settings, around.clock)
        self._on_air[plan.camera_id] = opened
        feed.start()
        return opened

    def is_open(self, on_air: ActiveStream) -> bool:
        """Whether it is still what is sent of its camera."""
        return self._on_air.get(on_air.feed.plan.camera_id) is on_air

    def close_changed(self, camera_id: str) -> None:
        """Close a camera that is configured in another way now, or not any more."""
        if camera_id in self._on_air:
            self._close_one(camera_id, FeedEnd.CAMERA_CHANGED)

    def transcoded(self) -> dict[str, str]:
        """Which cameras are transcoded now, and why."""
        reasons = {name: one.feed.status().transcoding for name, one in self._on_air.items()}
        return {name: why.value for name, why in reasons.items() if why is not None}

    def close_unwatched(self) -> None:
        """Close what nobody has watched for a while."""
        for camera_id, on_air in list(self._on_air.items()):
            why = why_feed_ends(
                unwatched_since=on_air.unwatched_since,
                now=self._around.clock.monotonic(),
                settings=self._around.settings,
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
