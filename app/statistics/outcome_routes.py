"""Web routes of incident outcomes, written during and after the incident."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.statistics.outcomes import (
    FireCause,
    Outcome,
    OutcomeFacts,
    OutcomeRepository,
    Premises,
)
from thapcanh.app.incidents.incident_routes import IncidentId, visible_incident
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time

router = APIRouter(prefix=PREFIX, tags=["statistics"])

Count = Annotated[int | None, Field(default=None, ge=0, le=100_000)]
Amount = Annotated[float | None, Field(default=None, ge=0, le=1e15, allow_inf_nan=False)]


class OutcomeRequest(BaseModel):
    """Known values; an omitted one is unknown, not zero."""

    model_config = ConfigDict(extra="forbid")

    dead: Count
    injured: Count
    rescued: Count
    damage_vnd: Amount
    area_m2: Amount
    cause: FireCause | None = None
    premises: Premises | None = None
    vehicles: Count
    water_m3: Amount
    version: int = Field(default=0, ge=0, description="which was seen; 0 where there was none")


class OutcomeFactsResponse(ApiModel):
    """Outcome of an incident; null is unknown."""

    dead: int | None
    injured: int | None
    rescued: int | None
    damage_vnd: float | None
    area_m2: float | None
    cause: FireCause | None
    premises: Premises | None
    vehicles: int | None
    water_m3: float | None


class OutcomeResponse(ApiModel):
    """Outcome of an incident, with values derived from its record."""

    facts: OutcomeFactsResponse
    version: int
    by: PersonResponse | None
    at: Time | None
    sent_units: int = Field(description="that were sent, by the record")
    steps_s: dict[str, float] = Field(
        description="seconds from opening to each step, by the record"
    )


@router.get("/incidents/{incident_id}/outcome")
@permits(EVERYONE, token=TokenScope.READ)
def read_outcome(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId
) -> OutcomeResponse:
    """Return the outcome of an incident, as far as it is known."""
    found = visible_incident(caller, state, incident_id)
    return _response(found, _outcomes(state).of(incident_id), state)


@router.post("/incidents/{incident_id}/outcome")
@permits(ON_DUTY, token=TokenScope.ANSWER)
def write_outcome(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, body: OutcomeRequest
) -> OutcomeResponse:
    """Write or correct the outcome; refused if the version is not the current one."""
    facts = OutcomeFacts(**body.model_dump(exclude={"version"}))
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    is_written, outcome = _outcomes(state).write(actor, incident_id, facts, body.version, now)
    found = visible_incident(caller, state, incident_id)
    if not is_written:
        by = state.people.name("" if outcome is None else outcome.by)
        raise ApiError(409, "outcome_changed", by=by)
    state.services.bell.notify()
    return _response(found, outcome, state)


def _response(found: Incident, outcome: Outcome | None, state: AppState) -> OutcomeResponse:
    facts = OutcomeFacts() if outcome is None else outcome.facts
    assignments = UnitRepository(state.services.archive.database).assignments(found.id)
    return OutcomeResponse(
        facts=OutcomeFactsResponse(
            **{name: getattr(facts, name) for name in OutcomeFactsResponse.model_fields}
        ),
        version=0 if outcome is None else outcome.version,
        by=None if outcome is None else state.people.person(outcome.by),
        at=None if outcome is None else outcome.at,
        sent_units=len({one.unit_id for one in assignments if one.unit_id is not None}),
        steps_s={
            one.step.value: round(max(0.0, one.at - found.opened_at), 1) for one in found.steps
        },
    )


def _outcomes(state: AppState) -> OutcomeRepository:
    return OutcomeRepository(state.services.archive.database)
