"""Web routes of calls from telephone exchanges: notices, list, answering.

An exchange has a token of the scope `telephone`; its calls are identified by token and call id
(docs/integration.md).
"""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, ConfigDict, Field

from thapcanh.alerts.calls.call_store import CallRepository
from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.calls.incoming_calls import (
    AcceptOutcome,
    CallNotice,
    IncomingCall,
    IncomingNotice,
    IncomingState,
)
from thapcanh.alerts.incidents.calls import CallerHistory, dialled
from thapcanh.alerts.signals.device_clock import dated
from thapcanh.alerts.store.errors import TooManyRinging
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, SEES_NUMBERS, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time
from thapcanh.config.devices import CalledLine

router = APIRouter(prefix=PREFIX, tags=["calls"])

IncomingId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class IncomingNoticeRequest(SpokenModel):
    """A notice of an exchange about one call; `at` is the exchange's clock."""

    model_config = ConfigDict(extra="forbid")

    call_id: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    event: CallNotice
    caller: str | None = Field(default=None, max_length=100, pattern=NO_NUL)
    line: CalledLine = "113"
    at: AwareDatetime | None = None


class IncomingReceiptResponse(ApiModel):
    """The receipt of a notice: the same again gets the same."""

    id: str
    state: IncomingState


class IncomingCallResponse(ApiModel):
    """A call of an exchange that is not written down yet."""

    id: str
    exchange: str
    line: str
    caller: str | None
    state: IncomingState
    began_at: Time
    answered_at: Time | None
    ended_at: Time | None
    taken_by: PersonResponse | None
    taken_at: Time | None
    repeated: bool = Field(description="this number called within the last half hour")
    hoaxes: int = Field(description="of this number within a year")


class IncomingListResponse(ApiModel):
    """Calls that wait to be written down: those that ring, then the newest."""

    items: list[IncomingCallResponse]


@router.post("/incoming-calls", status_code=202)
@permits(EVERYONE, token=TokenScope.TELEPHONE)
def note_incoming_call(
    caller: CurrentUserDep, state: AppStateDep, body: IncomingNoticeRequest
) -> IncomingReceiptResponse:
    """Accept an exchange's notice, which may come twice, late, or out of order."""
    if caller.powers is None:
        raise ApiError(403, "not_allowed")  # officers write down calls, they do not make them ring
    now = state.services.clock.utc()
    notice = IncomingNotice(
        exchange=caller.session.user.username,
        exchange_call_id=body.call_id,
        notice=body.event,
        line=body.line,
        caller=dialled(body.caller),
        at=now if body.at is None else dated(body.at.timestamp(), now).at,
        agency=_only(caller.session.user.scope.agencies),
        area=_only(caller.session.user.scope.areas),
    )
    try:
        noted = _incoming(state).note(notice)
    except TooManyRinging:
        headers = {"Retry-After": "5"}
        raise ApiError(429, "too_many_ringing", headers=headers) from None
    state.services.bell.notify()
    return IncomingReceiptResponse(id=noted.id, state=noted.state)


@router.get("/incoming-calls")
@permits(SEES_NUMBERS)
def list_incoming_calls(caller: CurrentUserDep, state: AppStateDep) -> IncomingListResponse:
    """List ringing calls, and calls of the last day that are not written down."""
    waiting = _incoming(state).waiting(caller.scope, state.services.clock.utc())
    return IncomingListResponse(items=[_response(item, caller, state) for item in waiting])


@router.post("/incoming-calls/{incoming_id}/take")
@permits(ON_DUTY)
def take_incoming_call(
    caller: CurrentUserDep, state: AppStateDep, incoming_id: IncomingId
) -> IncomingCallResponse:
    """Have a call; the first officer has it, and writes it down with `POST /calls`."""
    now = state.services.clock.utc()
    actor = caller.actor(main_role(caller.roles))
    outcome, found = _incoming(state).take(actor, incoming_id, now)
    if found is None:
        raise ApiError(404, "incoming_call_not_found")
    if outcome is AcceptOutcome.HELD:
        raise ApiError(409, "incoming_call_held", by=state.people.name(found.taken_by or ""))
    if outcome is AcceptOutcome.WRITTEN:
        raise ApiError(409, "incoming_call_written")
    state.services.bell.notify()
    return _response(found, caller, state)


def _response(call: IncomingCall, caller: CurrentUser, state: AppState) -> IncomingCallResponse:
    before = _history(call, caller, state)
    same = {name: getattr(call, name) for name in _SAME_NAME}
    return IncomingCallResponse(
        **same,
        taken_by=state.people.person(call.taken_by),
        repeated=bool(before.recent),
        hoaxes=before.hoaxes,
    )


def _history(call: IncomingCall, caller: CurrentUser, state: AppState) -> CallerHistory:
    if call.caller is None:
        return CallerHistory()
    repository = CallRepository(state.services.archive.database)
    return repository.history(call.caller, state.services.clock.utc(), caller.scope)


def _only(names: frozenset[str] | None) -> str | None:
    """Return the only name, or None if a token has none or several."""
    return next(iter(names)) if names is not None and len(names) == 1 else None


def _incoming(state: AppState) -> IncomingCallRepository:
    return IncomingCallRepository(state.services.archive.database)


_SAME_NAME = IncomingCallResponse.model_fields.keys() - {"taken_by", "repeated", "hoaxes"}
