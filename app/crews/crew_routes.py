"""Web routes that a crew's phone reads: its unit, incident, and material for the way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from thapcanh.alerts.calls.call_store import CallFilter, CallRepository
from thapcanh.alerts.crews.crew_reports import CrewAlarm, CrewAssignment, CrewDeskRepository
from thapcanh.alerts.facilities.facilities import Facility
from thapcanh.alerts.facilities.facility_documents import FacilityDocumentRepository
from thapcanh.alerts.facilities.facility_store import FacilityQuery
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.crews.crew_access import crews, sent_there, unit_of_phone
from thapcanh.app.crews.crew_schemas import (
    CrewAlarmResponse,
    CrewDetailResponse,
    CrewIncidentResponse,
    CrewResponse,
    CrewUnitResponse,
    CrewWayResponse,
    PhonePlaceQuery,
    crew_report_response,
)
from thapcanh.app.facilities.document_routes import document_stream
from thapcanh.app.facilities.facility_routes import facilities
from thapcanh.app.facilities.facility_schemas import (
    OneFacilityResponse,
    document_response,
    one_facility_response,
)
from thapcanh.app.incidents.detail_routes import place_note
from thapcanh.app.incidents.incident_routes import IncidentId, incidents
from thapcanh.app.incidents.incident_schemas import place_response
from thapcanh.app.map.nearby_routes import near_layers
from thapcanh.app.positions.roads import Roads, line_route
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import CREWS
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["crews"])

DocumentId = Annotated[str, PathParameter(max_length=64, pattern=r"^[\w-]+$")]
_NEAR_M = 150.0
_MOST_FACILITIES = 5
_ALARMS_S = 6 * 3600.0


@router.get("/crew")
@permits(CREWS)
def read_crew(caller: CurrentUserDep, state: AppStateDep) -> CrewResponse:
    """Return the phone's unit, its assignments, and P1 incidents in its ward."""
    name, unit = state.services.site().site.name, unit_of_phone(caller, state)
    if unit is None:
        return CrewResponse(centre=name, unit=None, incidents=[], alarms=[])
    now = state.services.clock.utc()
    sent = crews(state).assignments(unit.id, now)
    found = ((one, incidents(state).one(one.incident_id, EVERYTHING)) for one in sent)
    shown = [_incident(state, one, of) for one, of in found if of is not None]
    ids = {one.id for one in shown}
    return CrewResponse(
        centre=name,
        unit=CrewUnitResponse(
            id=unit.id,
            name=unit.name,
            status=unit.status,
            position_age_s=None if unit.position_at is None else max(0.0, now - unit.position_at),
        ),
        incidents=shown,
        alarms=[
            CrewAlarmResponse(id=one.id, kind=IncidentKind(one.kind), place=one.place, at=one.at)
            for one in _alarms(caller, state, unit)
            if one.id not in ids
        ],
    )


@router.get("/crew/incidents/{incident_id}")
@permits(CREWS)
def read_crew_incident(
    caller: CurrentUserDep,
    state: AppStateDep,
    incident_id: IncidentId,
    phone: Annotated[PhonePlaceQuery, Query()],
) -> CrewDetailResponse:
    """Return one assigned incident with its route, facilities, water sources and reports."""
    unit, sent, found = sent_there(caller, state, incident_id)
    place = found.place.position
    own = None if phone.lat is None or phone.lon is None else (phone.lat, phone.lon)
    start = own or unit.position
    reports = CrewDeskRepository(state.services.archive.database).reports(incident_id)
    return CrewDetailResponse(
        incident=_incident(state, sent, found),
        way=None if start is None or place is None else _way(state, start, place),
        said=_stated(caller, state, found),
        place_note=place_note(found, state),
        facilities=[
            _facility(caller, state, one, found) for one in _facilities(caller, state, place)
        ],
        layers=[] if place is None else near_layers(state.services.site(), place),
        reports=[crew_report_response(one, state.people) for one in reports],
    )


@router.get(
    "/crew/incidents/{incident_id}/documents/{document_id}", response_class=StreamingResponse
)
@permits(CREWS)
def read_crew_document(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, document_id: DocumentId
) -> StreamingResponse:
    """Return a document of a facility near the incident."""
    _, _, found = sent_there(caller, state, incident_id)
    near = {one.id for one in _facilities(caller, state, found.place.position)}
    paper = FacilityDocumentRepository(state.services.archive.database).one(
        document_id, caller.scope
    )
    if paper is None or paper.facility_id not in near:
        raise ApiError(404, "document_not_found")
    return document_stream(state, paper)


def _incident(state: AppState, sent: CrewAssignment, found: Incident) -> CrewIncidentResponse:
    return CrewIncidentResponse(
        id=found.id,
        number=found.number,
        kind=found.kind,
        priority=found.priority,
        place=place_response(found.place),
        state=found.state,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        closed_by=state.people.person(found.closed_by),
        told_at=sent.told_at,
        crew_state=sent.state,
        left_at=sent.ended_at,
        version=found.version,
    )


def _alarms(caller: CurrentUser, state: AppState, unit: Unit) -> list[CrewAlarm]:
    """P1 of the unit's ward; a unit of the whole city hears what it is sent to."""
    if unit.area is None:
        return []
    ward = DataFilter(areas=with_all_below({unit.area}, state.services.site().areas))
    since = state.services.clock.utc() - _ALARMS_S
    return crews(state).alarms(caller.scope.narrowed(ward), since)


def _way(state: AppState, start: Position, place: Position) -> CrewWayResponse:
    roads = state.part_or_none(Roads)
    route = line_route(start, place) if roads is None else roads.route(start, place)
    return CrewWayResponse(
        by=route.way.by,
        road_s=round(route.way.road_s, 1),
        road_m=round(route.way.road_m, 1),
        points=list(route.points),
    )


def _stated(caller: CurrentUser, state: AppState, found: Incident) -> list[str]:
    """Return texts of callers and officers without numbers, of visible agencies."""
    scope = EVERYTHING
    if found.agency is not None:
        scope = replace(
            scope, agencies=frozenset({found.agency}) | (caller.scope.agencies or set())
        )
    visible = incidents(state).one(found.id, scope)
    members = [] if visible is None else list(visible.members)
    ids = frozenset(one.id for one in members if one.type is MemberType.CALL)
    repository = CallRepository(state.services.archive.database)
    calls = repository.page(CallFilter(ids=ids, scope=scope, limit=50)).items if ids else ()
    notes = [one.words for one in members if one.type is MemberType.NOTE]
    return [words for words in (*(one.said for one in reversed(calls)), *notes) if words]


def _facilities(caller: CurrentUser, state: AppState, place: Position | None) -> Sequence[Facility]:
    if place is None:
        return []
    query = FacilityQuery(place=place, within_m=_NEAR_M, limit=_MOST_FACILITIES, scope=caller.scope)
    return [one.facility for one in facilities(state).page(query)]


def _facility(
    caller: CurrentUser, state: AppState, one: Facility, of: Incident
) -> OneFacilityResponse:
    papers = FacilityDocumentRepository(state.services.archive.database)
    documents = [
        document_response(
            each, state.people, f"{PREFIX}/crew/incidents/{of.id}/documents/{each.id}"
        )
        for each in papers.of(one.id, caller.scope)
    ]
    return one_facility_response(one, documents, state.people, may_change=False)
