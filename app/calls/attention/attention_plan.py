"""Which cameras look harder at this moment, from the archive's calls and the site in force.

`AttentionRounds`: what the leading centre does every second: tell the workers whose cameras a call
is near to. All is read from the archive, so that a centre that takes over goes on where the other
ended, and a queue that lost everything is told again within a second. That no call is near to any
camera is told too: whatever stands in the queue of another's making goes with it.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from thapcanh.alerts.calls.call_attention import (
    AttentionPlan,
    AttentionSettings,
    TellingCall,
    planned,
)
from thapcanh.alerts.calls.telling_calls import telling_calls, telling_signals
from thapcanh.alerts.queue.exchanges.call_exchange import CallExchange, NearCall
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.cameras.nearest_cameras import camera_grid
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound, RoundThread
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.site import Site

SETTINGS = AttentionSettings()
TOLD_EVERY_S = 1.0
DeviceOf = Callable[[str], DeviceConfig | None]


def attention_plan(
    database: Database, site: Site, now: float, device_of: DeviceOf
) -> AttentionPlan:
    """What each camera is given now; raises `ArchiveError`.

    Whose camera it is does not matter here: a call is heard by every agency's cameras, and so is
    a device that tells of a fire.
    """
    grid = camera_grid(site)

    def near(place: Position) -> list[tuple[str, float]]:
        found = grid.near(place, EVERYTHING, within_m=SETTINGS.within_m)
        return [(one.camera.id, one.distance_m) for one in found]

    since = now - SETTINGS.for_s
    signals = telling_signals(database, since)
    told = [_with_cameras(one, site, device_of) for one in signals]
    return planned(
        [*told, *telling_calls(database, since)], near, SETTINGS.room(len(site.cameras)), SETTINGS
    )


class AttentionRounds:
    """Owned by the thread that calls `round`."""

    def __init__(
        self,
        database: Database,
        exchange: CallExchange,
        site: Callable[[], Site],
        device_of: DeviceOf,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._exchange = exchange
        self._site = site
        self._utc = utc
        self._device_of = device_of
        self._given: frozenset[str] = frozenset()

    def looking_harder(self) -> frozenset[str]:
        """The cameras that were told to, the last time."""
        return self._given

    def built(self) -> BuiltFeature:
        """Cameras near a call, told to the workers."""
        return BuiltFeature(
            rounds=(
                CentreRound(
                    name="calls", every_s=TOLD_EVERY_S, run=self.round, thread=RoundThread.QUEUE
                ),
            )
        )

    def round(self) -> None:
        """Raises `QueueError` or `ArchiveError`; the next round goes on."""
        now = self._utc()
        plan = attention_plan(self._database, self._site(), now, self._device_of)
        told = {
            camera_id: NearCall(
                call=one.call, left_s=one.until - now, corroborates=one.corroborates
            )
            for camera_id, one in plan.given.items()
        }
        self._exchange.tell_calls(told)
        self._given = frozenset(told)


def _with_cameras(told: TellingCall, site: Site, device_of: DeviceOf) -> TellingCall:
    """A device's signal with the cameras of the site that look at it."""
    device = device_of(told.caller or "")
    bound = () if device is None else device.cameras
    return replace(told, cameras=tuple(name for name in bound if site.camera(name) is not None))
