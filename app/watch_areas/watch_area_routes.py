"""Temporary watch areas: proposed by one, approved by another who leads, ended by the time."""

from typing import Annotated

from fastapi import APIRouter, Path

from alerts.registry.records import Author
from alerts.store.roles import Role
from app.registry.registry_access import entry_checks, refusals, repository_of
from app.registry.registry_routes import Revision
from app.watch_areas.watch_area_schemas import (
    EndWatchAreaRequest,
    ExtendWatchAreaRequest,
    ProposeWatchAreaRequest,
    WatchAreaDetailResponse,
    WatchAreaListResponse,
    WatchAreaResponse,
    watch_area_detail,
    watch_area_response,
)
from app.watch_areas.watch_areas import Deciding, RegisteredArea, WatchAreas
from app.web_api.access.access import CurrentUser, CurrentUserDep
from app.web_api.access.endpoint_access import permits
from app.web_api.access.permissions import EVERYONE, main_role
from app.web_api.access.token_scopes import TokenScope
from app.web_api.app_state import AppState, AppStateDep
from app.web_api.errors import ApiError
from app.web_api.prefix import PREFIX

router = APIRouter(prefix=f"{PREFIX}/watch-areas", tags=["watch areas"])

_PROPOSES = frozenset({Role.OPERATOR, Role.LEADER, Role.TECHNICIAN, Role.AGENCY, Role.ADMIN})
_APPROVES = frozenset({Role.LEADER})
AreaId = Annotated[str, Path(max_length=64, pattern=r"^[\w.-]+$")]


@router.get("")
@permits(EVERYONE, token=TokenScope.READ)
def list_areas(caller: CurrentUserDep, here: AppStateDep) -> WatchAreaListResponse:
    """Every area with a camera that the caller sees: proposed, running and ended ones."""
    source = here.services.site().registry.source
    if source == "files":
        return WatchAreaListResponse(source=source, items=[])
    found = _watch_areas_of(here).all(caller.scope)
    return WatchAreaListResponse(source=source, items=[_told(one, here) for one in found])


@router.get("/{area_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_area(caller: CurrentUserDep, here: AppStateDep, area_id: AreaId) -> WatchAreaDetailResponse:
    """One area and every step on it."""
    areas = _watch_areas_of(here)
    with refusals():
        found = areas.one(area_id, caller.scope)
    now = here.services.clock.utc()
    return watch_area_detail(found, areas.history(area_id), here.people, now)


@router.post("", status_code=201)
@permits(_PROPOSES)
def propose_area(
    wanted: ProposeWatchAreaRequest, caller: CurrentUserDep, here: AppStateDep
) -> WatchAreaResponse:
    """Put an area before the leaders: nothing is watched until one of them approves it."""
    table = wanted.model_dump(mode="json")
    with refusals():
        return _told(_watch_areas_of(here).propose(table, _by(caller, here, "proposed")), here)


@router.post("/{area_id}/approve")
@permits(_APPROVES)
def approve_area(
    caller: CurrentUserDep, here: AppStateDep, area_id: AreaId, revision: Revision
) -> WatchAreaResponse:
    """Let it run from its start to its end; not by who proposed it."""
    by = _by(caller, here, "approved")
    with refusals():
        return _told(_watch_areas_of(here).approve(area_id, revision, by), here)


@router.post("/{area_id}/extend")
@permits(_APPROVES)
def extend_area(
    wanted: ExtendWatchAreaRequest,
    caller: CurrentUserDep,
    here: AppStateDep,
    area_id: AreaId,
    revision: Revision,
) -> WatchAreaResponse:
    """Give it a later end; not by who proposed it."""
    by = _by(caller, here, "extended")
    with refusals():
        found = _watch_areas_of(here).extend(
            area_id, revision, wanted.ends_at, wanted.reason.strip(), by
        )
        return _told(found, here)


@router.post("/{area_id}/end")
@permits(_PROPOSES)
def end_area(
    wanted: EndWatchAreaRequest,
    caller: CurrentUserDep,
    here: AppStateDep,
    area_id: AreaId,
    revision: Revision,
) -> WatchAreaResponse:
    """End it now, or refuse one that has not begun: a leader, or who proposed it."""
    by = _by(caller, here, "ended")
    with refusals():
        found = _watch_areas_of(here).end(area_id, revision, wanted.reason.strip(), by)
        return _told(found, here)


def _by(caller: CurrentUser, here: AppState, step: str) -> Deciding:
    role = Role.LEADER if Role.LEADER in caller.roles else main_role(caller.roles & _PROPOSES)
    author = Author(
        username=caller.session.user.username,
        role=role.value,
        at=here.services.clock.utc(),
        origin=step,
    )
    return Deciding(author=author, scope=caller.scope, leads=role is Role.LEADER)


def _told(found: RegisteredArea, here: AppState) -> WatchAreaResponse:
    return watch_area_response(found, here.people, here.services.clock.utc())


def _watch_areas_of(here: AppState) -> WatchAreas:
    """The temporary watch areas; refused where the site is watched by its files."""
    if here.services.site().registry.source == "files":
        raise ApiError(409, "watch_areas_in_files")
    return WatchAreas(repository_of(here), entry_checks())
