"""Drills: a leader starts one and ends it, and sees how it was answered.

Who may be drilled sees none of this: scenarios and scores give the answer away. The drill itself
comes to the desks as an alert with `exercise`; it is put on by the centre within a second or some.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from alerts.archive.drill_book import DrillBook, DrillRuns
from alerts.drill import DrillOutcome, DrillScore
from alerts.roles import Role
from app.api.access import Asking, Caller
from app.api.forms import Form, Person, Time
from app.api.parts import Here, Parts
from app.api.permissions import PREFIX
from app.api.refusal import Refused
from app.drills import NoDrill, begin, scenarios

router = APIRouter(prefix=PREFIX, tags=["drills"])

_SAME_NAME = ("scenario_name", "camera_name", "area", "agency", "started_at", "ended_at", "failure")
_OF_SCORE = ("alert_number", "acknowledged_after_s", "verdict_after_s")
DrillId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class ShownScenario(Form):
    """What can be drilled."""

    id: str
    name: str
    kind: str
    priority: int
    right_verdict: str


class ScenarioList(Form):
    """The site's scenarios and our own."""

    items: list[ShownScenario]


class ShownDrill(Form):
    """A drill and its score. `ended_by` is null where time, or its alert's end, ended it."""

    id: str
    scenario: str
    scenario_name: str
    right_verdict: str
    camera: str
    camera_name: str
    area: str | None
    agency: str | None
    started_by: Person | None
    started_at: Time
    ends_at: Time
    ended_at: Time | None
    ended_by: Person | None
    failure: str | None
    outcome: DrillOutcome
    alert: str | None
    alert_number: str | None
    acknowledged_by: Person | None
    acknowledged_after_s: float | None
    verdict: str | None
    verdict_by: Person | None
    verdict_after_s: float | None


class DrillList(Form):
    """Drills, the newest first, and the one that runs."""

    running: ShownDrill | None
    items: list[ShownDrill]


class DrillOrder(BaseModel):
    """Which scenario, and at which camera it is to be."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = Field(max_length=64)
    camera: str = Field(max_length=64)


@router.get("/drills/scenarios")
def list_scenarios(_: Asking, here: Here) -> ScenarioList:
    """What can be drilled."""
    items = [
        ShownScenario(
            id=each.id,
            name=each.name,
            kind=each.kind,
            priority=each.priority,
            right_verdict=each.right_verdict.value,
        )
        for each in scenarios(here.services.site()).values()
    ]
    return ScenarioList(items=items)


@router.get("/drills")
def list_drills(
    caller: Asking, here: Here, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> DrillList:
    """How drills were answered."""
    items = [_shown(each, here) for each in _book(here).scores(limit, caller.scope)]
    running = next((each for each in items if each.ended_at is None), None)
    return DrillList(running=running, items=items)


@router.post("/drills", status_code=201)
def start_drill(caller: Asking, here: Here, order: DrillOrder) -> ShownDrill:
    """Begin a drill; 409 while another runs."""
    now = here.services.clock.utc()
    actor = caller.actor(Role.LEADER)
    try:
        begun = begin(_book(here), here.services.site(), (order.scenario, order.camera), actor, now)
    except NoDrill as refused:
        raise Refused(404, refused.why.value) from None
    except DrillRuns:
        raise Refused(409, "drill_runs") from None
    return _found(caller, here, begun.id)


@router.post("/drills/{drill_id}/end")
def end_drill(caller: Asking, here: Here, drill_id: DrillId) -> ShownDrill:
    """End a drill; what it leaves open is closed by the system."""
    _found(caller, here, drill_id)
    now = here.services.clock.utc()
    _book(here).end(drill_id, now, by=caller.actor(Role.LEADER))
    if _book(here).close_left(now):
        here.services.bell.ring()
    return _found(caller, here, drill_id)


def _book(here: Parts) -> DrillBook:
    return DrillBook(here.services.archive.database)


def _found(caller: Caller, here: Parts, drill_id: str) -> ShownDrill:
    found = _book(here).score_of(drill_id, caller.scope)
    if found is None:
        raise Refused(404, "not_found")
    return _shown(found, here)


def _shown(found: DrillScore, here: Parts) -> ShownDrill:
    drill, people = found.drill, here.people
    facts = {name: getattr(drill, name) for name in _SAME_NAME}
    facts |= {name: getattr(found, name) for name in _OF_SCORE}
    return ShownDrill(
        id=drill.id,
        scenario=drill.scenario_id,
        right_verdict=drill.right_verdict.value,
        camera=drill.camera_id,
        ends_at=drill.started_at + here.services.site().drills.limit_s,
        outcome=found.outcome,
        alert=found.alert_id,
        verdict=found.verdict and found.verdict.value,
        started_by=people.person(drill.started_by),
        ended_by=people.person(drill.ended_by),
        acknowledged_by=people.person(found.acknowledged_by),
        verdict_by=people.person(found.verdict_by),
        **facts,
    )
