"""What a crew may report, and what becomes of it: frozen objects and pure decisions."""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.incidents.incident_state import IncidentState
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.alerts.store.distance import Position

OLDEST_S = 24 * 3600.0  # what a phone held for longer is told as of a day ago
LATE_S = 12 * 3600.0  # so long after its end a crew still sends what it held
MOST_BYTES = 150_000_000  # of all files of a unit in one incident, as they are kept


class CrewState(StrEnum):
    """How far a unit is with what it was sent to, in the order of time."""

    ACKNOWLEDGED = "acknowledged"  # the crew read it
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    FINISHED = "finished"  # it can be sent elsewhere


class CrewReportKind(StrEnum):
    """What is reported."""

    STATE = "state"
    NOTE = "note"
    REQUEST = "request"  # more forces, or something else that the crew needs
    PHOTO = "photo"
    VIDEO = "video"


class CrewOutcome(StrEnum):
    """What became of a report."""

    DONE = "done"
    LATE = "late"  # a state that the unit has passed: it is kept, and moves nothing
    ALREADY = "already"  # the same state, by another phone of the crew, or another sending
    UNKNOWN = "incident_not_found"  # the unit was not sent there, or is long back
    CLOSED = "incident_closed"
    FULL = "crew_quota"


UNIT_STATUS = {
    CrewState.ACKNOWLEDGED: UnitStatus.ASSIGNED,
    CrewState.EN_ROUTE: UnitStatus.EN_ROUTE,
    CrewState.ON_SCENE: UnitStatus.ON_SCENE,
    CrewState.FINISHED: UnitStatus.RETURNING,
}
STEPS = {
    CrewState.EN_ROUTE: IncidentState.EN_ROUTE,
    CrewState.ON_SCENE: IncidentState.ON_SCENE,
}
MOST_OF_KIND = {
    CrewReportKind.STATE: 40,
    CrewReportKind.NOTE: 200,
    CrewReportKind.REQUEST: 40,
    CrewReportKind.PHOTO: 60,
    CrewReportKind.VIDEO: 12,
}
_ORDER = {state: number for number, state in enumerate(CrewState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewReportOrder:
    """A report as a phone sends it; sent again it is the same, by its key.

    `told_at` is by the phone's clock; `sha256` is that of a file as it was sent.
    """

    incident_id: str
    unit_id: str
    key: str
    kind: CrewReportKind
    told_at: float
    state: CrewState | None = None
    text: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewMedia:
    """A photo or a film as it is kept."""

    kind: CrewReportKind
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewResult:
    """What became of a report, and who stands against it, and since when."""

    outcome: CrewOutcome
    id: str | None = None
    by: str | None = None
    at: float | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewReport:
    """A report as it is kept. `happened_at` is by the centre's clock."""

    id: str
    incident_id: str
    unit_id: str
    kind: CrewReportKind
    state: CrewState | None
    text: str | None
    happened_at: float
    received_at: float
    by: str
    bytes: int
    media_type: str | None
    answered_by: str | None
    answered_at: float | None
    unit_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewRequest:
    """A crew's request that nobody answered yet, with the incident it is of."""

    report: CrewReport
    incident_number: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAssignment:
    """What a unit was sent to, and how far it is."""

    incident_id: str
    told_at: float
    state: CrewState | None
    ended_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAlarm:
    """A P1 in the unit's ward to which it was not sent: heard, and no more."""

    id: str
    kind: str
    place: str | None
    at: float
    position: Position | None


def happened_at(told_at: float, sent_at: float, now: float) -> float:
    """When something happened, by the centre's clock; the phone's may be wrong by years.

    What counts is how long the phone held it: both times are its own.
    """
    held_s = min(max(sent_at - told_at, 0.0), OLDEST_S)
    return now - held_s


def state_outcome(before: CrewState | None, told: CrewState) -> CrewOutcome:
    """Whether a state moves a unit on; it never goes back."""
    if before is None or _ORDER[told] > _ORDER[before]:
        return CrewOutcome.DONE
    return CrewOutcome.ALREADY if told is before else CrewOutcome.LATE


def crew_state(answer: str | None) -> CrewState | None:
    """How far a unit is, by the last answer of its assignment; people write words there too."""
    if answer is None:
        return None
    known = {state.value: state for state in CrewState}
    known[IncidentState.CONTROLLED.value] = CrewState.ON_SCENE  # an officer noted it for the unit
    return known.get(answer, CrewState.ACKNOWLEDGED)
