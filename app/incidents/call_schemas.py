"""API schemas of calls and places, and their conversion from records."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.incidents.calls import Call, CallKind
from thapcanh.alerts.map.places import ListedPlace
from thapcanh.app.cameras.nearest_cameras import NearCamera
from thapcanh.app.incidents.caller_numbers import visible_number
from thapcanh.app.incidents.incident_schemas import (
    PlaceRequest,
    PlaceResponse,
    SuggestionResponse,
    place_response,
)
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time
from thapcanh.config.devices import CalledLine

Warn = Literal["no_place", "no_point", "call_back", "repeated", "hoaxer"]


class TakeCallRequest(SpokenModel):
    """A call as typed. A place is text, a point, or unknown."""

    model_config = ConfigDict(extra="forbid")

    kind: CallKind
    caller: str | None = Field(default=None, max_length=40, pattern=NO_NUL)
    place: PlaceRequest | None = None
    words: str | None = Field(default=None, max_length=4000, pattern=NO_NUL)
    line: CalledLine = "113"
    incoming: str | None = Field(
        default=None, max_length=64, pattern=r"^[\w-]+$", description="the exchange's call it was"
    )
    incident: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[\w-]+$",
        description="the open incident that it tells of; where that is over, it has its own",
    )


class NearbyRequest(SpokenModel):
    """Known details of a call while it is typed."""

    model_config = ConfigDict(extra="forbid")

    kind: CallKind = CallKind.OTHER
    caller: str | None = Field(default=None, max_length=40, pattern=NO_NUL)
    place: PlaceRequest | None = None


class ListedCalls(BaseModel):
    """Filter of calls; the scope is the caller's."""

    kind: list[CallKind] = []
    since: UtcTime | None = Field(default=None, description="ISO 8601 or unix seconds")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=300, pattern=r"^[A-Za-z0-9_=-]+$")


class SearchCallsRequest(ListedCalls):
    """Calls with these words, or of this number."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=100, description="marks and case are ignored")


class CallResponse(ApiModel):
    """A call; `incident` is where it belongs now."""

    id: str
    number: str
    line: str
    kind: CallKind
    caller: str | None
    place: PlaceResponse
    words: str | None
    at: Time
    by: PersonResponse | None
    incident: str | None


class CallPageResponse(ApiModel):
    """Calls, newest first; `next` is the cursor of the next page."""

    items: list[CallResponse]
    next: str | None


class NearCameraResponse(ApiModel):
    """A camera near a place."""

    camera: str
    camera_name: str
    distance_m: float


class NearbyResponse(ApiModel):
    """Records near a place and of a number, before the call is recorded."""

    cameras: list[NearCameraResponse]
    suggestions: list[SuggestionResponse]
    earlier: list[CallResponse] = Field(description="of this number in the last half hour")
    hoaxes: int = Field(description="of this number within a year")


class AttentionResponse(ApiModel):
    """Effect of a fire call on the cameras near it."""

    cameras: list[str] = Field(description="of those near it, the ones that look harder now")
    until: Time | None
    is_full: bool = Field(description="none does: the site has no room for more at this time")


class TakenCallResponse(CallResponse, NearbyResponse):
    """A call that was written down, with all that helps to go on."""

    warnings: list[Warn]
    raised_alert: str | None = Field(description="a doubted alert that this call made a P1")
    attention: AttentionResponse


class KnownPlaceResponse(ApiModel):
    """A ward, a street or a place of the site's list."""

    kind: str
    name: str
    ward: str | None
    lat: float | None
    lon: float | None
    note: str | None


class KnownPlaceListResponse(ApiModel):
    """Places, the plainest match first."""

    items: list[KnownPlaceResponse]


def call_response(found: Call, people: People, caller: CurrentUser) -> CallResponse:
    return CallResponse(
        id=found.id,
        number=found.number,
        line=found.line,
        kind=found.kind,
        caller=visible_number(found.caller, caller),
        place=place_response(found.place),
        words=found.said,
        at=found.at,
        by=people.person(found.by),
        incident=found.incident_id,
    )


def near_camera_response(near: NearCamera) -> NearCameraResponse:
    return NearCameraResponse(
        camera=near.camera.id, camera_name=near.camera.name, distance_m=round(near.distance_m, 1)
    )


def listed_place_response(place: ListedPlace) -> KnownPlaceResponse:
    return KnownPlaceResponse(
        kind=place.kind,
        name=place.name,
        ward=place.ward,
        lat=place.lat,
        lon=place.lon,
        note=place.note,
    )
