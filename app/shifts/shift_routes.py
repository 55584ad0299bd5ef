"""Web routes of shifts: start, who is on duty, and the handover signed by two people."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.shifts.duties import Duty, on_duty_at
from thapcanh.alerts.shifts.roster import RosterRepository
from thapcanh.alerts.shifts.shift_records import HandoverOffer, ShiftRefusalReason, ShiftRefused
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.cameras.camera_board import CameraBoard, reason_of, state_of
from thapcanh.app.cameras.camera_schemas import camera_response
from thapcanh.app.shifts.colleagues import Colleagues
from thapcanh.app.shifts.roster_schemas import person_response
from thapcanh.app.shifts.shift_schemas import (
    CameraDownResponse,
    CurrentSheetResponse,
    CurrentShiftResponse,
    HandoverResponse,
    OpenItemResponse,
    ShiftListResponse,
    ShiftResponse,
    ShiftSheetResponse,
    handover_response,
    open_item_response,
    shift_response,
)
from thapcanh.app.stream.change_feed import ChangeFeed
from thapcanh.app.suppression.shelving_routes import shelves_in_force
from thapcanh.app.suppression.shelving_schemas import as_stored
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, PersonResponse, ProblemResponse, SpokenModel

router = APIRouter(prefix=PREFIX, tags=["shift"])

_ONLINE = "online"
_MOST_RECENT = 60
_MOST_READ = 1000  # of which those of one agency are chosen
ShiftId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class ShiftProblemResponse(ProblemResponse):
    """Reason for refusing a step of a shift."""

    blocking: list[OpenItemResponse] = Field(default_factory=list)
    blocking_total: int = 0  # all of them; `blocking` names the oldest


_NOT_DONE: dict[int | str, dict[str, Any]] = {409: {"model": ShiftProblemResponse}}


class TakeShiftRequest(BaseModel):
    """Body for starting a shift; null if the sound was not tested."""

    model_config = ConfigDict(extra="forbid")

    sound_heard: bool | None = None


class OfferHandoverRequest(SpokenModel):
    """Body of a handover; without a name, any colleague may accept."""

    model_config = ConfigDict(extra="forbid")

    to: str | None = Field(default=None, max_length=64, pattern=NO_NUL)
    note: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)


class EndShiftRequest(SpokenModel):
    """Reason why a leader ends a shift without handover."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, pattern=NO_NUL)


@router.get("/shift")
@permits(EVERYONE)
def shift_now(caller: CurrentUserDep, state: AppStateDep) -> CurrentShiftResponse:
    """Return who is on duty, and the pending handovers."""
    now, colleagues = state.services.clock.utc(), Colleagues(caller, state)
    on_duty = [
        shift_response(shift, state.people, now)
        for shift in _repository(state).on_duty()
        if colleagues.covers(shift.username)
    ]
    mine = next((item for item in on_duty if item.person.username == _me(caller).username), None)
    offered = []
    if caller.roles & ON_DUTY:  # the sheet names alerts, which others may not see
        offered = [
            handover_response(each, state.people, caller.scope)
            for each in _repository(state).offered()
            if colleagues.covers(each.from_username)
        ]
    rostered = [
        person_response(item, state.people)
        for item in sorted(_rostered(state, now))
        if colleagues.covers(item)
    ]
    return CurrentShiftResponse(
        mine=mine,
        on_duty=on_duty,
        offered=offered,
        rostered=rostered,
        technician_watches=state.part(ChangeFeed).technician_watches,
    )


@router.get("/shift/recent")
@permits(EVERYONE)
def recent_shifts(caller: CurrentUserDep, state: AppStateDep) -> ShiftListResponse:
    """List the newest shifts, for choosing one to report on."""
    now, colleagues = state.services.clock.utc(), Colleagues(caller, state)
    found = _repository(state).recent(_MOST_READ)
    shifts = [shift for shift in found if colleagues.covers(shift.username)][:_MOST_RECENT]
    return ShiftListResponse(items=[shift_response(shift, state.people, now) for shift in shifts])


@router.get("/shift/sheet")
@permits(ON_DUTY)
def sheet_now(caller: CurrentUserDep, state: AppStateDep) -> CurrentSheetResponse:
    """Return the handover sheet as of now, and what prevents signing."""
    repository, actor = _repository(state), _me(caller)
    items, total = repository.open_items(actor)
    down, cameras = _cameras_down(caller, state)
    sheet = ShiftSheetResponse(
        items=[open_item_response(item, state.people) for item in items],
        items_total=total,
        cameras_down=down,
        cameras_total=cameras,
        shelves=shelves_in_force(caller, state),
        log_head=None,
    )
    blocking, blocking_total = repository.blocking(actor)
    return CurrentSheetResponse(
        sheet=sheet,
        blocking=[open_item_response(item, state.people) for item in blocking],
        blocking_total=blocking_total,
        colleagues=_colleagues(caller, state),
    )


