"""Rows of the worklist and sources of incidents as the API speaks of them."""

from pydantic import Field

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.incidents.incident_state import IncidentState, MemberType
from thapcanh.alerts.incidents.records import Because
from thapcanh.alerts.incidents.rows.row_records import (
    BlindCamera,
    RowState,
    Section,
    Source,
    SourceKind,
    SourceVerdict,
    Worklist,
    WorklistRow,
)
from thapcanh.app.alert.alert_schemas import AlertResponse, alert_response
from thapcanh.app.incidents.caller_numbers import visible_number
from thapcanh.app.incidents.incident_schemas import PlaceResponse, place_response
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time


class JoinReasonResponse(ApiModel):
    """Why a source is in its incident; metres and seconds where they are known."""

    code: Because
    distance_m: float | None
    apart_s: float | None


class SourceResponse(ApiModel):
    """One source of an incident; `type` and `id` are those of the incident's members."""

    type: MemberType
    id: str
    kind: SourceKind
    number: str | None
    name: str | None = Field(description="of the camera or device")
    what: str | None = Field(description="the kind of the alert or call")
    text: str | None = Field(description="the alert's reason, the caller's words")
    caller: str | None
    camera: str | None = Field(description="its camera, or the device in its place")
    priority: int | None
    at: Time
    last_at: Time
    active: bool = Field(description="an alert whose camera or device still tells of it")
    joined_at: Time
    joined_by: PersonResponse | None
    because: JoinReasonResponse | None = Field(description="null: joined before reasons were kept")
    unseen_since: Time | None = Field(description="its own clock, where it came into taken work")
    verdict: SourceVerdict | None
    verdict_reason: str | None
    verdict_by: PersonResponse | None
    verdict_at: Time | None
    cosign_wanted_by: PersonResponse | None
    corroborated: bool
    state: AlertState | None = Field(description="of an alert, as programs see it")
    version: int | None = Field(description="of an alert")


class SourceCountResponse(ApiModel):
    """How many sources of a kind an incident has."""

    kind: SourceKind
    count: int


class RowUnitResponse(ApiModel):
    """Who is out there; `status` is the unit's own."""

    assignment: str
    unit: str | None
    name: str
    status: str | None
    told_at: Time
    answered_at: Time | None
    due_at: Time | None


class RowResponse(ApiModel):
    """An incident, or an alert that is in no open incident (`number` is null)."""

    type: MemberType
    id: str
    number: str | None
    section: Section
    state: RowState
    step: IncidentState | None = Field(description="of an incident, as `/incidents` has it")
    urgency: int = Field(description="its place in the order of answering; the lowest first")
    kind: str
    priority: int
    place: PlaceResponse
    holder: PersonResponse | None
    held_since: Time | None
    since: Time = Field(description="when the clock that is shown began")
    until: Time | None = Field(description="until when somebody must answer")
    escalated_at: Time | None
    opened_at: Time
    unseen: int = Field(description="sources that nobody has seen")
    unsettled: int = Field(description="of the sources that are shown: neither true nor false")
    sources: list[SourceResponse] = Field(description="the first of them; all in `/row`")
    source_counts: list[SourceCountResponse]
    units: list[RowUnitResponse]
    alert: AlertResponse | None = Field(description="of a row without a number")
    version: int = Field(description="what If-Match takes: of the incident, or of the alert")


class CameraWithoutPictureResponse(ApiModel):
    """A camera without a picture; `incident` is an open one near it."""

    camera: str
    name: str
    kind: str
    since: Time
    place: PlaceResponse
    incident: str | None


class BlindResponse(ApiModel):
    """How many cameras show nothing, and which; those near open incidents first."""

    total: int
    near_incidents: int = Field(description="of those that are listed")
    cameras: list[CameraWithoutPictureResponse]


class WorklistCountsResponse(ApiModel):
    """How many rows each section has, whatever the page."""

    waiting: int
    working: int
    look: int


class WorklistResponse(ApiModel):
    """Rows in the one ranking; `next` is the cursor of the next page."""

    items: list[RowResponse]
    next: str | None
    counts: WorklistCountsResponse
    blind: BlindResponse
    faults: int = Field(description="of the watch itself, for technicians; cameras among them")


