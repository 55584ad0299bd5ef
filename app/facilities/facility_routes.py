"""Web routes of facilities: search and editing, within the caller's agency."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query

from thapcanh.alerts.facilities.facilities import MOST_CORNERS, FacilityFacts
from thapcanh.alerts.facilities.facility_documents import FacilityDocumentRepository
from thapcanh.alerts.facilities.facility_file import is_outline_of
from thapcanh.alerts.facilities.facility_store import (
    FacilityCodeConflict,
    FacilityQuery,
    FacilityRepository,
)
from thapcanh.alerts.map.country import position_fault
from thapcanh.alerts.store.roles import Actor
from thapcanh.app.facilities.facility_schemas import (
    FacilityChangeRequest,
    FacilityListResponse,
    FacilityRequest,
    ListedFacilities,
    NewFacilityResponse,
    OneFacilityResponse,
    document_response,
    facility_response,
    facts_of,
    one_facility_response,
    request_of,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import (
    EDITS_FACILITIES,
    EDITS_LISTS,
    EVERYONE,
    main_role,
)
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.record_owner import require_listed_owner

router = APIRouter(prefix=PREFIX, tags=["facilities"])

FacilityId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


@router.get("/facilities")
@permits(EVERYONE, token=TokenScope.READ)
def list_facilities(
    caller: CurrentUserDep,
    state: AppStateDep,
    params: Annotated[ListedFacilities, Query()],
) -> FacilityListResponse:
    """List facilities that match words, or the nearest to a place."""
    if (params.lat is None) != (params.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "query.lat"})
    query = FacilityQuery(
        words=params.q,
        place=None if params.lat is None or params.lon is None else (params.lat, params.lon),
        within_m=params.within_m,
        limit=params.limit,
        skip=params.skip,
        scope=caller.scope,
    )
    repository = facilities(state)
    items = [facility_response(one, state.people) for one in repository.page(query)]
    return FacilityListResponse(items=items, total=repository.count(caller.scope))


@router.post("/facilities", status_code=201)
@permits(EDITS_FACILITIES, token=TokenScope.FACILITIES)
def add_facility(
    caller: CurrentUserDep, state: AppStateDep, body: FacilityRequest
) -> NewFacilityResponse:
    """Keep a new facility."""
    facts = _checked(caller, facts_of(body))
    require_listed_owner(caller, state, facts.agency, facts.area)
    try:
        new = facilities(state).add(me(caller), facts, state.services.clock.utc())
    except FacilityCodeConflict:
        raise ApiError(409, "facility_code_taken", code=body.code or "") from None
    return NewFacilityResponse(id=new)


@router.get("/facilities/{facility_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_facility(
    caller: CurrentUserDep, state: AppStateDep, facility_id: FacilityId
) -> OneFacilityResponse:
    """Return a facility with its documents."""
    found = facilities(state).one(facility_id, caller.scope)
    if found is None:
        raise ApiError(404, "facility_not_found")
    papers = FacilityDocumentRepository(state.services.archive.database)
    documents = [
        document_response(one, state.people, document_url(facility_id, one.id))
        for one in papers.of(facility_id, caller.scope)
    ]
    may_change = bool(caller.roles & EDITS_FACILITIES)
    return one_facility_response(found, documents, state.people, may_change=may_change)


@router.patch("/facilities/{facility_id}", status_code=204)
@permits(EDITS_FACILITIES, token=TokenScope.FACILITIES)
def change_facility(
    caller: CurrentUserDep,
    state: AppStateDep,
    facility_id: FacilityId,
    body: FacilityChangeRequest,
) -> None:
    """Change what is named of a facility."""
    repository = facilities(state)
    found = repository.one(facility_id, caller.scope)
    if found is None:
        raise ApiError(404, "facility_not_found")
    named = {name: getattr(body, name) for name in body.model_fields_set}
    facts = facts_of(request_of(found.facts).model_copy(update=named))
    now, checked = state.services.clock.utc(), _checked(caller, facts)
    require_listed_owner(caller, state, named.get("agency"), named.get("area"))
    try:
        is_there = repository.change(me(caller), facility_id, checked, now)
    except FacilityCodeConflict:
        raise ApiError(409, "facility_code_taken", code=checked.code or "") from None
    if not is_there:
        raise ApiError(404, "facility_not_found")


@router.delete("/facilities/{facility_id}", status_code=204)
@permits(EDITS_LISTS, token=TokenScope.FACILITIES)
def remove_facility(caller: CurrentUserDep, state: AppStateDep, facility_id: FacilityId) -> None:
    """Take a facility out of the list."""
    if not facilities(state).remove(me(caller), facility_id, state.services.clock.utc()):
        raise ApiError(404, "facility_not_found")


def facilities(state: AppState) -> FacilityRepository:
    return FacilityRepository(state.services.archive.database)


def me(caller: CurrentUser) -> Actor:
    return caller.actor(main_role(caller.roles))


def document_url(facility_id: str, document_id: str) -> str:
    """Return the path of a document's bytes."""
    return f"{PREFIX}/facilities/{facility_id}/documents/{document_id}"


def owned_by_caller(caller: CurrentUser, facts: FacilityFacts) -> FacilityFacts | None:
    """Return the facility owned by the caller; None if it would be another agency's.

    Without an agency or area, the caller's only one is used.
    """
    scope = caller.scope
    owned = replace(
        facts,
        agency=facts.agency or _only(scope.agencies),
        area=facts.area or _only(scope.areas),
    )
    return owned if scope.sees(owned.agency, owned.area) else None


def _only(names: frozenset[str] | None) -> str | None:
    return next(iter(names)) if names is not None and len(names) == 1 else None


def _checked(caller: CurrentUser, facts: FacilityFacts) -> FacilityFacts:
    """Return the validated facility. Raises `ApiError`."""
    if (facts.lat is None) != (facts.lon is None):
        raise ApiError(422, "half_a_point", extra={"field": "body.place"})
    if facts.position is not None and (fault := position_fault(facts.position)):
        cell = f"{facts.lat}, {facts.lon}"
        raise ApiError(422, f"position_{fault.value}", extra={"field": "body.place"}, cell=cell)
    is_drawn = bool(facts.outline)
    if is_drawn and (facts.position is None or not is_outline_of(facts.position, facts.outline)):
        field = {"field": "body.place.outline"}
        raise ApiError(422, "facility_outline", extra=field, most=MOST_CORNERS)
    owned = owned_by_caller(caller, facts)
    if owned is None:
        raise ApiError(403, "facility_of_others")
    return owned
