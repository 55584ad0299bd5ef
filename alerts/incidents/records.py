"""Records of incidents: frozen objects. Times are UTC unix seconds."""

import json
from dataclasses import dataclass, field
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentAction,
    IncidentReason,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPlace:
    """Place of an incident, as far as it is known."""

    text: str | None = None
    ward: str | None = None
    lat: float | None = None
    lon: float | None = None

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStep:
    """Time and actor of a state; `by` is `system` for the system."""

    step: IncidentState
    at: float
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMember:
    """Member of an incident. `words` are those of a note, or its label."""

    type: MemberType
    id: str
    joined_at: float
    by: str
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Incident as it is now, with the members that the reader may see."""

    id: str
    number: str
    state: IncidentState
    kind: IncidentKind
    priority: int
    place: IncidentPlace
    agency: str | None
    area: str | None
    owner: str | None
    held_since: float | None = None  # by this owner
    opened_at: float
    last_at: float
    due_at: float | None  # until when somebody must answer
    escalated_at: float | None
    disposition: Disposition | None
    report: str | None
    closed_by: str | None
    closed_at: float | None
    merged_into: str | None
    version: int
    steps: tuple[IncidentStep, ...]
    members: tuple[IncidentMember, ...]


class Because(StrEnum):
    """Why a source is in its incident, or is suggested for it."""

    FIRST = "first"  # it opened the incident
    SAME_CAMERA = "same_camera"
    SAME_DEVICE = "same_device"
    SAME_FACILITY = "same_facility"
    SAME_POINT = "same_point"
    NEAR = "near"  # so many metres and seconds apart
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinReason:
    """Why, with the distance in metres and seconds where one is known."""

    code: Because
    distance_m: float | None = None
    apart_s: float | None = None

    def column(self) -> str:
        """Return the text of the column `incident_member.because`."""
        return json.dumps([self.code.value, self.distance_m, self.apart_s])


def join_reason(column: str | None) -> JoinReason | None:
    """Return the reason in the column `because`, or None for older members."""
    if column is None:
        return None
    code, distance_m, apart_s = json.loads(column)
    return JoinReason(code=Because(code), distance_m=distance_m, apart_s=apart_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """Member to be added, with its owner."""

    type: MemberType
    id: str
    words: str | None = None
    agency: str | None = None
    area: str | None = None
    because: JoinReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """Facts of a new incident."""

    kind: IncidentKind
    priority: int
    place: IncidentPlace
    at: float  # when it happened, as far as it is known
    until: float | None = None  # when it was last seen, where that is later
    agency: str | None = None
    area: str | None = None
    member: NewMember | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Filter of incidents; an empty set is no restriction. `since` and `until` limit `opened_at`.

    `by_urgency`: unanswered first, then by gravity, then the oldest.
    """

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    open_only: bool = False
    by_urgency: bool = False
    since: float | None = None
    until: float | None = None
    scope: DataFilter = EVERYTHING
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """Incidents in the requested order, and the cursor of the next page."""

    items: tuple[Incident, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOrder:
    """Recipient: a unit of the site, or a service by its name (`114`)."""

    unit_id: str | None = None
    service: str | None = None
    way: str = "phone"
    read_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRequest:
    """An act on an incident, with what makes it safe to send twice."""

    incident_id: str
    action: IncidentAction
    actor: Actor
    expected_version: int
    idempotency_key: str
    member_type: MemberType | None = None
    member_id: str | None = None
    kind: IncidentKind | None = None
    priority: int | None = None
    place: IncidentPlace | None = None
    told: tuple[UnitOrder, ...] = ()
    step: str | None = None
    procedure: tuple[str, str] | None = None  # a step of the run card: id and words
    unit_id: str | None = None
    disposition: str | None = None
    note: str | None = None
    to: str | None = None
    to_refused: str | None = None
    despite: tuple[str, ...] = ()
    verdict: str | None = None  # judge: of the member that is named
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentResult:
    """Result of a command: the incident after it, and the conflicting person and time."""

    outcome: CommandOutcome
    why: IncidentReason
    incident: Incident | None = None
    by: str | None = None
    at: float | None = None
    open_points: tuple[str, ...] = ()  # what keeps it from being closed
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChange:
    """Change of an incident in the stream, and the incident as it is now."""

    seq: int
    kind: str
    reason: str
    version: int
    at: float
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChanges:
    """Changes after a number; `last_seq` is how far the reader now is."""

    items: tuple[IncidentChange, ...] = field(default=())
    last_seq: int = 0
