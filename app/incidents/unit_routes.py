"""Web routes of units: list, editing, status, and answers to dispatches."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from thapcanh.alerts.incidents.units.unit_file import read_units
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.incidents.incident_routes import incidents
from thapcanh.app.incidents.incident_schemas import IncidentResponse, incident_response
from thapcanh.app.incidents.unit_schemas import (
    PLAIN,
    AnswerRequest,
    NewUnitRequest,
    UnitFileRequest,
    UnitListResponse,
    UnitPositionRequest,
    UnitRequest,
    unit_response,
)
from thapcanh.app.positions.unit_ways import live_units, ways_of
from thapcanh.app.registry.import_files import ImportUnreadable
from thapcanh.app.registry.wrong_lines import numbered_texts, reader_language, unreadable
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, owner_of_caller
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, HOLDS, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.record_owner import require_listed_owner, unlisted_owner

router = APIRouter(prefix=PREFIX, tags=["units"])

UnitId = Annotated[str, Path(max_length=64, pattern=PLAIN)]
AssignmentId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
_MOST_REPORTED = 10
_MOST_LINES = 10_000


@router.get("/units")
@permits(EVERYONE, token=TokenScope.READ)
def list_units(
    caller: CurrentUserDep,
    state: AppStateDep,
    lat: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
) -> UnitListResponse:
    """List the visible units; with a place, the nearest by road first."""
    if (lat is None) != (lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "query.lat"})
    units = live_units(state, _units(state).all(caller.scope))
    now = state.services.clock.utc()
    if lat is None or lon is None:
        return UnitListResponse(items=[unit_response(one, now) for one in units])
    ways = ways_of(state, units, (lat, lon))
    items = [unit_response(one, now, ways.get(one.id)) for one in units]
    items.sort(key=lambda one: (one.road_s is None, one.road_s or 0.0, one.id))
    return UnitListResponse(items=items)


@router.post("/units", status_code=201)
@permits(HOLDS)
def add_unit(caller: CurrentUserDep, state: AppStateDep, body: NewUnitRequest) -> UnitListResponse:
    """Add a unit, or replace the one with this id."""
    return _save(caller, state, [_unit(body.id, body)])


@router.post("/units/import")
@permits(HOLDS)
def import_units(
    request: Request, caller: CurrentUserDep, state: AppStateDep, body: UnitFileRequest
) -> UnitListResponse:
    """Add or replace all units of a CSV; none if a line is wrong."""
    language = reader_language(request, state)
    with state.part(ImportPlaces).taken(owner_of_caller(caller)):
        try:
            lines = state.part(FileReader).lines(
                body.csv.encode(errors="replace"), "csv", _MOST_LINES
            )
        except ImportUnreadable as error:
            raise unreadable(error, language) from None
    found = read_units(lines, lambda unit: unlisted_owner(caller, state, unit.agency, unit.area))
    if found.problems:
        problems = numbered_texts(found.problems[:_MOST_REPORTED], language)
        raise ApiError(
            422, "units_wrong", extra={"problems": problems}, problems=" ".join(problems)
        )
    return _save(caller, state, list(found.units))


@router.put("/units/{unit_id}")
@permits(HOLDS)
def replace_unit(
    caller: CurrentUserDep, state: AppStateDep, unit_id: UnitId, body: UnitRequest
) -> UnitListResponse:
    """Change a unit."""
    if not any(one.id == unit_id for one in _units(state).all(caller.scope)):
        raise ApiError(404, "no_such_unit")
    return _save(caller, state, [_unit(unit_id, body)])


@router.delete("/units/{unit_id}", status_code=204)
@permits(HOLDS)
def remove_unit(caller: CurrentUserDep, state: AppStateDep, unit_id: UnitId) -> None:
    """Take a unit out of the list; what it did stays."""
    actor = caller.actor(main_role(caller.roles))
    if not _units(state).remove(actor, unit_id, state.services.clock.utc()):
        raise ApiError(404, "no_such_unit")


@router.post("/units/{unit_id}/position", status_code=204)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def move_unit(
    caller: CurrentUserDep, state: AppStateDep, unit_id: UnitId, body: UnitPositionRequest
) -> None:
    """Note where a unit is, and what it does."""
    if (body.lat is None) != (body.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "body"})
    place = None if body.lat is None or body.lon is None else (body.lat, body.lon)
    now, actor = state.services.clock.utc(), caller.actor(main_role(caller.roles))
    if not _units(state).move(actor, unit_id, place, body.status, now):
        raise ApiError(404, "no_such_unit")


@router.post("/assignments/{assignment_id}/answer")
@permits(ON_DUTY, token=TokenScope.ANSWER)
def answer_assignment(
    caller: CurrentUserDep, state: AppStateDep, assignment_id: AssignmentId, body: AnswerRequest
) -> IncidentResponse:
    """Note what a unit or a service answered."""
    actor = caller.actor(main_role(caller.roles))
    text = " ".join(body.answer.split()) or "—"
    incident_id = _units(state).answer(actor, assignment_id, text, state.services.clock.utc())
    found = None if incident_id is None else incidents(state).one(incident_id, caller.scope)
    if found is None:
        raise ApiError(404, "unit_not_found")
    state.services.bell.notify()
    return incident_response(found, state.people)


def _save(caller: CurrentUser, state: AppState, units: list[Unit]) -> UnitListResponse:
    """Save units that the caller will see; another agency's is not theirs to write."""
    repository = _units(state)
    outside = [one.id for one in units if not caller.scope.sees(one.agency, one.area)]
    if not outside:
        for one in units:
            require_listed_owner(caller, state, one.agency, one.area)
    now, actor = state.services.clock.utc(), caller.actor(main_role(caller.roles))
    if outside or (outside := repository.save(actor, units, now)):
        raise ApiError(403, "unit_of_others", unit=outside[0])
    return UnitListResponse(items=[unit_response(one, now) for one in repository.all(caller.scope)])


def _unit(unit_id: str, body: UnitRequest) -> Unit:
    if (body.lat is None) != (body.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "body.lat"})
    facts = {name: getattr(body, name) for name in UnitRequest.model_fields}
    return Unit(id=unit_id, **facts)


def _units(state: AppState) -> UnitRepository:
    return UnitRepository(state.services.archive.database)
