"""Web routes of positions for programs of the power `positions`: JSON or OsmAnd's form."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from thapcanh.alerts.positions.position_check import KEPT, CheckedFix, PositionVerdict
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.positions.position_schemas import (
    PLAIN,
    OsmAndQuery,
    PositionListRequest,
    PositionListResponse,
    PositionRequest,
    PositionResponse,
    RefusedPositionResponse,
    TrackPointResponse,
    TrackResponse,
)
from thapcanh.app.positions.position_service import (
    PositionService,
    TooManyPositions,
    UnitUnregistered,
)
from thapcanh.app.registry.wrong_lines import reader_language
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.messages.sentences import sentence
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import DAY_S, UtcTime

router = APIRouter(prefix=PREFIX, tags=["units"])

UnitId = Annotated[str, Path(max_length=64, pattern=PLAIN)]
_MILLISECONDS = 1e11  # a larger timestamp is not of seconds


@router.post("/positions", status_code=202)
@permits(EVERYONE, token=TokenScope.POSITIONS)
def tell_position(
    caller: CurrentUserDep, state: AppStateDep, body: PositionRequest
) -> PositionResponse:
    """Store a unit's position; an impossible one is refused with the reason."""
    return PositionResponse(outcome=_received(caller, state, body))


@router.post("/positions/list", status_code=202)
@permits(EVERYONE, token=TokenScope.POSITIONS)
def tell_positions(
    request: Request, caller: CurrentUserDep, state: AppStateDep, body: PositionListRequest
) -> PositionListResponse:
    """Store the positions of several units; each is checked by itself."""
    language = reader_language(request, state)
    items = []
    for item in body.items:
        outcome, error, detail = None, None, None
        try:
            outcome = _received(caller, state, item)
        except ApiError as refused:
            error = refused.error
            detail = sentence(refused.error, language, refused.facts)
        items.append(
            RefusedPositionResponse(unit=item.unit, outcome=outcome, error=error, detail=detail)
        )
    return PositionListResponse(items=items)


@router.post("/positions/osmand", status_code=202)
@permits(EVERYONE, token=TokenScope.POSITIONS)
def tell_position_of_osmand(
    caller: CurrentUserDep, state: AppStateDep, body: Annotated[OsmAndQuery, Query()]
) -> PositionResponse:
    """Store a position in the form of OsmAnd and Traccar's clients: query parameters."""
    at = body.timestamp / 1000.0 if body.timestamp > _MILLISECONDS else body.timestamp
    return PositionResponse(outcome=_checked(caller, state, body.id, (body.lat, body.lon), at))


@router.get("/units/{unit_id}/track")
@permits(ON_DUTY, token=TokenScope.READ)
def read_track(
    caller: CurrentUserDep, state: AppStateDep, unit_id: UnitId, since: UtcTime, until: UtcTime
) -> TrackResponse:
    """Return a unit's positions within a day."""
    if not 0 < until - since <= DAY_S:
        raise ApiError(422, "period_wrong", days=1)
    repository = PositionRepository(state.services.archive.database)
    found = repository.track(unit_id, since, until, caller.scope)
    if found is None:
        raise ApiError(404, "no_such_unit")
    return TrackResponse(
        items=[TrackPointResponse(lat=item.lat, lon=item.lon, at=item.at) for item in found]
    )


def _received(caller: CurrentUser, state: AppState, body: PositionRequest) -> PositionVerdict:
    at: datetime = body.at
    return _checked(caller, state, body.unit, (body.lat, body.lon), at.timestamp())


def _checked(
    caller: CurrentUser, state: AppState, unit: str, place: tuple[float, float], at: float
) -> PositionVerdict:
    if caller.powers is None:
        raise ApiError(403, "not_allowed")  # people move a unit by its own route
    return checked_position(state, unit, (place, at), caller.scope)


def checked_position(
    state: AppState, unit: str, fix: tuple[Position, float], scope: DataFilter
) -> PositionVerdict:
    """Return the verdict on a position. Raises `ApiError` if it is impossible."""
    desk = state.part_or_none(PositionService)
    if desk is None:
        raise ApiError(403, "not_allowed")
    place, at = fix
    try:
        found = desk.receive(unit, place, at, scope)
    except UnitUnregistered:
        raise ApiError(404, "no_such_unit") from None
    except (TooManyPositions, ArchiveError):
        raise ApiError(503, "positions_full", headers={"Retry-After": "2"}) from None
    if found.verdict not in KEPT:
        raise _refused(found, place)
    return found.verdict


def _refused(found: CheckedFix, place: tuple[float, float]) -> ApiError:
    name = f"unit_position_{found.verdict.value}"
    return ApiError(
        422,
        name,
        cell=f"{place[0]:g}, {place[1]:g}",
        km=f"{found.apart_m / 1000:.0f}",
        seconds=f"{found.apart_s:.0f}",
    )
