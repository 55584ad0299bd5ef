"""Shifts: taking one, who is on, and the hand-over that is signed by two people.

Every step is one transaction with its line in the action log
(`thapcanh.alerts.shifts.shifts`); what stands against a step comes back as 409 with the alerts
that wait.
"""

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
from thapcanh.app.suppression.shelving_schemas import as_kept
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
    """Why a step of a shift was not taken."""

    blocking: list[OpenItemResponse] = Field(default_factory=list)
    blocking_total: int = 0  # all of them; `blocking` names the oldest


_NOT_DONE: dict[int | str, dict[str, Any]] = {409: {"model": ShiftProblemResponse}}


class TakeShiftRequest(BaseModel):
    """What is said when a shift is taken; null where the sound was not tried."""

    model_config = ConfigDict(extra="forbid")

    sound_heard: bool | None = None


class OfferHandoverRequest(SpokenModel):
    """What is said when a shift is handed over; without a name, any colleague may accept."""

    model_config = ConfigDict(extra="forbid")

    to: str | None = Field(default=None, max_length=64, pattern=NO_NUL)
    note: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)


class EndShiftRequest(SpokenModel):
    """Why a leader ends a shift that nobody handed over."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, pattern=NO_NUL)


@router.get("/shift")
@permits(EVERYONE)
def shift_now(caller: CurrentUserDep, here: AppStateDep) -> CurrentShiftResponse:
    """Who is on duty, and the hand-overs that wait."""
    now, colleagues = here.services.clock.utc(), Colleagues(caller, here)
    on_duty = [
        shift_response(shift, here.people, now)
        for shift in _book(here).on_duty()
        if colleagues.covers(shift.username)
    ]
    mine = next((one for one in on_duty if one.person.username == _me(caller).username), None)
    offered = []
    if caller.roles & ON_DUTY:  # the sheet names alerts, which others may not see
        offered = [
            handover_response(each, here.people, caller.scope)
            for each in _book(here).offered()
            if colleagues.covers(each.from_username)
        ]
    rostered = [
        person_response(one, here.people)
        for one in sorted(_rostered(here, now))
        if colleagues.covers(one)
    ]
    return CurrentShiftResponse(
        mine=mine,
        on_duty=on_duty,
        offered=offered,
        rostered=rostered,
        technician_watches=here.part(ChangeFeed).technician_watches,
    )


@router.get("/shift/recent")
@permits(EVERYONE)
def recent_shifts(caller: CurrentUserDep, here: AppStateDep) -> ShiftListResponse:
    """The newest shifts, for choosing one to report on."""
    now, colleagues = here.services.clock.utc(), Colleagues(caller, here)
    found = _book(here).recent(_MOST_READ)
    shifts = [shift for shift in found if colleagues.covers(shift.username)][:_MOST_RECENT]
    return ShiftListResponse(items=[shift_response(shift, here.people, now) for shift in shifts])


@router.get("/shift/sheet")
@permits(ON_DUTY)
def sheet_now(caller: CurrentUserDep, here: AppStateDep) -> CurrentSheetResponse:
    """What would be handed over now, and what stands against signing."""
    book, actor = _book(here), _me(caller)
    items, total = book.open_items(actor)
    down, cameras = _cameras_down(caller, here)
    sheet = ShiftSheetResponse(
        items=[open_item_response(item, here.people) for item in items],
        items_total=total,
        cameras_down=down,
        cameras_total=cameras,
        shelves=shelves_in_force(caller, here),
        log_head=None,
    )
    blocking, blocking_total = book.blocking(actor)
    return CurrentSheetResponse(
        sheet=sheet,
        blocking=[open_item_response(item, here.people) for item in blocking],
        blocking_total=blocking_total,
        colleagues=_colleagues(caller, here),
    )


@router.post("/shift/take")
@permits(ON_DUTY)
def take_shift(caller: CurrentUserDep, here: AppStateDep, said: TakeShiftRequest) -> ShiftResponse:
    """Go on duty; who is on already only says again whether the sound is heard.

    Who is not in the roster may take it too: the log says so.
    """
    now, me = here.services.clock.utc(), _me(caller)
    rostered = _rostered(here, now)
    in_roster = me.username in rostered if rostered else None
    shift = _book(here).take(me, said.sound_heard, now, in_roster=in_roster)
    return shift_response(shift, here.people, now)


@router.post("/shift/handover", responses=_NOT_DONE)
@permits(ON_DUTY)
def offer_handover(
    caller: CurrentUserDep, here: AppStateDep, said: OfferHandoverRequest
) -> HandoverResponse:
    """Sign the outgoing half."""
    if said.to is not None and said.to not in {one.username for one in _colleagues(caller, here)}:
        raise ApiError(422, "person_unknown")
    down, cameras = _cameras_down(caller, here)
    facts = {
        "cameras_down": [
            {name: getattr(each, name) for name in CameraDownResponse.model_fields} for each in down
        ],
        "cameras_total": cameras,
        "shelves": [as_kept(each) for each in shelves_in_force(caller, here)],
    }
    offered = HandoverOffer(to_username=said.to, note=said.note or None, facts=facts)
    try:
        made = _book(here).offer(_me(caller), offered, here.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, here) from None
    return handover_response(made, here.people, caller.scope)


@router.post("/shift/handover/{handover_id}/accept", responses=_NOT_DONE)
@permits(ON_DUTY)
def accept_handover(
    caller: CurrentUserDep, here: AppStateDep, handover_id: ShiftId
) -> HandoverResponse:
    """Sign the incoming half: the other is relieved, the caller is on duty."""
    _check_seen(caller, here, handover_id)
    try:
        made = _book(here).accept(_me(caller), handover_id, here.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, here) from None
    return handover_response(made, here.people, caller.scope)


@router.post("/shift/handover/{handover_id}/withdraw", responses=_NOT_DONE)
@permits(ON_DUTY)
def withdraw_handover(
    caller: CurrentUserDep, here: AppStateDep, handover_id: ShiftId
) -> HandoverResponse:
    """Take one's own offer back."""
    _check_seen(caller, here, handover_id)
    try:
        made = _book(here).withdraw(_me(caller), handover_id, here.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, here) from None
    return handover_response(made, here.people, caller.scope)


