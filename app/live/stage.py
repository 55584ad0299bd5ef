"""The cameras that are on air, each opened when first watched and closed when nobody watches.

On the media loop. A camera whose configured address changed is closed; who watched it asks again.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.live.feed import Feed, FeedGear, FeedPlan
from app.live.forms import TranscodingRoom
from app.live.lifetimes import FeedEnd, why_feed_ends
from app.live.loop_bell import LoopBell
from app.live.on_air import OnAir
from app.live.phone_links import PhoneLinks
from app.live.phone_source import PhoneHubs
from app.live.settings import LiveSettings
from ingest.clock import Clock
from ingest.source import OpenSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What live view works with. `plan_of` gives a camera's plan as it is configured now."""

    plan_of: Callable[[str], FeedPlan | None]
    open_source: OpenSource
    clock: Clock
    settings: LiveSettings
    links: PhoneLinks
    hubs: PhoneHubs


class Stage:
    """Opens and closes feeds."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._gear = FeedGear(
            clock=surroundings.clock,
            open_source=surroundings.open_source,
            room=TranscodingRoom(surroundings.settings.max_transcoded),
        )
        self._on_air: dict[str, OnAir] = {}
        self._ending: list[Feed] = []

    def __len__(self) -> int:
        return len(self._on_air)

    def open(self, plan: FeedPlan) -> OnAir:
        """The camera on air; its connection is opened when it is not."""
        found = self._on_air.get(plan.camera_id)
        if found is not None and found.feed.plan == plan:
            return found
        if found is not None:
            self._close_one(plan.camera_id, FeedEnd.CAMERA_CHANGED)
        around, bell = self._around, LoopBell(asyncio.get_running_loop())
        feed = Feed(plan, around.settings, self._gear, bell.ring)
        opened = OnAir(feed, bell, around.settings, around.clock)
        self._on_air[plan.camera_id] = opened
        feed.start()
        return opened

    def is_as_configured(self, on_air: OnAir) -> bool:
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
