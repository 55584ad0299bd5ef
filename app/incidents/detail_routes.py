"""Web route with everything on the page of one incident."""

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter, Response

from thapcanh.alerts.calls.call_store import CallFilter, CallRepository
from thapcanh.alerts.incidents.incident_state import Disposition, IncidentState, MemberType
from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.units.nearest_units import SuggestedUnit, by_way, suggested_units
from thapcanh.alerts.incidents.units.run_cards import ProposedUnits, proposed_units
from thapcanh.alerts.incidents.units.unit_store import Assignment, UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.app.alert.alert_schemas import AlertResponse, alert_response
from thapcanh.app.cameras.nearest_cameras import camera_grid
from thapcanh.app.incidents.call_schemas import (
    CallResponse,
    NearCameraResponse,
    call_response,
    near_camera_response,
)
from thapcanh.app.incidents.incident_routes import (
    IncidentId,
    incidents,
    suggested,
    visible_incident,
)
from thapcanh.app.incidents.incident_schemas import (
    IncidentResponse,
    SuggestionResponse,
    incident_response,
)
from thapcanh.app.incidents.log_lines import IncidentLogResponse, LogNames, log_lines
from thapcanh.app.incidents.run_card_routes import card_of
from thapcanh.app.incidents.run_card_schemas import IncidentCardResponse, incident_card_response
from thapcanh.app.incidents.unit_schemas import (
    AssignmentResponse,
    SuggestedUnitResponse,
    assignment_response,
    unit_response,
)
from thapcanh.app.map.site_places import SITE_PLACES
from thapcanh.app.positions.roads import Way
from thapcanh.app.positions.unit_ways import live_units, ways_of
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time

router = APIRouter(prefix=PREFIX, tags=["incidents"])

_MOST_UNITS = 12
_MOST_ROUTED = 400


class IncidentNoteResponse(ApiModel):
    """Words beside an incident."""

    id: str
    words: str | None
    at: Time
    by: PersonResponse | None


class IncidentDetailResponse(ApiModel):
    """One incident with everything for its page."""

    incident: IncidentResponse
    owner: PersonResponse | None
    due_at: Time | None
    escalated_at: Time | None
    disposition: Disposition | None
    report: str | None
    merged_into: str | None
    merged_number: str | None
    place_note: str | None
    calls: list[CallResponse]
    alerts: list[AlertResponse]
    notes: list[IncidentNoteResponse]
    cameras: list[NearCameraResponse]
    suggestions: list[SuggestionResponse]
    units: list[SuggestedUnitResponse]
    assignments: list[AssignmentResponse]
    card: IncidentCardResponse
    log: list[IncidentLogResponse]


@router.get("/incidents/{incident_id}/detail")
@permits(EVERYONE, token=TokenScope.READ)
def incident_detail(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, response: Response
) -> IncidentDetailResponse:
    """Return an incident with members, units, suggestions and log; the ETag is its version."""
    found = visible_incident(caller, state, incident_id)
    response.headers["ETag"] = f'"{found.version}"'
    people, database = state.people, state.services.archive.database
    repository = UnitRepository(database)
    notified, units = repository.assignments(found.id), repository.all(caller.scope)
    card, suited, ways = _card(found, state, live_units(state, units), notified)
    shown, now = suited[:_MOST_UNITS], state.services.clock.utc()
    log = state.services.archive.log_of(found.id)
    merged = incidents(state).one(found.merged_into, caller.scope) if found.merged_into else None
    return IncidentDetailResponse(
        incident=incident_response(found, people),
        owner=people.person(found.owner),
        due_at=found.due_at,
        escalated_at=found.escalated_at,
        disposition=found.disposition,
        report=found.report,
        merged_into=merged and merged.id,
        merged_number=merged and merged.number,
        place_note=place_note(found, state),
        calls=_calls(found, caller, state),
        alerts=_alerts(found, caller, state),
        notes=[
            IncidentNoteResponse(
                id=one.id, words=one.words, at=one.joined_at, by=people.person(one.by)
            )
            for one in found.members
            if one.type in (MemberType.NOTE, MemberType.SIGNAL)
        ],
        cameras=_cameras(found, caller, state),
        suggestions=suggested(found, caller, state),
        units=[
            SuggestedUnitResponse(
                **dict(unit_response(one.unit, now, ways.get(one.unit.id))),
                distance_m=one.distance_m,
            )
            for one in shown
        ],
        assignments=[assignment_response(one, log, people) for one in notified],
        card=card,
        log=log_lines(log, _log_names(found, notified, caller, state), people),
    )


