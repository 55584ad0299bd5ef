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
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
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
        return [(signal.camera.id, signal.distance_m) for signal in found]

    since = now - SETTINGS.for_s
    signals = telling_signals(database, since)
    reported = [_with_cameras(signal, site, device_of) for signal in signals]
    return planned(
        [*reported, *telling_calls(database, since)],
        near,
        SETTINGS.room(len(site.cameras)),
        SETTINGS,
    )


class AttentionTask:
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
        self._assigned: frozenset[str] = frozenset()

    def looking_harder(self) -> frozenset[str]:
        """Return the cameras of the last published plan."""
        return self._assigned

    def built(self) -> BuiltFeature:
        """Return the task that publishes the plan to the workers."""
        return BuiltFeature(
            rounds=(
                CentreTask(
                    name="calls", every_s=TOLD_EVERY_S, run=self.round, thread=TaskThread.QUEUE
                ),
            )
        )

    def round(self) -> None:
        """Publish the plan; raises `QueueError` or `ArchiveError`, and the next run retries."""
        now = self._utc()
        plan = attention_plan(self._database, self._site(), now, self._device_of)
        reported = {
            camera_id: NearCall(
                call=signal.call, left_s=signal.until - now, corroborates=signal.corroborates
            )
            for camera_id, signal in plan.given.items()
        }
        self._exchange.publish_calls(reported)
        self._assigned = frozenset(reported)


def _with_cameras(reported: TellingCall, site: Site, device_of: DeviceOf) -> TellingCall:
    device = device_of(reported.caller or "")
    bound = () if device is None else device.cameras
    return replace(reported, cameras=tuple(name for name in bound if site.camera(name) is not None))
