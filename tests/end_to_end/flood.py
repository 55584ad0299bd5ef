"""The worst day on a drill: 203 open alerts, 69 of them P1, one of them a fire of 22 minutes."""

import time
from dataclasses import dataclass

from tests.end_to_end.drill import Drill, drill_site
from thapcanh.config.site import Site

URGENT = 69
URGENT_PLACES = 2  # all fires of a place are one incident
LESSER = 120
SYSTEM = 14
OPEN = URGENT + LESSER + SYSTEM
FIRE_AGE_S = 22 * 60.0
FIRES = 100  # at as many places: more than a wall of any size has rows
BESIDE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """The ids of what was raised, oldest first."""

    fire: str
    false_fires: tuple[str, ...]
    lesser: tuple[str, ...]


def flood(drill: Drill) -> Flood:
    """Raise 203 alerts within the last half hour; the first is the real fire."""
    now = time.time()
    fire = _raise_at(drill, now - FIRE_AGE_S, "cam-1", "fire", 1)
    lesser = [
        _raise_at(drill, now - 1000 + number, f"cam-{2 + number % 2}", kind, priority)
        for number in range(LESSER)
        for kind, priority in [("intrusion", 2) if number % 2 else ("crowd", 3)]
    ]
    for number in range(SYSTEM):
        _raise_at(drill, now - 700 + number, f"cam-{1 + number % 3}", "camera_offline", 2)
    false_fires = [
        _raise_at(drill, now - 300 + number, "cam-3", "fire", 1) for number in range(URGENT - 1)
    ]
    return Flood(fire=fire, false_fires=tuple(false_fires), lesser=tuple(lesser))


def _raise_at(drill: Drill, at: float, camera: str, kind: str, priority: int) -> str:
    """One alert that came at `at`, without a picture."""
    reason = "3 of 5 looks · inner change 15 · warmth 75" if kind == "fire" else ""
    return drill.centre.raise_alert(
        camera, kind, priority=priority, reason=reason, captured_at=at, inferred_at=at + 0.1
    )


def city_site() -> Site:
    """Return a site with a camera for each fire, a kilometre from the next."""
    site = drill_site()
    first = site.cameras[0]
    further = (
        first.model_copy(update={"id": f"far-{n}", "name": f"Phố {n}", "lat": 21.1 + n * 0.01})
        for n in range(FIRES)
    )
    return site.model_copy(update={"cameras": (*site.cameras, *further)})


def many_fires(drill: Drill) -> list[str]:
    """Raise a fire a place, and what is less urgent beside it. Return the fires, oldest first."""
    now = time.time()
    for n in range(BESIDE):
        drill.raise_alert(f"cam-{n + 1}", "crowd", priority=3)
    return [
        drill.centre.raise_alert(f"far-{n}", "fire", priority=1, captured_at=at, inferred_at=at)
        for n in range(FIRES)
        for at in [now - 200 + n]
    ]