def _calls(found: Incident, caller: CurrentUser, state: AppState) -> list[CallResponse]:
    ids = frozenset(one.id for one in found.members if one.type is MemberType.CALL)
    if not ids:
        return []
    repository = CallRepository(state.services.archive.database)
    page = repository.page(CallFilter(ids=ids, scope=caller.scope, limit=200))
    return [call_response(one, state.people, caller) for one in reversed(page.items)]


def _alerts(found: Incident, caller: CurrentUser, state: AppState) -> list[AlertResponse]:
    ids = [one.id for one in found.members if one.type is MemberType.ALERT]
    visible = (state.services.archive.alert(one, caller.scope) for one in ids)
    return [alert_response(one, state.people) for one in visible if one is not None]


def _cameras(found: Incident, caller: CurrentUser, state: AppState) -> list[NearCameraResponse]:
    position = found.place.position
    if position is None:
        return []
    near = camera_grid(state.services.site()).near(position, caller.scope)
    return [near_camera_response(one) for one in near]


def _card(
    found: Incident, state: AppState, units: list[Unit], notified: list[Assignment]
) -> tuple[IncidentCardResponse, list[SuggestedUnit], dict[str, Way]]:
    """Return the run card with proposals, and all suitable units with routes.

    The proposed ones come first, then the others of any kind, the nearest by road first.
    """
    card = card_of(found, state)
    first = [] if card is None else [UnitKind(one.kind) for one in card.units]
    place = found.place.position
    suited = suggested_units(found.kind, place, units, most=_MOST_ROUTED, first=first)
    ways = {} if place is None else ways_of(state, _near_of_each(suited), place)
    suited = by_way(suited, {name: way.road_s for name, way in ways.items()})
    kinds = {one.id: one.kind for one in units}
    sent = [kinds[one.unit_id] for one in notified if one.unit_id in kinds and one.ended_at is None]
    nothing = ProposedUnits(units=(), missing=())
    is_over = found.state is IncidentState.CLOSED
    proposed = nothing if card is None or is_over else proposed_units(card, suited, sent)
    ticks = incidents(state).ticks(found.id)
    chosen = [one for one in suited if one.unit.id in proposed.units]
    others = [one for one in suited if one.unit.id not in proposed.units]
    others.sort(key=lambda one: ways[one.unit.id].road_s if one.unit.id in ways else float("inf"))
    return incident_card_response(card, proposed, ticks, state.people), [*chosen, *others], ways


def _near_of_each(suited: Sequence[SuggestedUnit]) -> list[Unit]:
    """Return the nearest units of each kind in a straight line; others arrive later anyway."""
    counted: Counter[UnitKind] = Counter()
    near = []
    for one in suited:
        counted[one.unit.kind] += 1
        if counted[one.unit.kind] <= _MOST_UNITS:
            near.append(one.unit)
    return near


def _log_names(
    found: Incident, notified: Sequence[Assignment], caller: CurrentUser, state: AppState
) -> LogNames:
    row = incidents(state).row(found.id, caller.scope)
    return LogNames(
        steps={tick.seq: tick.words for tick in incidents(state).ticks(found.id)},
        units={one.unit_id: one.told for one in notified if one.unit_id is not None},
        sources=() if row is None else row.sources,
    )


def place_note(found: Incident, state: AppState) -> str | None:
    """Return the note of the site's list on the place: access, hydrants."""
    if found.place.text is None:
        return None
    index = SITE_PLACES.index(state.services.site().centre.places_file)
    listed = index.exactly(found.place.text)
    return None if listed is None else listed.note