def worklist_response(found: Worklist, people: People, caller: CurrentUser) -> WorklistResponse:
    """Return the list with display names."""
    cameras = [_blind(one) for one in found.blind]
    near = sum(one.incident is not None for one in cameras)
    counts = {section.value: count for section, count in found.counts.items()}
    return WorklistResponse(
        items=[row_response(one, people, caller) for one in found.rows],
        next=found.next,
        counts=WorklistCountsResponse(**counts),
        blind=BlindResponse(total=found.blind_total, near_incidents=near, cameras=cameras),
        faults=found.faults,
    )


def row_response(row: WorklistRow, people: People, caller: CurrentUser) -> RowResponse:
    """Return a row with display names."""
    facts = _of_incident(row) if row.incident is not None else _of_alert(row, people)
    return RowResponse(
        **facts,
        section=row.section,
        state=row.state,
        urgency=row.urgency,
        holder=people.person(row.holder),
        held_since=row.held_since,
        since=row.since,
        unseen=sum(one.unseen_since is not None for one in row.sources),
        unsettled=sum(not one.is_settled for one in row.sources),
        sources=[source_response(one, people, caller) for one in row.sources],
        source_counts=[
            SourceCountResponse(kind=kind, count=count) for kind, count in row.source_counts
        ],
        units=[
            RowUnitResponse(
                assignment=one.assignment_id,
                unit=one.unit_id,
                name=one.name,
                status=one.status,
                told_at=one.told_at,
                answered_at=one.answered_at,
                due_at=one.due_at,
            )
            for one in row.units
        ],
    )


def _of_incident(row: WorklistRow) -> dict[str, object]:
    found = row.incident
    assert found is not None  # noqa: S101 - the caller asked
    return {
        "type": MemberType.INCIDENT,
        "id": found.id,
        "number": found.number,
        "step": found.state,
        "kind": found.kind.value,
        "priority": found.priority,
        "place": place_response(found.place),
        "until": found.due_at,
        "escalated_at": found.escalated_at,
        "opened_at": found.opened_at,
        "alert": None,
        "version": found.version,
    }


def _of_alert(row: WorklistRow, people: People) -> dict[str, object]:
    found = row.alert
    assert found is not None  # noqa: S101 - a row has an incident or an alert
    text = " · ".join(part for part in (found.camera_name, found.place) if part)
    return {
        "type": MemberType.ALERT,
        "id": found.id,
        "number": None,
        "step": None,
        "kind": found.kind,
        "priority": found.priority,
        "place": PlaceResponse(text=text, ward=None, lat=found.lat, lon=found.lon),
        "until": found.lease_until,
        "escalated_at": found.escalated_at,
        "opened_at": found.raised_at,
        "alert": alert_response(found, people),
        "version": found.version,
    }


def source_response(one: Source, people: People, caller: CurrentUser) -> SourceResponse:
    """Return a source with display names, as the caller may see it."""
    same = {name: getattr(one, name) for name in _SAME}
    because = one.because
    return SourceResponse(
        **same,
        camera=one.camera_id,
        caller=visible_number(one.caller, caller),
        joined_by=people.person(one.joined_by),
        because=None if because is None else JoinReasonResponse(
            code=because.code, distance_m=because.distance_m, apart_s=because.apart_s
        ),
        verdict_by=people.person(one.verdict_by),
        cosign_wanted_by=people.person(one.cosign_wanted_by),
    )  # fmt: skip


_SAME = (
    "type", "id", "kind", "number", "name", "what", "text", "priority", "at", "last_at", "active",
    "joined_at", "unseen_since", "verdict", "verdict_reason", "verdict_at", "corroborated", "state",
    "version",
)  # fmt: skip


def _blind(one: BlindCamera) -> CameraWithoutPictureResponse:
    return CameraWithoutPictureResponse(
        camera=one.camera_id,
        name=one.name,
        kind=one.kind,
        since=one.since,
        place=place_response(one.place),
        incident=one.near_incident,
    )
