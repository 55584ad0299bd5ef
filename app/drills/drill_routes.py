"""Web routes of drills: start, end, scores; for leaders.

Participants see none of this, because it gives the answer away.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.drills.drill_store import DrillRepository, DrillRunning
from thapcanh.alerts.drills.drills import DrillOutcome, DrillScore
from thapcanh.alerts.store.roles import Role
from thapcanh.app.drills.scenarios import DrillRefused, begin, scenarios
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import SEES_DRILLS
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, More, PersonResponse, Time, first_of

router = APIRouter(prefix=PREFIX, tags=["drills"])

_SAME_NAME = ("scenario_name", "camera_name", "area", "agency", "started_at", "ended_at", "failure")
_OF_SCORE = ("alert_number", "acknowledged_after_s", "verdict_after_s")
DrillId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class ScenarioResponse(ApiModel):
    """A drill scenario."""

    id: str
    name: str
    kind: str
    priority: int
    right_verdict: str


class ScenarioListResponse(ApiModel):
    """The site's scenarios and our own."""

    items: list[ScenarioResponse]


class DrillResponse(ApiModel):
    """A drill and its score. `ended_by` is null where time, or its alert's end, ended it."""

    id: str
    scenario: str
    scenario_name: str
    right_verdict: str
    camera: str
    camera_name: str
    area: str | None
    agency: str | None
    started_by: PersonResponse | None
    started_at: Time
    ends_at: Time
    ended_at: Time | None
    ended_by: PersonResponse | None
    failure: str | None
    outcome: DrillOutcome
    alert: str | None
    alert_number: str | None
    acknowledged_by: PersonResponse | None
    acknowledged_after_s: float | None
    verdict: str | None
    verdict_by: PersonResponse | None
    verdict_after_s: float | None


class DrillListResponse(ApiModel):
    """Drills, newest first, and the running one."""

    running: DrillResponse | None
    items: list[DrillResponse]
    more: More


class StartDrillRequest(BaseModel):
    """Scenario and camera of a new drill."""

    model_config = ConfigDict(extra="forbid")

    scenario: str = Field(max_length=64)
    camera: str = Field(max_length=64)


@router.get("/drills/scenarios")
@permits(SEES_DRILLS)
def list_scenarios(_: CurrentUserDep, state: AppStateDep) -> ScenarioListResponse:
    """List the drill scenarios."""
    items = [
        ScenarioResponse(
            id=each.id,
            name=each.name,
            kind=each.kind,
            priority=each.priority,
            right_verdict=each.right_verdict.value,
        )
        for each in scenarios(state.services.site()).values()
    ]
    return ScenarioListResponse(items=items)


@router.get("/drills")
@permits(SEES_DRILLS)
def list_drills(
    caller: CurrentUserDep, state: AppStateDep, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> DrillListResponse:
    """List drills with their scores, newest first."""
    scores, more = first_of(_repository(state).scores(limit + 1, caller.scope), limit)
    items = [_response(each, state) for each in scores]
    running = next((each for each in items if each.ended_at is None), None)
    return DrillListResponse(running=running, items=items, more=more)


@router.post("/drills", status_code=201)
@permits(frozenset({Role.LEADER}))
def start_drill(
    caller: CurrentUserDep, state: AppStateDep, order: StartDrillRequest
) -> DrillResponse:
    """Begin a drill; 409 while another runs."""
    now = state.services.clock.utc()
    actor = caller.actor(Role.LEADER)
    try:
        begun = begin(
            _repository(state), state.services.site(), (order.scenario, order.camera), actor, now
        )
    except DrillRefused as refused:
        raise ApiError(404, refused.why.value) from None
    except DrillRunning:
        raise ApiError(409, "drill_runs") from None
    return _found(caller, state, begun.id)


@router.post("/drills/{drill_id}/end")
@permits(frozenset({Role.LEADER}))
def end_drill(caller: CurrentUserDep, state: AppStateDep, drill_id: DrillId) -> DrillResponse:
    """End a drill; what it leaves open is closed by the system."""
    _found(caller, state, drill_id)
    now = state.services.clock.utc()
    _repository(state).end(drill_id, now, by=caller.actor(Role.LEADER))
    if _repository(state).close_left(now):
        state.services.bell.notify()
    return _found(caller, state, drill_id)


def _repository(state: AppState) -> DrillRepository:
    return DrillRepository(state.services.archive.database)


def _found(caller: CurrentUser, state: AppState, drill_id: str) -> DrillResponse:
    found = _repository(state).score_of(drill_id, caller.scope)
    if found is None:
        raise ApiError(404, "not_found")
    return _response(found, state)


def _response(found: DrillScore, state: AppState) -> DrillResponse:
    drill, people = found.drill, state.people
    facts = {name: getattr(drill, name) for name in _SAME_NAME}
    facts |= {name: getattr(found, name) for name in _OF_SCORE}
    return DrillResponse(
        id=drill.id,
        scenario=drill.scenario_id,
        right_verdict=drill.right_verdict.value,
        camera=drill.camera_id,
        ends_at=drill.started_at + state.services.site().drills.limit_s,
        outcome=found.outcome,
        alert=found.alert_id,
        verdict=found.verdict and found.verdict.value,
        started_by=people.person(drill.started_by),
        ended_by=people.person(drill.ended_by),
        acknowledged_by=people.person(found.acknowledged_by),
        verdict_by=people.person(found.verdict_by),
        **facts,
    )
