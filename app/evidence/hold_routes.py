"""Web routes of legal holds: evidence that must be retained until the hold ends."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.alert.alert_routes import AlertId
from thapcanh.app.alert.alert_schemas import LegalHoldResponse, legal_hold_response
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import HOLDS, main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import WORDS, ApiModel, More, SpokenModel, Time, first_of

router = APIRouter(prefix=PREFIX, tags=["holds"])


class LegalHoldRequest(SpokenModel):
    """Why evidence is held, or need not be any longer: a case's number, a letter's date."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class HeldAlertResponse(ApiModel):
    """A hold in force, and what it holds."""

    hold: LegalHoldResponse
    number: str
    kind: str
    camera_name: str
    raised_at: Time


class LegalHoldListResponse(ApiModel):
    """Holds in force, the newest first."""

    items: list[HeldAlertResponse]
    more: More


@router.get("/holds")
@permits(HOLDS | {Role.AUDITOR})
def list_holds(
    caller: CurrentUserDep, state: AppStateDep, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> LegalHoldListResponse:
    """List the holds in force."""
    held, more = first_of(_repository(state).all_in_force(caller.scope, limit + 1), limit)
    items = [
        HeldAlertResponse(
            hold=legal_hold_response(each.hold, state.people),
            number=each.number,
            kind=each.kind,
            camera_name=each.camera_name,
            raised_at=each.raised_at,
        )
        for each in held
    ]
    return LegalHoldListResponse(items=items, more=more)


@router.post("/alerts/{alert_id}/hold")
@permits(HOLDS)
def hold_evidence(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId, why: LegalHoldRequest
) -> LegalHoldResponse:
    """Hold an alert's evidence; what is held already stays held as it was."""
    now = state.services.clock.utc()
    placed = _repository(state).place(_id(alert_id), why.reason, _actor(caller), now)
    if placed is None:
        raise ApiError(404, "alert_not_found")
    return legal_hold_response(placed, state.people)


@router.post("/alerts/{alert_id}/release")
@permits(HOLDS)
def release_evidence(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId, why: LegalHoldRequest
) -> LegalHoldResponse:
    """End the hold: normal retention applies again."""
    now = state.services.clock.utc()
    ended = _repository(state).release(_id(alert_id), why.reason, _actor(caller), now)
    if ended is None:
        raise ApiError(404, "not_held")
    return legal_hold_response(ended, state.people)


def _repository(state: AppState) -> LegalHoldRepository:
    return LegalHoldRepository(state.services.archive.database)


def _actor(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _id(alert_id: str) -> str:
    if "\0" in alert_id:
        raise ApiError(404, "alert_not_found")
    return alert_id
