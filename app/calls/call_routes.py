"""Web routes of calls: intake with nearest cameras and possible duplicates, list, search."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from thapcanh.alerts.calls.call_store import CallFilter, CallRepository, WrittenCall
from thapcanh.alerts.incidents.calls import (
    CALL_BACK,
    OPENS_NONE,
    Call,
    CallerHistory,
    CallKind,
    NewCall,
    dialled,
    is_telling,
)
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.kinds import GROUPS, IncidentKind
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.incidents.suggestion import Happening
from thapcanh.alerts.incidents.suggestions import SuggestedMember
from thapcanh.alerts.map.places import ListedPlace
from thapcanh.alerts.store.errors import BadCursor, KeyReused
from thapcanh.alerts.store.plain_text import plain
from thapcanh.app.alert.command_answer import required_key
from thapcanh.app.calls.attention.attention_plan import attention_plan
from thapcanh.app.cameras.nearest_cameras import camera_grid
from thapcanh.app.incidents.call_schemas import (
    AttentionResponse,
    CallPageResponse,
    KnownPlaceListResponse,
    ListedCalls,
    NearbyRequest,
    NearbyResponse,
    SearchCallsRequest,
    TakeCallRequest,
    TakenCallResponse,
    Warn,
    call_response,
    listed_place_response,
    near_camera_response,
)
from thapcanh.app.incidents.caller_numbers import reads_numbers
from thapcanh.app.incidents.incident_routes import incidents, parsed_place
from thapcanh.app.incidents.incident_schemas import suggestion_response
from thapcanh.app.incidents.ownership import owner_of_record
from thapcanh.app.map.site_places import SITE_PLACES
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import refuse_words_in_address

router = APIRouter(prefix=PREFIX, tags=["calls"])

SEARCHED_S = 366 * 86_400.0  # five years would be read for as long as an officer waits
_DIALLED = re.compile(r"^[0-9+ ().-]*$")


@router.post("/calls", status_code=201)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def take_call(
    caller: CurrentUserDep,
    state: AppStateDep,
    said: TakeCallRequest,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> TakenCallResponse:
    """Record a call; a repeated idempotency key returns the first result."""
    key = None if idempotency_key is None else required_key(idempotency_key)
    place, listed = _located(parsed_place(said.place), state)
    area = None if listed is None else listed.area
    agency, area = owner_of_record(caller, state.services.site(), place, area)
    new = NewCall(
        kind=said.kind,
        line=said.line,
        caller=_number_of(said.caller),
        place=place,
        said=(said.words or "").strip() or None,
        agency=agency,
        area=area,
        idempotency_key=key,
        incoming=said.incoming,
        joins=said.incident,
    )
    now, repository = state.services.clock.utc(), _calls(state)
    before = (
        CallerHistory() if new.caller is None else repository.history(new.caller, now, caller.scope)
    )
    try:
        written = repository.add(caller.actor(main_role(caller.roles)), new, now)
    except KeyReused:
        raise ApiError(422, "key_reused") from None
    state.services.bell.notify()
    if written.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return _acquired(caller, state, written, before)


@router.get("/calls")
@permits(EVERYONE, token=TokenScope.READ)
def list_calls(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    params: Annotated[ListedCalls, Query()],
) -> CallPageResponse:
    """Return a page of calls, newest first. Use `POST /calls/search` for words and numbers."""
    refuse_words_in_address(request)
    return _page(caller, state, params, "")


@router.post("/calls/search")
@permits(EVERYONE, token=TokenScope.READ)
def search_calls(
    caller: CurrentUserDep, state: AppStateDep, params: SearchCallsRequest
) -> CallPageResponse:
    """Return a page of calls with these words or this number, one year unless `since` is set.

    A POST request, so that no access log contains them.
    """
    return _page(caller, state, params, params.q)


def _page(
    caller: CurrentUser, state: AppState, params: ListedCalls, words: str
) -> CallPageResponse:
    since = params.since
    if words and since is None:
        since = state.services.clock.utc() - SEARCHED_S
    query = CallFilter(
        kinds=frozenset(item.value for item in params.kind),
        words=tuple(plain(words).replace("\0", "").split()),
        since=since,
        scope=caller.scope,
        by_number=reads_numbers(caller),
        limit=params.limit,
        cursor=params.cursor,
    )
    try:
        page = _calls(state).page(query)
    except BadCursor:
        raise InvalidInput("cursor", "value_error") from None
    items = [call_response(item, state.people, caller) for item in page.items]
    return CallPageResponse(items=items, next=page.next)


@router.post("/calls/nearby")
@permits(EVERYONE, token=TokenScope.READ)
def calls_nearby(caller: CurrentUserDep, state: AppStateDep, said: NearbyRequest) -> NearbyResponse:
    """Return cameras, incidents and calls near a place or of a number, while the call is typed.

    A POST request, so that no access log contains the number.
    """
    (place, _), now = _located(parsed_place(said.place), state), state.services.clock.utc()
    number = dialled(said.caller) if reads_numbers(caller) else None
    repository = _calls(state)
    before = CallerHistory() if number is None else repository.history(number, now, caller.scope)
    found = _suggested(caller, state, (said.kind, place, now))
    return _nearby(caller, state, place, found, before)


@router.get("/places")
@permits(EVERYONE, token=TokenScope.READ)
def search_places(
    _: CurrentUserDep,
    state: AppStateDep,
    q: Annotated[str, Query(max_length=100, description="words; marks and case are ignored")],
) -> KnownPlaceListResponse:
    """Search wards and streets of the site's list, former names included."""
    index = SITE_PLACES.index(state.services.site().centre.places_file)
    return KnownPlaceListResponse(items=[listed_place_response(item) for item in index.search(q)])


