"""The cameras that are on air, each opened when first watched and closed when nobody watches.

On the media loop. A camera whose configured address changed is closed; who watched it asks again.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.live.active_stream import ActiveStream
from app.live.feed import FeedGear, FeedPlan, StreamFeed
from app.live.format_choice import TranscodingRoom
from app.live.lifetimes import FeedEnd, why_feed_ends
from app.live.loop_bell import LoopNotifier
from app.live.settings import LiveSettings
from app.live.whip.phone_links import PhoneLinks
from app.live.whip.phone_source import PhoneHubs
from ingest.clock import Clock
from ingest.sources.connection import OpenSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDependencies:
    """What live view works with. `plan_of` gives a camera's plan as it is configured now."""

    plan_of: Callable[[str], FeedPlan | None]
    open_source: OpenSource
    clock: Clock
    settings: LiveSettings
    links: PhoneLinks
    hubs: PhoneHubs


class StreamRegistry:
    """Opens and closes feeds."""

    def __init__(self, surroundings: LiveDependencies) -> None:
        self._around = surroundings
        self._gear = FeedGear(
            clock=surroundings.clock,
            open_source=surroundings.open_source,
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

    def is_as_configured(self, on_air: ActiveStream) -> bool:
        """Whether the camera still exists and has the address that is open."""
        return self._around.plan_of(on_air.feed.plan.camera_id) == on_air.feed.plan

    def close_unwatched(self) -> None:
        """Close what nobody has watched for a while, and what is no longer configured."""
        for camera_id, on_air in list(self._on_air.items()):
            why = why_feed_ends(
                is_as_configured=self.is_as_configured(on_air),
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