@router.post("/shift/take")
@permits(ON_DUTY)
def take_shift(caller: CurrentUserDep, state: AppStateDep, body: TakeShiftRequest) -> ShiftResponse:
    """Start a shift, or update the sound test of a running one.

    A person outside the roster may start one too; the log says so.
    """
    now, me = state.services.clock.utc(), _me(caller)
    rostered = _rostered(state, now)
    in_roster = me.username in rostered if rostered else None
    shift = _repository(state).take(me, body.sound_heard, now, in_roster=in_roster)
    return shift_response(shift, state.people, now)


@router.post("/shift/handover", responses=_NOT_DONE)
@permits(ON_DUTY)
def offer_handover(
    caller: CurrentUserDep, state: AppStateDep, body: OfferHandoverRequest
) -> HandoverResponse:
    """Sign the outgoing half."""
    if body.to is not None and body.to not in {
        item.username for item in _colleagues(caller, state)
    }:
        raise ApiError(422, "person_unknown")
    down, cameras = _cameras_down(caller, state)
    facts = {
        "cameras_down": [
            {name: getattr(each, name) for name in CameraDownResponse.model_fields} for each in down
        ],
        "cameras_total": cameras,
        "shelves": [as_stored(each) for each in shelves_in_force(caller, state)],
    }
    offered = HandoverOffer(to_username=body.to, note=body.note or None, facts=facts)
    try:
        made = _repository(state).offer(_me(caller), offered, state.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, state) from None
    return handover_response(made, state.people, caller.scope)


@router.post("/shift/handover/{handover_id}/accept", responses=_NOT_DONE)
@permits(ON_DUTY)
def accept_handover(
    caller: CurrentUserDep, state: AppStateDep, handover_id: ShiftId
) -> HandoverResponse:
    """Sign the incoming half: the other is relieved, the caller is on duty."""
    _check_visible(caller, state, handover_id)
    try:
        made = _repository(state).accept(_me(caller), handover_id, state.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, state) from None
    return handover_response(made, state.people, caller.scope)


@router.post("/shift/handover/{handover_id}/withdraw", responses=_NOT_DONE)
@permits(ON_DUTY)
def withdraw_handover(
    caller: CurrentUserDep, state: AppStateDep, handover_id: ShiftId
) -> HandoverResponse:
    """Withdraw one's own handover offer."""
    _check_visible(caller, state, handover_id)
    try:
        made = _repository(state).withdraw(_me(caller), handover_id, state.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, state) from None
    return handover_response(made, state.people, caller.scope)


@router.post("/shift/{shift_id}/end", status_code=204, responses=_NOT_DONE)
@permits(frozenset({Role.LEADER}))
def end_shift(
    caller: CurrentUserDep, state: AppStateDep, shift_id: ShiftId, body: EndShiftRequest
) -> None:
    """End a shift that was left without a hand-over."""
    on_duty = {each.id: each.username for each in _repository(state).on_duty()}
    if not Colleagues(caller, state).covers(on_duty.get(shift_id, _me(caller).username)):
        raise ApiError(404, ShiftRefusalReason.NO_SUCH_SHIFT.value)
    try:
        _repository(state).end(_me(caller), shift_id, body.reason, state.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, state) from None


def _repository(state: AppState) -> ShiftRepository:
    return ShiftRepository(state.services.archive.database)


def _rostered(state: AppState, now: float) -> frozenset[str]:
    """Whom the roster names for the desk now."""
    duties = RosterRepository(state.services.archive.database).between(now, now + 1)
    return on_duty_at(duties, Duty.DESK, now)


def _me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _refusal(refused: ShiftRefused, state: AppState) -> ApiError:
    missing = refused.why in (ShiftRefusalReason.NO_SUCH_HANDOVER, ShiftRefusalReason.NO_SUCH_SHIFT)
    blocking = [open_item_response(item, state.people) for item in refused.blocking]
    return ApiError(
        404 if missing else 409,
        refused.why.value,
        extra={
            "blocking": [item.model_dump(mode="json") for item in blocking],
            "blocking_total": refused.total,
        },
        count=refused.total,
    )


def _cameras_down(caller: CurrentUser, state: AppState) -> tuple[list[CameraDownResponse], int]:
    report = state.part(CameraBoard).report()
    cameras = state.part(CameraBoard).cameras(caller.scope)
    down = [
        CameraDownResponse(
            id=camera.id,
            name=camera.name,
            area=camera.area,
            agency=camera.agency,
            state=state_of(camera.id, report),
            reason=reason_of(camera.id, report),
            since=camera_response(camera, report).since,
        )
        for camera in cameras
        if state_of(camera.id, report) != _ONLINE
    ]
    return down, len(cameras)


def _colleagues(caller: CurrentUser, state: AppState) -> list[PersonResponse]:
    relief = Colleagues(caller, state).who_may_relieve()
    return [PersonResponse(username=user.username, name=user.name) for user in relief]


def _check_visible(caller: CurrentUser, state: AppState, handover_id: str) -> None:
    """Refuse an offer of a person outside the caller's scope."""
    offered = {each.id: each.from_username for each in _repository(state).offered()}
    if not Colleagues(caller, state).covers(offered.get(handover_id, _me(caller).username)):
        raise ApiError(404, ShiftRefusalReason.NO_SUCH_HANDOVER.value)
