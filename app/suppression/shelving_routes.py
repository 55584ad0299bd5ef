"""Web routes of shelving: silence a camera, rule or zone for a while."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import ConfigDict, Field

from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.suppression.shelving import (
    LONGEST_S,
    ShelvingRefusalReason,
    ShelvingRefused,
    ShelvingRequest,
    ShelvingTarget,
)
from thapcanh.alerts.suppression.shelvings import ShelvingRepository
from thapcanh.app.alert.command_answer import local_time, required_key
from thapcanh.app.suppression.shelving_schemas import (
    ShelvingListResponse,
    ShelvingProblemResponse,
    ShelvingResponse,
    shelving_response,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import NO_NUL, SpokenModel, iso
from thapcanh.app.web_api.visible_camera import visible_camera

router = APIRouter(prefix=PREFIX, tags=["shelves"])

_MOST_ENDED = 100
_PLAIN = r"^[\w.:-]+$"
_STATUS = {
    ShelvingRefusalReason.ALREADY_SHELVED: 409,
    ShelvingRefusalReason.OVER: 409,
    ShelvingRefusalReason.NO_SUCH_SHELF: 404,
    ShelvingRefusalReason.NEEDS_LEADER: 403,
    ShelvingRefusalReason.CONFIRMED_OPEN: 409,
}
_NOT_DONE: dict[int | str, dict[str, Any]] = {
    403: {"model": ShelvingProblemResponse},
    409: {"model": ShelvingProblemResponse},
}
PlaceId = Annotated[str | None, Field(max_length=64, pattern=_PLAIN)]
Key = Annotated[str, Depends(required_key)]


class CreateShelvingRequest(SpokenModel):
    """Object to shelve, reason, and end: at most a day ahead."""

    model_config = ConfigDict(extra="forbid")

    camera: str = Field(max_length=64, pattern=_PLAIN)
    rule: PlaceId = None
    zone: PlaceId = None
    name: str | None = Field(default=None, max_length=80, pattern=NO_NUL)
    reason: str = Field(min_length=1, max_length=500, pattern=NO_NUL)
    until: UtcTime = Field(description="ISO 8601 or unix seconds")
    covers_p1: bool = Field(default=False, description="P1 alerts too; leaders only")
    despite_confirmed: bool = Field(
        default=False, description="P1 alerts too although the camera has a confirmed open one"
    )


class UnshelveRequest(SpokenModel):
    """Why a shelf ends before its time."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=500, pattern=NO_NUL)


@router.get("/shelves")
@permits(EVERYONE, token=TokenScope.READ)
def list_shelves(
    caller: CurrentUserDep,
    state: AppStateDep,
    ended: Annotated[bool, Query(description="those that ended, instead")] = False,
) -> ShelvingListResponse:
    """List the shelves in force, or ended ones."""
    repository = _repository(state)
    shelves = (
        repository.ended(caller.scope, _MOST_ENDED) if ended else repository.in_force(caller.scope)
    )
    return ShelvingListResponse(items=[shelving_response(shelf, state.people) for shelf in shelves])


@router.post("/shelves", status_code=201, responses=_NOT_DONE)
@permits(ON_DUTY)
def shelve_camera(
    caller: CurrentUserDep, state: AppStateDep, body: CreateShelvingRequest, key: Key
) -> ShelvingResponse:
    """Shelve something, once per key."""
    now = state.services.clock.utc()
    if not now < body.until <= now + LONGEST_S:
        raise InvalidInput(
            "body.until", "less_than_equal" if body.until > now else "greater_than_equal"
        )
    if not body.reason.strip():
        raise InvalidInput("body.reason", "string_too_short")
    order = _order(caller, state, body, key)
    try:
        made = _repository(state).put(_me(caller), order, now)
    except KeyReused:
        raise ApiError(422, "key_reused") from None
    except ShelvingRefused as refused:
        raise _refusal(refused, state) from None
    state.services.bell.notify()
    return shelving_response(made, state.people)


@router.post("/shelves/{shelf_id}/end", responses=_NOT_DONE)
@permits(ON_DUTY)
def end_shelf(
    caller: CurrentUserDep,
    state: AppStateDep,
    shelf_id: Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")],
    body: UnshelveRequest | None = None,
) -> ShelvingResponse:
    """End a shelf early; its alerts sound again."""
    reason = (body.reason or "").strip() or None if body else None
    try:
        ended = _repository(state).lift(_me(caller), shelf_id, reason, state.services.clock.utc())
    except ShelvingRefused as refused:
        raise _refusal(refused, state) from None
    state.services.bell.notify()
    return shelving_response(ended, state.people)


def shelves_in_force(caller: CurrentUser, state: AppState) -> list[ShelvingResponse]:
    """Return visible shelves in force, for the handover sheet."""
    return [
        shelving_response(shelf, state.people)
        for shelf in _repository(state).in_force(caller.scope)
    ]


def _order(
    caller: CurrentUser, state: AppState, body: CreateShelvingRequest, key: str
) -> ShelvingRequest:
    camera = visible_camera(caller, state, body.camera)
    return ShelvingRequest(
        name=(body.name or "").strip() or camera.name,
        place=ShelvingTarget(
            camera_id=camera.id,
            camera_name=camera.name,
            rule_id=body.rule,
            zone_id=body.zone,
            area=camera.area,
            agency=camera.agency,
        ),
        reason=body.reason.strip(),
        until=body.until,
        covers_p1=body.covers_p1,
        despite_confirmed=body.despite_confirmed,
        idempotency_key=key,
    )


def _repository(state: AppState) -> ShelvingRepository:
    return ShelvingRepository(state.services.archive.database)


def _me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def _refusal(refused: ShelvingRefused, state: AppState) -> ApiError:
    """Return the error, with the conflicting shelf or who ended it and when."""
    shelf = refused.shelf
    if shelf is None:
        return ApiError(_STATUS[refused.why], refused.why.value)
    is_over = shelf.ended_at is not None
    by = state.people.person(shelf.ended_by if is_over else shelf.set_by)
    at = shelf.set_at if shelf.ended_at is None else shelf.ended_at
    shown = shelving_response(shelf, state.people).model_dump(mode="json")
    return ApiError(
        _STATUS[refused.why],
        refused.why.value,
        extra={"by": by and by.model_dump(), "at": iso(at), "shelf": shown},
        by=by.name if by else "—",
        at=local_time(at),
        until=local_time(shelf.until),
    )
