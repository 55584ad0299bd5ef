"""Web routes of positions for programs of the power `positions`: JSON or OsmAnd's form."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from thapcanh.alerts.positions.position_judge import KEPT, JudgedFix, PositionVerdict
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.positions.position_desk import PositionDesk, TooManyPositions, UnknownUnit
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
    caller: CurrentUserDep, here: AppStateDep, said: PositionRequest
) -> PositionResponse:
    """Store a unit's position; an impossible one is refused with the reason."""
    return PositionResponse(outcome=_received(caller, here, said))


@router.post("/positions/list", status_code=202)
@permits(EVERYONE, token=TokenScope.POSITIONS)
def tell_positions(
    request: Request, caller: CurrentUserDep, here: AppStateDep, said: PositionListRequest
) -> PositionListResponse:
    """Store the positions of several units; each is checked by itself."""
    language = reader_language(request, here)
    items = []
    for one in said.items:
        outcome, error, detail = None, None, None
        try:
            outcome = _received(caller, here, one)
        except ApiError as refused:
            error = refused.error
            detail = sentence(refused.error, language, refused.facts)
        items.append(
            RefusedPositionResponse(unit=one.unit, outcome=outcome, error=error, detail=detail)
        )
    return PositionListResponse(items=items)


@router.post("/positions/osmand", status_code=202)
@permits(EVERYONE, token=TokenScope.POSITIONS)
def tell_position_of_osmand(
    caller: CurrentUserDep, here: AppStateDep, said: Annotated[OsmAndQuery, Query()]
) -> PositionResponse:
    """Store a position in the form of OsmAnd and Traccar's clients: query parameters."""
    at = said.timestamp / 1000.0 if said.timestamp > _MILLISECONDS else said.timestamp
    return PositionResponse(outcome=_judged(caller, here, said.id, (said.lat, said.lon), at))


@router.get("/units/{unit_id}/track")
@permits(ON_DUTY, token=TokenScope.READ)
def read_track(
    caller: CurrentUserDep, here: AppStateDep, unit_id: UnitId, since: UtcTime, until: UtcTime
) -> TrackResponse:
    """Return a unit's positions within a day."""
    if not 0 < until - since <= DAY_S:
        raise ApiError(422, "period_wrong", days=1)
    book = PositionRepository(here.services.archive.database)
    found = book.track(unit_id, since, until, caller.scope)
    if found is None:
        raise ApiError(404, "no_such_unit")
    return TrackResponse(
        items=[TrackPointResponse(lat=one.lat, lon=one.lon, at=one.at) for one in found]
    )


def _received(caller: CurrentUser, here: AppState, said: PositionRequest) -> PositionVerdict:
    at: datetime = said.at
    return _judged(caller, here, said.unit, (said.lat, said.lon), at.timestamp())


def _judged(
    caller: CurrentUser, here: AppState, unit: str, place: tuple[float, float], at: float
) -> PositionVerdict:
    if caller.powers is None:
        raise ApiError(403, "not_allowed")  # people move a unit by its own route
    return judged_position(here, unit, (place, at), caller.scope)


def judged_position(
    here: AppState, unit: str, fix: tuple[Position, float], scope: DataFilter
) -> PositionVerdict:
    """Return the verdict on a position. Raises `ApiError` if it is impossible."""
    desk = here.part_or_none(PositionDesk)
    if desk is None:
        raise ApiError(403, "not_allowed")
    place, at = fix
    try:
        found = desk.receive(unit, place, at, scope)
    except UnknownUnit:
        raise ApiError(404, "no_such_unit") from None
    except (TooManyPositions, ArchiveError):
        raise ApiError(503, "positions_full", headers={"Retry-After": "2"}) from None
    if found.verdict not in KEPT:
        raise _refused(found, place)
    return found.verdict


def _refused(found: JudgedFix, place: tuple[float, float]) -> ApiError:
    name = f"unit_position_{found.verdict.value}"
    return ApiError(
        422,
        name,
        cell=f"{place[0]:g}, {place[1]:g}",
        km=f"{found.apart_m / 1000:.0f}",
        seconds=f"{found.apart_s:.0f}",
    )
