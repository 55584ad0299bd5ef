"""What is said and taken of temporary watch areas over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alerts.registry.records import RegistryChange
from app.watch_areas.watch_areas import RegisteredArea
from app.web_api.people import People
from app.web_api.schemas import ApiModel, PersonResponse, Time
from config.registry.watch_area import WatchAreaStatus

_TEXT = r"^[^\x00]*\S[^\x00]*$"
_LONGEST = 2000


class ProposeWatchAreaRequest(BaseModel):
    """What is to be watched, why, on which legal basis and for how long.

    `rules` are tables as a file has them, without `id`; their `cameras` are some of the area's, or
    left out: all of them.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120, pattern=_TEXT)
    purpose: str = Field(min_length=1, max_length=_LONGEST, pattern=_TEXT)
    legal_basis: str = Field(min_length=1, max_length=_LONGEST, pattern=_TEXT)
    cameras: list[str] = Field(min_length=1, max_length=500)
    zones: list[dict[str, Any]] = Field(default=[], max_length=200)
    rules: list[dict[str, Any]] = Field(min_length=1, max_length=20)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    retention_days: float = Field(default=30.0, gt=0, le=3650)
    record: bool = Field(default=False, description="record its cameras while it runs")


class ExtendWatchAreaRequest(BaseModel):
    """The later end, and why."""

    model_config = ConfigDict(extra="forbid")

    ends_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=_LONGEST, pattern=_TEXT)


class EndWatchAreaRequest(BaseModel):
    """Why it ends before its time, or is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=_LONGEST, pattern=_TEXT)


class WatchAreaResponse(ApiModel):
    """One area with those of its cameras that the caller sees. `revision` goes into If-Match."""

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
    """One step: who proposed, approved, extended or ended it, and how it stood then."""

    revision: int
    at: Time
    by: PersonResponse
    step: str
    reason: str | None
    ends_at: str


class WatchAreaDetailResponse(WatchAreaResponse):
    """One area with every step on it, the newest first."""

    steps: list[WatchAreaStepResponse]


def watch_area_response(found: RegisteredArea, people: People, now: float) -> WatchAreaResponse:
    """An area as it is sent out."""
    return WatchAreaResponse.model_validate(_facts(found, people, now))


def watch_area_detail(
    found: RegisteredArea, steps: list[RegistryChange], people: People, now: float
) -> WatchAreaDetailResponse:
    """An area with its steps."""
    told = [_step(one, people) for one in steps]
    return WatchAreaDetailResponse.model_validate({**_facts(found, people, now), "steps": told})


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
