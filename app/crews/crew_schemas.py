"""API schemas of crews."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from thapcanh.alerts.crews.crew_reports import CrewOutcome, CrewReport, CrewReportKind, CrewState
from thapcanh.alerts.incidents.incident_state import IncidentState
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.app.facilities.facility_schemas import OneFacilityResponse
from thapcanh.app.incidents.incident_schemas import PlaceResponse
from thapcanh.app.map.nearby_routes import NearLayerResponse
from thapcanh.app.positions.roads import WayKind
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import WORDS, ApiModel, PersonResponse, SpokenModel, Time


class CrewTimes(SpokenModel):
    """When it happened and when it is sent, both by the phone's clock, which may be wrong."""

    model_config = ConfigDict(extra="forbid")

    told_at: AwareDatetime
    sent_at: AwareDatetime


class CrewReportRequest(CrewTimes):
    """A state, a note or a request, as a crew's phone sends it."""

    state: CrewState | None = None
    note: str | None = Field(default=None, max_length=1000, pattern=WORDS)
    more: str | None = Field(default=None, max_length=300, pattern=WORDS, description="the request")


class CrewPositionRequest(BaseModel):
    """Where the phone is, now."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class PhonePlaceQuery(BaseModel):
    """Position of the phone as start of the route; by default the unit's last position."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None


class CrewUnitResponse(ApiModel):
    """The unit for which a phone speaks."""

    id: str
    name: str
    status: UnitStatus
    position_age_s: float | None


class CrewIncidentResponse(ApiModel):
    """An incident to which the unit was sent; `crew_state` is how far the unit is."""

    id: str
    number: str
    kind: IncidentKind
    priority: int
    place: PlaceResponse
    state: IncidentState
    opened_at: Time
    closed_at: Time | None
    closed_by: PersonResponse | None
    told_at: Time
    crew_state: CrewState | None
    left_at: Time | None
    version: int


class CrewAlarmResponse(ApiModel):
    """A P1 in the unit's ward to which it was not sent."""

    id: str
    kind: IncidentKind
    place: str | None
    at: Time


class CrewResponse(ApiModel):
    """Contents of a crew's phone, polled every few seconds."""

    centre: str
    unit: CrewUnitResponse | None
    incidents: list[CrewIncidentResponse]
    alarms: list[CrewAlarmResponse]


class CrewWayResponse(ApiModel):
    """Route to the incident; `line` is straight if no road is known."""

    by: WayKind
    road_s: float
    road_m: float
    points: list[tuple[float, float]]


class CrewReportResponse(ApiModel):
    """A crew's report; `happened_at` is by the centre's clock, `received_at` on arrival."""

    id: str
    unit: str
    unit_name: str
    kind: CrewReportKind
    state: CrewState | None
    text: str | None
    happened_at: Time
    received_at: Time
    by: PersonResponse | None
    file: str | None
    answered_by: PersonResponse | None
    answered_at: Time | None


class CrewReportListResponse(ApiModel):
    """Reports in the order in which they happened."""

    items: list[CrewReportResponse]


class CrewDetailResponse(ApiModel):
    """Everything that a crew needs on its way, in one response that the phone can cache."""

    incident: CrewIncidentResponse
    way: CrewWayResponse | None
    said: list[str]
    place_note: str | None
    facilities: list[OneFacilityResponse]
    layers: list[NearLayerResponse]
    reports: list[CrewReportResponse]


class CrewSentResponse(ApiModel):
    """Result of a report: `late` and `already` changed nothing."""

    id: str | None
    outcome: CrewOutcome


class CrewRequestResponse(ApiModel):
    """A crew's unanswered request."""

    report: CrewReportResponse
    incident: str
    incident_number: str
    place: str | None


class CrewRequestListResponse(ApiModel):
    """Requests that wait, the oldest first."""

    items: list[CrewRequestResponse]


def crew_report_response(item: CrewReport, people: People) -> CrewReportResponse:
    same = {name: getattr(item, name) for name in _SAME_NAME}
    return CrewReportResponse(
        **same,
        unit=item.unit_id,
        by=people.person(item.by),
        answered_by=people.person(item.answered_by),
        file=f"{PREFIX}/crew-reports/{item.id}/file" if item.media_type else None,
    )


_SAME_NAME = (
    "id", "unit_name", "kind", "state", "text", "happened_at", "received_at", "answered_at",
)  # fmt: skip
