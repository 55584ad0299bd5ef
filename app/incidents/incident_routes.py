"""Web routes of incidents: list, detail, creation."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import (
    Incident,
    IncidentFilter,
    IncidentPlace,
    NewIncident,
    NewMember,
)
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.store.errors import BadCursor, KeyReused
from thapcanh.alerts.store.plain_text import plain
from thapcanh.app.alert.command_answer import required_key
from thapcanh.app.incidents.incident_schemas import (
    IncidentPageResponse,
    IncidentResponse,
    OneIncidentResponse,
    PlaceRequest,
    SuggestionResponse,
    incident_response,
    suggestion_response,
)
from thapcanh.app.incidents.ownership import owner_of_record
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import UtcTime, refuse_words_in_address
from thapcanh.app.web_api.schemas import NO_NUL, SpokenModel

router = APIRouter(prefix=PREFIX, tags=["incidents"])

IncidentId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
Key = Annotated[str, Depends(required_key)]


class CreateIncidentRequest(SpokenModel):
    """Details of an event that was reported neither by a camera nor by a call."""

    model_config = ConfigDict(extra="forbid")

    kind: IncidentKind
    priority: int = Field(default=2, ge=1, le=3)
    place: PlaceRequest = PlaceRequest()
    words: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)


class ListedIncidents(BaseModel):
    """Filter of incidents; the scope is the caller's."""

    state: list[IncidentState] = []
    kind: list[IncidentKind] = []
    since: UtcTime | None = None
    until: UtcTime | None = None
    open: bool = Field(default=False, description="only incidents that are not closed")
    sort: Literal["newest", "urgency"] = Field(
        default="newest",
        description="urgency: unanswered first, by priority and age",
    )
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)


class SearchIncidentsRequest(ListedIncidents):
    """Incidents with these words, which callers' words are among."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=200, description="marks and case are ignored")


@router.get("/incidents")
@permits(EVERYONE, token=TokenScope.READ)
def list_incidents(
    caller: CurrentUserDep,
    state: AppStateDep,
    request: Request,
    params: Annotated[ListedIncidents, Query()],
) -> IncidentPageResponse:
    """Return a page of incidents. Use `POST /incidents/search` for words."""
    refuse_words_in_address(request)
    return _page(caller, state, params, "")


@router.post("/incidents/search")
@permits(EVERYONE, token=TokenScope.READ)
def search_incidents(
    caller: CurrentUserDep, state: AppStateDep, params: SearchIncidentsRequest
) -> IncidentPageResponse:
    """Return a page of incidents with these words.

    A POST request, so that no access log contains them.
    """
    return _page(caller, state, params, params.q)


def _page(
    caller: CurrentUser, state: AppState, params: ListedIncidents, words: str
) -> IncidentPageResponse:
    query = IncidentFilter(
        states=frozenset(one.value for one in params.state),
        kinds=frozenset(one.value for one in params.kind),
        words=tuple(plain(words).replace("\0", "").split()),
        since=params.since,
        until=params.until,
        open_only=params.open,
        by_urgency=params.sort == "urgency",
        limit=params.limit,
        cursor=params.cursor,
        scope=caller.scope,
    )
    try:
        page = incidents(state).page(query)
    except BadCursor:
        raise InvalidInput("cursor", "value_error") from None
    items = [incident_response(one, state.people) for one in page.items]
    return IncidentPageResponse(items=items, next=page.next)


@router.post("/incidents", status_code=201)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def open_incident(
    caller: CurrentUserDep,
    state: AppStateDep,
    body: CreateIncidentRequest,
    key: Key,
    response: Response,
) -> IncidentResponse:
    """Open an incident by hand, once per key."""
    place = parsed_place(body.place)
    agency, area = owner_of_record(caller, state.services.site(), place)
    now = state.services.clock.utc()
    words = (body.words or "").strip() or None
    new = NewIncident(
        kind=body.kind, priority=body.priority, place=place, at=now, agency=agency, area=area,
        member=None if words is None else NewMember(
            type=MemberType.NOTE, id=str(uuid7()), words=words, agency=agency, area=area
        ),
    )  # fmt: skip
    actor = caller.actor(main_role(caller.roles))
    try:
        opened = incidents(state).open(actor, new, key, now)
    except KeyReused:
        raise ApiError(422, "key_reused") from None
    state.services.bell.notify()
    response.headers["ETag"] = f'"{opened.incident.version}"'
    return incident_response(opened.incident, state.people)


@router.get("/incidents/{incident_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_incident(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId, response: Response
) -> OneIncidentResponse:
    """Return one incident with possible duplicates; the ETag is its version."""
    found = visible_incident(caller, state, incident_id)
    response.headers["ETag"] = f'"{found.version}"'
    shown = incident_response(found, state.people)
    return OneIncidentResponse(**dict(shown), suggested=suggested(found, caller, state))


def suggested(found: Incident, caller: CurrentUser, state: AppState) -> list[SuggestionResponse]:
    """Return possible duplicates of an open incident."""
    if found.state is IncidentState.CLOSED:
        return []
    near = incidents(state).suggestions(found, caller.scope)
    return [suggestion_response(one) for one in near]


def incidents(state: AppState) -> IncidentRepository:
    return IncidentRepository(state.services.archive.database)


def visible_incident(caller: CurrentUser, state: AppState, incident_id: str) -> Incident:
    """Return an incident that the caller may see. Raise `ApiError` 404."""
    found = incidents(state).one(incident_id, caller.scope)
    if found is None:
        raise ApiError(404, "incident_not_found")
    return found


def parsed_place(body: PlaceRequest | None) -> IncidentPlace:
    """Return the typed place; raise `ApiError` if a point has only one number."""
    if body is None:
        return IncidentPlace()
    if (body.lat is None) != (body.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "body.place"})
    text = " ".join((body.text or "").split()) or None
    return IncidentPlace(text=text, lat=body.lat, lon=body.lon)
