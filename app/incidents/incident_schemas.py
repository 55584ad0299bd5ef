"""API schemas of incidents, and their conversion from records."""

from pydantic import ConfigDict, Field

from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType, OpenPoint
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import Incident, IncidentChange, IncidentPlace
from thapcanh.alerts.incidents.suggestions import SuggestedMember
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import (
    NO_NUL,
    ApiModel,
    PersonResponse,
    ProblemResponse,
    SpokenModel,
    Time,
)


class PlaceResponse(ApiModel):
    """Known location."""

    text: str | None
    ward: str | None
    lat: float | None
    lon: float | None


class IncidentStepResponse(ApiModel):
    """When a state was reached, and by whose word."""

    step: IncidentState
    at: Time
    by: PersonResponse | None


class IncidentMemberResponse(ApiModel):
    """A member of an incident that the reader may see."""

    type: MemberType
    id: str
    joined_at: Time
    by: PersonResponse | None


class IncidentResponse(ApiModel):
    """An incident as in lists; `version` is for If-Match."""

    id: str
    number: str
    state: IncidentState
    kind: IncidentKind
    priority: int
    place: PlaceResponse
    steps: list[IncidentStepResponse]
    members: list[IncidentMemberResponse]
    version: int


class SuggestionResponse(ApiModel):
    """A possible duplicate, with its distance in space and time."""

    type: MemberType
    id: str
    number: str
    kind: str
    place: str | None
    at: Time = Field(description="when it began")
    distance_m: float
    apart_s: float = Field(description="between the last of one and the first of the other")


class OneIncidentResponse(IncidentResponse):
    """An incident with what may belong to it."""

    suggested: list[SuggestionResponse]


class IncidentPageResponse(ApiModel):
    """Incidents in the requested order; `next` is the cursor of the next page."""

    items: list[IncidentResponse]
    next: str | None


class IncidentInStream(ApiModel):
    """An incident in the stream: what may have changed is fetched by who shows it."""

    id: str
    number: str
    state: IncidentState
    kind: IncidentKind
    priority: int
    place: PlaceResponse
    version: int


class IncidentChangeResponse(ApiModel):
    """Data of the stream's event `incident`."""

    seq: int
    kind: str
    reason: str
    incident: IncidentInStream


class IncidentConflictResponse(ProblemResponse):
    """Why a command was not carried out, and how the incident is now."""

    by: PersonResponse | None
    at: Time | None
    incident: IncidentResponse | None
    open_points: list[OpenPoint] = Field(
        default_factory=list, description="what keeps it from being closed"
    )


class PlaceRequest(SpokenModel):
    """A place as it was typed; a point has both numbers or none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    text: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)


def place_response(place: IncidentPlace) -> PlaceResponse:
    return PlaceResponse(text=place.text, ward=place.ward, lat=place.lat, lon=place.lon)


def incident_response(found: Incident, people: People) -> IncidentResponse:
    return IncidentResponse(
        id=found.id,
        number=found.number,
        state=found.state,
        kind=found.kind,
        priority=found.priority,
        place=place_response(found.place),
        steps=[
            IncidentStepResponse(step=item.step, at=item.at, by=people.person(item.by))
            for item in found.steps
        ],
        members=[
            IncidentMemberResponse(
                type=item.type, id=item.id, joined_at=item.joined_at, by=people.person(item.by)
            )
            for item in found.members
        ],
        version=found.version,
    )


def suggestion_response(item: SuggestedMember) -> SuggestionResponse:
    return SuggestionResponse(
        type=item.type,
        id=item.id,
        number=item.number,
        kind=item.kind,
        place=item.place,
        at=item.at,
        distance_m=round(item.distance_m, 1),
        apart_s=round(item.apart_s, 1),
    )


def incident_change_response(change: IncidentChange) -> IncidentChangeResponse:
    """Return a change for the stream; without members, whose visibility differs by reader."""
    found = change.incident
    shown = IncidentInStream(
        id=found.id,
        number=found.number,
        state=found.state,
        kind=found.kind,
        priority=found.priority,
        place=place_response(found.place),
        version=found.version,
    )
    return IncidentChangeResponse(
        seq=change.seq, kind=change.kind, reason=change.reason, incident=shown
    )
