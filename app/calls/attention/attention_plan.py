"""Which cameras look harder at this moment, from the archive's calls and the site in force."""

from collections.abc import Callable
from dataclasses import replace

from alerts.calls.call_attention import (
    AttentionPlan,
    AttentionSettings,
    TellingCall,
    planned,
)
from alerts.calls.telling_calls import telling_calls, telling_signals
from alerts.store.database import Database
from alerts.store.distance import Position
from alerts.store.roles import EVERYTHING
from app.cameras.nearest_cameras import camera_grid
from config.devices import DeviceConfig
from config.site import Site

SETTINGS = AttentionSettings()


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


def _with_cameras(told: TellingCall, site: Site, device_of: DeviceOf) -> TellingCall:
    """A device's signal with the cameras of the site that look at it."""
    device = device_of(told.caller or "")
    bound = () if device is None else device.cameras
    return replace(told, cameras=tuple(name for name in bound if site.camera(name) is not None))
