"""Scenarios of drills, and starting one from the screens or the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.drills.drill_store import DrillRepository
from thapcanh.alerts.drills.drills import Drill
from thapcanh.alerts.store.roles import Actor
from thapcanh.config.rules import Priority
from thapcanh.config.site import DrillScenario, Site
from thapcanh.detection.event import Box

MADE_FIRE = "made-fire"
MADE_LAMPS = "made-lamps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Recording to show, its time in the file, and the correct finding."""

    id: str
    name: str
    kind: str
    priority: int
    at_s: float
    box: Box
    right_verdict: AlertState
    video: Path | None  # None: one of the films that are drawn by ourselves


_BUILT_IN = (
    Scenario(
        id=MADE_FIRE,
        name="Clip dựng · đống rác bốc cháy",
        kind="fire",
        priority=Priority.P1,
        at_s=11.0,
        box=(0.64, 0.42, 0.2, 0.38),
        right_verdict=AlertState.CONFIRMED,
        video=None,
    ),
    Scenario(
        id=MADE_LAMPS,
        name="Clip dựng · đèn xe và đèn lắc, không cháy",
        kind="fire",
        priority=Priority.P1,
        at_s=6.0,
        box=(0.39, 0.56, 0.14, 0.11),
        right_verdict=AlertState.REJECTED,
        video=None,
    ),
)


class DrillRefusalReason(StrEnum):
    SCENARIO_UNREGISTERED = "unknown_scenario"
    CAMERA_UNREGISTERED = "unknown_camera"  # or one that the actor may not see


class DrillRefused(Exception):
    """A drill that cannot be begun."""

    def __init__(self, why: DrillRefusalReason) -> None:
        super().__init__(why.value)
        self.why = why


def scenarios(site: Site) -> Mapping[str, Scenario]:
    """Return the scenarios by id; the site's own override those of the same id."""
    own = [_of_site(each) for each in site.drills.scenarios]
    return {each.id: each for each in (*_BUILT_IN, *own)}


def begin(
    repository: DrillRepository, site: Site, order: tuple[str, str], actor: Actor, now: float
) -> Drill:
    """Write a drill of (scenario, camera) down; raises `DrillRefused` or `DrillRunning`."""
    scenario = scenarios(site).get(order[0])
    if scenario is None:
        raise DrillRefused(DrillRefusalReason.SCENARIO_UNREGISTERED)
    camera = site.camera(order[1])
    if camera is None or not actor.scope.sees(camera.agency, camera.area):
        raise DrillRefused(DrillRefusalReason.CAMERA_UNREGISTERED)
    drill = Drill(
        id=str(uuid7()),
        scenario_id=scenario.id,
        scenario_name=scenario.name,
        right_verdict=scenario.right_verdict,
        camera_id=camera.id,
        camera_name=camera.name,
        area=camera.area,
        agency=camera.agency,
        event_id=str(uuid7()),
        started_by=actor.username,
        started_at=now,
    )
    repository.start(drill, actor)
    return drill


def _of_site(config: DrillScenario) -> Scenario:
    return Scenario(
        id=config.id,
        name=config.name,
        kind=config.kind,
        priority=config.priority,
        at_s=config.at_s,
        box=config.box,
        right_verdict=AlertState(config.right_verdict),
        video=config.video,
    )
