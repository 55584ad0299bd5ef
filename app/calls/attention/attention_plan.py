"""Plan of the cameras to analyse more often, from the archive's calls and the site."""

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
    """Return the plan of cameras to analyse more often; raises `ArchiveError`.

    Agencies do not matter: a call or device alarm concerns the cameras of all of them.
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
        """Return the cameras of the last published plan."""
        return self._given

    def built(self) -> BuiltFeature:
        """Return the task that publishes the plan to the workers."""
        return BuiltFeature(
            rounds=(
                CentreRound(
                    name="calls", every_s=TOLD_EVERY_S, run=self.round, thread=RoundThread.QUEUE
                ),
            )
        )

    def round(self) -> None:
        """Publish the plan; raises `QueueError` or `ArchiveError`, and the next run retries."""
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
    device = device_of(told.caller or "")
    bound = () if device is None else device.cameras
    return replace(told, cameras=tuple(name for name in bound if site.camera(name) is not None))