def _acquired(
    caller: CurrentUser, state: AppState, written: WrittenCall, before: CallerHistory
) -> TakenCallResponse:
    call = written.call
    found = [
        item
        for item in _suggested(caller, state, (call.kind, call.place, call.at))
        if item.id != call.incident_id
    ]
    near = _nearby(caller, state, call.place, found, before)
    return TakenCallResponse(
        **dict(call_response(call, state.people, caller)),
        **dict(near),
        warnings=_warnings(call.kind, call.place, before),
        raised_alert=_if_visible(caller, state, written.raised_alert),
        attention=_attention(state, call, near),
    )


def _attention(state: AppState, call: Call, near: NearbyResponse) -> AttentionResponse:
    services = state.services
    desk = state.part_or_none(SignalService)
    device_of = services.site().device if desk is None else desk.devices.find
    now = services.clock.utc()
    plan = attention_plan(services.archive.database, services.site(), now, device_of)
    visible = [item.camera for item in near.cameras if item.camera in plan.given]
    is_full = call.id in plan.left_out
    reported = [] if is_full or not is_telling(call.kind) else visible
    until = max((plan.given[item].until for item in reported), default=None)
    return AttentionResponse(cameras=reported, until=until, is_full=is_full)


def _if_visible(caller: CurrentUser, state: AppState, alert_id: str | None) -> str | None:
    if alert_id is None or state.services.archive.alert(alert_id, caller.scope) is None:
        return None
    return alert_id


def _nearby(
    caller: CurrentUser,
    state: AppState,
    place: IncidentPlace,
    found: list[SuggestedMember],
    before: CallerHistory,
) -> NearbyResponse:
    position = place.position
    grid = camera_grid(state.services.site())
    near = [] if position is None else grid.near(position, caller.scope)
    return NearbyResponse(
        cameras=[near_camera_response(item) for item in near],
        suggestions=[suggestion_response(item) for item in found],
        earlier=[call_response(item, state.people, caller) for item in before.recent],
        hoaxes=before.hoaxes,
    )


def _suggested(
    caller: CurrentUser, state: AppState, reported: tuple[CallKind, IncidentPlace, float]
) -> list[SuggestedMember]:
    kind, place, at = reported
    if kind in OPENS_NONE or place.position is None:
        return []
    group = GROUPS[IncidentKind(kind.value)]
    happening = Happening(id="", group=group, position=place.position, since=at, until=at)
    found = incidents(state).near(happening, caller.scope)
    return sorted(found, key=lambda item: (item.type is not MemberType.INCIDENT, item.distance_m))


def _warnings(kind: CallKind, place: IncidentPlace, before: CallerHistory) -> list[Warn]:
    found: list[Warn] = []
    if kind in CALL_BACK:
        found.append("call_back")
    elif kind not in OPENS_NONE and place.text is None and place.position is None:
        found.append("no_place")
    elif kind not in OPENS_NONE and place.position is None:
        found.append("no_point")
    if before.recent:
        found.append("repeated")
    if before.hoaxes:
        found.append("hoaxer")
    return found


def _located(place: IncidentPlace, state: AppState) -> tuple[IncidentPlace, ListedPlace | None]:
    """Return the place, with point and ward if the typed address names one place of the list."""
    index = SITE_PLACES.index(state.services.site().centre.places_file)
    listed = None if place.text is None else index.exactly(place.text)
    if listed is None:
        return place, None
    ward = listed.ward or (listed.name if listed.kind == "ward" else None)
    if place.position is None:
        return replace(place, ward=ward, lat=listed.lat, lon=listed.lon), listed
    return replace(place, ward=ward), listed


def _number_of(text: str | None) -> str | None:
    if text is not None and not _DIALLED.match(text):
        raise ApiError(422, "caller_wrong", extra={"field": "body.caller"})
    return dialled(text)


def _calls(state: AppState) -> CallRepository:
    return CallRepository(state.services.archive.database)