@router.post("/shift/{shift_id}/end", status_code=204, responses=_NOT_DONE)
@permits(frozenset({Role.LEADER}))
def end_shift(
    caller: CurrentUserDep, here: AppStateDep, shift_id: ShiftId, said: EndShiftRequest
) -> None:
    """End a shift that was left without a hand-over."""
    on_duty = {each.id: each.username for each in _book(here).on_duty()}
    if not Colleagues(caller, here).covers(on_duty.get(shift_id, _me(caller).username)):
        raise ApiError(404, ShiftRefusalReason.NO_SUCH_SHIFT.value)
    try:
        _book(here).end(_me(caller), shift_id, said.reason, here.services.clock.utc())
    except ShiftRefused as refused:
        raise _refusal(refused, here) from None


def _book(here: AppState) -> ShiftRepository:
    return ShiftRepository(here.services.archive.database)


def _rostered(here: AppState, now: float) -> frozenset[str]:
    """Whom the roster names for the desk now."""
    duties = RosterRepository(here.services.archive.database).between(now, now + 1)
    return on_duty_at(duties, Duty.DESK, now)


def _me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _refusal(refused: ShiftRefused, here: AppState) -> ApiError:
    missing = refused.why in (ShiftRefusalReason.NO_SUCH_HANDOVER, ShiftRefusalReason.NO_SUCH_SHIFT)
    blocking = [open_item_response(item, here.people) for item in refused.blocking]
    return ApiError(
        404 if missing else 409,
        refused.why.value,
        extra={
            "blocking": [item.model_dump(mode="json") for item in blocking],
            "blocking_total": refused.total,
        },
        count=refused.total,
    )


def _cameras_down(caller: CurrentUser, here: AppState) -> tuple[list[CameraDownResponse], int]:
    report = here.part(CameraBoard).report()
    cameras = here.part(CameraBoard).cameras(caller.scope)
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


def _colleagues(caller: CurrentUser, here: AppState) -> list[PersonResponse]:
    relief = Colleagues(caller, here).who_may_relieve()
    return [PersonResponse(username=user.username, name=user.name) for user in relief]


def _check_seen(caller: CurrentUser, here: AppState, handover_id: str) -> None:
    """Refuse an offer of somebody whom the caller does not see."""
    offered = {each.id: each.from_username for each in _book(here).offered()}
    if not Colleagues(caller, here).covers(offered.get(handover_id, _me(caller).username)):
        raise ApiError(404, ShiftRefusalReason.NO_SUCH_HANDOVER.value)
