"""API schemas of units and assignments."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.alert.records import LogEntry
from thapcanh.alerts.incidents.units.unit_store import Assignment
from thapcanh.alerts.incidents.units.units import Unit, UnitKind, UnitStatus
from thapcanh.app.positions.roads import Way, WayKind
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time

PLAIN = r"^[\w.:-]+$"
UnitText = Annotated[str | None, Field(max_length=120, pattern=NO_NUL)]


class UnitRequest(SpokenModel):
    """A unit as it is to be; its id stands in the address or beside it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=120, pattern=NO_NUL)
    kind: UnitKind
    station: UnitText = None
    phone: UnitText = None
    status: UnitStatus = UnitStatus.AVAILABLE
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    agency: UnitText = None
    area: UnitText = None


class NewUnitRequest(UnitRequest):
    """A new unit with its id."""

    id: str = Field(max_length=64, pattern=PLAIN)


class UnitPositionRequest(BaseModel):
    """Where a unit is, what it does, or both."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    status: UnitStatus | None = None


class UnitFileRequest(BaseModel):
    """A CSV of units, as text."""

    model_config = ConfigDict(extra="forbid")

    csv: str = Field(max_length=60_000, pattern=NO_NUL)


class AnswerRequest(SpokenModel):
    """Answer of a unit or service."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(min_length=1, max_length=500, pattern=NO_NUL)


class UnitResponse(ApiModel):
    """A unit as it is now."""

    id: str
    name: str
    kind: UnitKind
    station: str | None
    phone: str | None
    status: UnitStatus
    lat: float | None
    lon: float | None
    position_at: Time | None
    position_age_s: float | None = Field(description="older than 30 s it may be streets away")
    agency: str | None
    area: str | None
    road_s: float | None = Field(description="to the requested place")
    road_m: float | None
    by: WayKind | None = Field(description="`line`: straight line, no road is known")


class UnitListResponse(ApiModel):
    """Units, by kind and name."""

    items: list[UnitResponse]


class SuggestedUnitResponse(UnitResponse):
    """A unit that can go, and how far it has."""

    distance_m: float | None


class GivenAnswerResponse(ApiModel):
    """One answer, or a step that was reported, and when it was."""

    answer: str
    at: Time


class AssignmentResponse(ApiModel):
    """A notified unit or service, the channel, and its answer."""

    id: str
    unit: str | None
    told: str
    way: str
    told_at: Time
    told_by: PersonResponse | None
    read_back: bool
    due_at: Time | None
    answered_at: Time | None = Field(description="of the first answer")
    answer: str | None = Field(description="the latest one")
    answers: list[GivenAnswerResponse]
    escalated_at: Time | None
    ended_at: Time | None


def unit_response(item: Unit, now: float, way: Way | None = None) -> UnitResponse:
    """Return a unit for the API; `way` is its route to a place."""
    same = {name: getattr(item, name) for name in _OF_UNIT}
    age_s = None if item.position_at is None else round(max(0.0, now - item.position_at), 1)
    told = _NO_WAY if way is None else _way(way)
    return UnitResponse.model_validate({**same, "position_age_s": age_s, **told})


def _way(way: Way) -> dict[str, object]:
    return {"road_s": round(way.road_s, 1), "road_m": round(way.road_m, 1), "by": way.by}


_NO_WAY: Mapping[str, object] = {"road_s": None, "road_m": None, "by": None}
_OF_UNIT = UnitResponse.model_fields.keys() - {"position_age_s", "road_s", "road_m", "by"}


def assignment_response(
    item: Assignment, log: Sequence[LogEntry], people: People
) -> AssignmentResponse:
    """Return an assignment with its answers, as the log of its incident has them."""
    same = {name: getattr(item, name) for name in _SAME_NAME}
    answers = [
        {"answer": line.details["answer"], "at": _happened_at(line)}
        for line in log
        if line.details.get("answer") and _is_of(line, item)
    ]
    if not answers and item.answered_at is not None:  # it was told in an incident that was joined
        answers = [{"answer": item.answer or "", "at": item.answered_at}]
    told = {"unit": item.unit_id, "told_by": people.person(item.told_by), "answers": answers}
    return AssignmentResponse.model_validate(same | told)


def _is_of(line: LogEntry, item: Assignment) -> bool:
    """Tell whether a log line is about this assignment: a unit may be sent a second time."""
    at = _happened_at(line)
    is_in_time = item.told_at <= at and (item.ended_at is None or at <= item.ended_at)
    unit_id = line.details.get("unit")
    return is_in_time and (
        unit_id == item.unit_id if unit_id else line.details.get("told") == item.told
    )


def _happened_at(line: LogEntry) -> float:
    """Return when a crew pressed it; of what the desk noted, when it did."""
    happened = line.details.get("happened_at")
    return float(happened) if isinstance(happened, int | float) else line.at


_SAME_NAME = AssignmentResponse.model_fields.keys() - {"unit", "told_by", "answers"}
