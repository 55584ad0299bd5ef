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
from thapcanh.alerts.map.places import KnownPlace
from thapcanh.alerts.store.errors import BadCursor, KeyReused
from thapcanh.alerts.store.plain_text import plain
from thapcanh.app.alert.command_answer import given_key
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
    known_place_response,
    near_camera_response,
)
from thapcanh.app.incidents.caller_numbers import reads_numbers
from thapcanh.app.incidents.incident_routes import given_place, incidents
from thapcanh.app.incidents.incident_schemas import suggestion_response
from thapcanh.app.incidents.ownership import owner_of_record
from thapcanh.app.map.site_places import SITE_PLACES
from thapcanh.app.signals.signal_desk import SignalDesk
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
    here: AppStateDep,
    said: TakeCallRequest,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> TakenCallResponse:
    """Record a call; a repeated idempotency key returns the first result."""
    key = None if idempotency_key is None else given_key(idempotency_key)
    place, known = _located(given_place(said.place), here)
    area = None if known is None else known.area
    agency, area = owner_of_record(caller, here.services.site(), place, area)
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
    )
    now, book = here.services.clock.utc(), _calls(here)
    before = CallerHistory() if new.caller is None else book.history(new.caller, now, caller.scope)
    try:
        written = book.add(caller.actor(main_role(caller.roles)), new, now)
    except KeyReused:
        raise ApiError(422, "key_reused") from None
    here.services.bell.notify()
    if written.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return _taken(caller, here, written, before)


@router.get("/calls")
@permits(EVERYONE, token=TokenScope.READ)
def list_calls(
    caller: CurrentUserDep,
    here: AppStateDep,
    request: Request,
    wanted: Annotated[ListedCalls, Query()],
) -> CallPageResponse:
    """Return a page of calls, newest first. Use `POST /calls/search` for words and numbers."""
    refuse_words_in_address(request)
    return _page(caller, here, wanted, "")


@router.post("/calls/search")
@permits(EVERYONE, token=TokenScope.READ)
def search_calls(
    caller: CurrentUserDep, here: AppStateDep, wanted: SearchCallsRequest
) -> CallPageResponse:
    """Return a page of calls with these words or this number, one year unless `since` is set.

    A POST request, so that no access log contains them.
    """
    return _page(caller, here, wanted, wanted.q)


def _page(caller: CurrentUser, here: AppState, wanted: ListedCalls, words: str) -> CallPageResponse:
    since = wanted.since
    if words and since is None:
        since = here.services.clock.utc() - SEARCHED_S
    asked = CallFilter(
        kinds=frozenset(one.value for one in wanted.kind),
        words=tuple(plain(words).replace("\0", "").split()),
        since=since,
        scope=caller.scope,
        by_number=reads_numbers(caller),
        limit=wanted.limit,
        cursor=wanted.cursor,
    )
    try:
        page = _calls(here).page(asked)
    except BadCursor:
        raise InvalidInput("cursor", "value_error") from None
    items = [call_response(one, here.people, caller) for one in page.items]
    return CallPageResponse(items=items, next=page.next)


@router.post("/calls/nearby")
@permits(EVERYONE, token=TokenScope.READ)
def calls_nearby(caller: CurrentUserDep, here: AppStateDep, said: NearbyRequest) -> NearbyResponse:
    """Return cameras, incidents and calls near a place or of a number, while the call is typed.

    A POST request, so that no access log contains the number.
    """
    place, now = given_place(said.place), here.services.clock.utc()
    number = dialled(said.caller) if reads_numbers(caller) else None
    book = _calls(here)
    before = CallerHistory() if number is None else book.history(number, now, caller.scope)
    found = _suggested(caller, here, (said.kind, place, now))
    return _nearby(caller, here, place, found, before)


@router.get("/places")
@permits(EVERYONE, token=TokenScope.READ)
def search_places(
    _: CurrentUserDep,
    here: AppStateDep,
    q: Annotated[str, Query(max_length=100, description="words; marks and case are ignored")],
) -> KnownPlaceListResponse:
    """Search wards and streets of the site's list, former names included."""
    index = SITE_PLACES.index(here.services.site().centre.places_file)
    return KnownPlaceListResponse(items=[known_place_response(one) for one in index.search(q)])


def _taken(
    caller: CurrentUser, here: AppState, written: WrittenCall, before: CallerHistory
) -> TakenCallResponse:
    taken = written.call
    found = [
        one
        for one in _suggested(caller, here, (taken.kind, taken.place, taken.at))
        if one.id != taken.incident_id
    ]
    near = _nearby(caller, here, taken.place, found, before)
    return TakenCallResponse(
        **dict(call_response(taken, here.people, caller)),
        **dict(near),
        warnings=_warnings(taken.kind, taken.place, before),
        raised_alert=_if_seen(caller, here, written.raised_alert),
        attention=_attention(here, taken, near),
    )


def _attention(here: AppState, taken: Call, near: NearbyResponse) -> AttentionResponse:
    services = here.services
    desk = here.part_or_none(SignalDesk)
    device_of = services.site().device if desk is None else desk.devices.find
    now = services.clock.utc()
    plan = attention_plan(services.archive.database, services.site(), now, device_of)
    seen = [one.camera for one in near.cameras if one.camera in plan.given]
    is_full = taken.id in plan.left_out
    told = [] if is_full or not is_telling(taken.kind) else seen
    until = max((plan.given[one].until for one in told), default=None)
    return AttentionResponse(cameras=told, until=until, is_full=is_full)


def _if_seen(caller: CurrentUser, here: AppState, alert_id: str | None) -> str | None:
    if alert_id is None or here.services.archive.alert(alert_id, caller.scope) is None:
        return None
    return alert_id


def _nearby(
    caller: CurrentUser,
    here: AppState,
    place: IncidentPlace,
    found: list[SuggestedMember],
    before: CallerHistory,
) -> NearbyResponse:
    position = place.position
    grid = camera_grid(here.services.site())
    near = [] if position is None else grid.near(position, caller.scope)
    return NearbyResponse(
        cameras=[near_camera_response(one) for one in near],
        suggestions=[suggestion_response(one) for one in found],
        earlier=[call_response(one, here.people, caller) for one in before.recent],
        hoaxes=before.hoaxes,
    )


def _suggested(
    caller: CurrentUser, here: AppState, told: tuple[CallKind, IncidentPlace, float]
) -> list[SuggestedMember]:
    kind, place, at = told
    if kind in OPENS_NONE or place.position is None:
        return []
    group = GROUPS[IncidentKind(kind.value)]
    happening = Happening(id="", group=group, position=place.position, since=at, until=at)
    found = incidents(here).near(happening, caller.scope)
    return sorted(found, key=lambda one: (one.type is not MemberType.INCIDENT, one.distance_m))


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


def _located(place: IncidentPlace, here: AppState) -> tuple[IncidentPlace, KnownPlace | None]:
    """Return the place, with point and ward if the typed address names one place of the list."""
    index = SITE_PLACES.index(here.services.site().centre.places_file)
    known = None if place.text is None else index.exactly(place.text)
    if known is None:
        return place, None
    ward = known.ward or (known.name if known.kind == "ward" else None)
    if place.position is None:
        return replace(place, ward=ward, lat=known.lat, lon=known.lon), known
    return replace(place, ward=ward), known


def _number_of(text: str | None) -> str | None:
    if text is not None and not _DIALLED.match(text):
        raise ApiError(422, "caller_wrong", extra={"field": "body.caller"})
    return dialled(text)


def _calls(here: AppState) -> CallRepository:
    return CallRepository(here.services.archive.database)
