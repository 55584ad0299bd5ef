"""Web routes of temporary watch areas: proposed, approved by another, ended by time."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, ConfigDict, Field

from thapcanh.alerts.registry.records import Author, RegistryChange
from thapcanh.alerts.store.roles import Role
from thapcanh.app.registry.registry_access import entry_checks, refusals, repository_of
from thapcanh.app.registry.registry_routes import Revision
from thapcanh.app.watch_areas.watch_areas import Deciding, RegisteredArea, WatchAreas
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import WORDS, ApiModel, PersonResponse, SpokenModel, Time
from thapcanh.config.registry.watch_area import WatchAreaStatus

router = APIRouter(prefix=f"{PREFIX}/watch-areas", tags=["watch areas"])

_PROPOSES = frozenset({Role.OPERATOR, Role.LEADER, Role.TECHNICIAN, Role.AGENCY, Role.ADMIN})
_APPROVES = frozenset({Role.LEADER})
AreaId = Annotated[str, Path(max_length=64, pattern=r"^[\w.-]+$")]


_LONGEST = 2000


class ProposeWatchAreaRequest(SpokenModel):
    """Proposed area: cameras, reason, legal basis and duration.

    `rules` are tables as in a file, without `id`; their `cameras` are some of the area's, or
    omitted for all.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120, pattern=WORDS)
    purpose: str = Field(min_length=1, max_length=_LONGEST, pattern=WORDS)
    legal_basis: str = Field(min_length=1, max_length=_LONGEST, pattern=WORDS)
    cameras: list[str] = Field(min_length=1, max_length=500)
    zones: list[dict[str, Any]] = Field(default=[], max_length=200)
    rules: list[dict[str, Any]] = Field(min_length=1, max_length=20)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    retention_days: float = Field(default=30.0, gt=0, le=3650)
    record: bool = Field(default=False, description="record its cameras while it runs")


class ExtendWatchAreaRequest(SpokenModel):
    """The later end, and why."""

    model_config = ConfigDict(extra="forbid")

    ends_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=_LONGEST, pattern=WORDS)


class EndWatchAreaRequest(SpokenModel):
    """Why it ends before its time, or is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=_LONGEST, pattern=WORDS)


class WatchAreaResponse(ApiModel):
    """An area with its visible cameras. `revision` is for If-Match."""

    id: str
    revision: int
    name: str
    purpose: str
    legal_basis: str
    cameras: list[str]
    zones: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    starts_at: Time
    ends_at: Time
    retention_days: float
    record: bool
    status: WatchAreaStatus
    proposed_by: PersonResponse
    proposed_at: Time
    decided_by: PersonResponse | None
    decided_at: Time | None
    reason: str | None


class WatchAreaListResponse(ApiModel):
    """Areas, the one that ends last first. `files`: this site's registry has none."""

    source: Literal["files", "database"]
    items: list[WatchAreaResponse]


class WatchAreaStepResponse(ApiModel):
    """One step: who proposed, approved, extended or ended it, and its state then."""

    revision: int
    at: Time
    by: PersonResponse
    step: str
    reason: str | None
    ends_at: str


class WatchAreaDetailResponse(WatchAreaResponse):
    """An area with its steps, newest first."""

    steps: list[WatchAreaStepResponse]


def watch_area_response(found: RegisteredArea, people: People, now: float) -> WatchAreaResponse:
    return WatchAreaResponse.model_validate(_facts(found, people, now))


def watch_area_detail(
    found: RegisteredArea, steps: list[RegistryChange], people: People, now: float
) -> WatchAreaDetailResponse:
    shown = [_step(one, people) for one in steps]
    return WatchAreaDetailResponse.model_validate({**_facts(found, people, now), "steps": shown})


def _facts(found: RegisteredArea, people: People, now: float) -> dict[str, Any]:
    area = found.area
    facts = area.model_dump(mode="json", exclude={"state"})
    for name in ("starts_at", "ends_at", "proposed_at", "decided_at"):
        at: datetime | None = getattr(area, name)
        facts[name] = None if at is None else at.timestamp()
    for name in ("proposed_by", "decided_by"):
        facts[name] = people.person(facts[name])
    return facts | {"revision": found.revision, "status": area.status(now)}


def _step(change: RegistryChange, people: People) -> WatchAreaStepResponse:
    after = change.after or {}
    by = people.person(change.actor)
    return WatchAreaStepResponse(
        revision=change.revision,
        at=change.at,
        by=by or PersonResponse(username=change.actor, name=change.actor),
        step=change.origin,
        reason=after.get("reason"),
        ends_at=str(after.get("ends_at", "")),
    )


@router.get("")
@permits(EVERYONE, token=TokenScope.READ)
def list_areas(caller: CurrentUserDep, state: AppStateDep) -> WatchAreaListResponse:
    """List every area with a visible camera: proposed, running and ended ones."""
    source = state.services.site().registry.source
    if source == "files":
        return WatchAreaListResponse(source=source, items=[])
    found = _watch_areas_of(state).all(caller.scope)
    return WatchAreaListResponse(source=source, items=[_reported(one, state) for one in found])


@router.get("/{area_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_area(
    caller: CurrentUserDep, state: AppStateDep, area_id: AreaId
) -> WatchAreaDetailResponse:
    """Return one area with its steps."""
    areas = _watch_areas_of(state)
    with refusals():
        found = areas.one(area_id, caller.scope)
    now = state.services.clock.utc()
    return watch_area_detail(found, areas.history(area_id), state.people, now)


@router.post("", status_code=201)
@permits(_PROPOSES)
def propose_area(
    body: ProposeWatchAreaRequest, caller: CurrentUserDep, state: AppStateDep
) -> WatchAreaResponse:
    """Propose an area; it starts only after a leader's approval."""
    table = body.model_dump(mode="json")
    with refusals():
        return _reported(
            _watch_areas_of(state).propose(table, _by(caller, state, "proposed")), state
        )


@router.post("/{area_id}/approve")
@permits(_APPROVES)
def approve_area(
    caller: CurrentUserDep, state: AppStateDep, area_id: AreaId, revision: Revision
) -> WatchAreaResponse:
    """Let it run from its start to its end; not by who proposed it."""
    by = _by(caller, state, "approved")
    with refusals():
        return _reported(_watch_areas_of(state).approve(area_id, revision, by), state)


@router.post("/{area_id}/extend")
@permits(_APPROVES)
def extend_area(
    body: ExtendWatchAreaRequest,
    caller: CurrentUserDep,
    state: AppStateDep,
    area_id: AreaId,
    revision: Revision,
) -> WatchAreaResponse:
    """Give it a later end; not by who proposed it."""
    by = _by(caller, state, "extended")
    with refusals():
        found = _watch_areas_of(state).extend(
            area_id, revision, body.ends_at, body.reason.strip(), by
        )
        return _reported(found, state)


@router.post("/{area_id}/end")
@permits(_PROPOSES)
def end_area(
    body: EndWatchAreaRequest,
    caller: CurrentUserDep,
    state: AppStateDep,
    area_id: AreaId,
    revision: Revision,
) -> WatchAreaResponse:
    """End an area, or refuse a proposed one: by a leader, or its proposer."""
    by = _by(caller, state, "ended")
    with refusals():
        found = _watch_areas_of(state).end(area_id, revision, body.reason.strip(), by)
        return _reported(found, state)


def _by(caller: CurrentUser, state: AppState, step: str) -> Deciding:
    role = Role.LEADER if Role.LEADER in caller.roles else main_role(caller.roles & _PROPOSES)
    author = Author(
        username=caller.session.user.username,
        role=role.value,
        at=state.services.clock.utc(),
        origin=step,
    )
    return Deciding(author=author, scope=caller.scope, leads=role is Role.LEADER)


def _reported(found: RegisteredArea, state: AppState) -> WatchAreaResponse:
    return watch_area_response(found, state.people, state.services.clock.utc())


def _watch_areas_of(state: AppState) -> WatchAreas:
    """Return the watch areas; raise `ApiError` if the site is configured by files."""
    if state.services.site().registry.source == "files":
        raise ApiError(409, "watch_areas_in_files")
    return WatchAreas(repository_of(state), entry_checks())
