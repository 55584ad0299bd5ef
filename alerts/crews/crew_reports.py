"""Crews' reports and their effects, as pure decisions."""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.incidents.incident_state import IncidentState
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.alerts.store.distance import Position

OLDEST_S = 24 * 3600.0  # what a phone held for longer is told as of a day ago
LATE_S = 12 * 3600.0  # so long after its end a crew still sends what it held
MOST_BYTES = 150_000_000  # of all files of a unit in one incident, as they are kept


class CrewState(StrEnum):
    """Progress of a unit on an assignment, in order."""

    ACKNOWLEDGED = "acknowledged"  # the crew read it
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    FINISHED = "finished"  # it can be sent elsewhere


class CrewReportKind(StrEnum):
    """Kind of report."""

    STATE = "state"
    NOTE = "note"
    REQUEST = "request"  # more forces, or something else that the crew needs
    PHOTO = "photo"
    VIDEO = "video"


class CrewOutcome(StrEnum):
    """Result of a report."""

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
    """Report as a phone sends it, identified by its key.

    `told_at` is by the phone's clock; `sha256` is that of the file as sent.
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
    """Stored photo or video."""

    kind: CrewReportKind
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewResult:
    """Result of a report, and the conflicting person and time, if any."""

    outcome: CrewOutcome
    id: str | None = None
    by: str | None = None
    at: float | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewReport:
    """Stored report. `happened_at` is by the centre's clock."""

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
    """Unanswered request of a crew, with its incident."""

    report: CrewReport
    incident_number: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAssignment:
    """Assignment of a unit, and its progress."""

    incident_id: str
    told_at: float
    state: CrewState | None
    ended_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAlarm:
    """P1 in the unit's ward to which it was not sent; for information only."""

    id: str
    kind: str
    place: str | None
    at: float
    position: Position | None


def happened_at(told_at: float, sent_at: float, now: float) -> float:
    """Return when something happened by the centre's clock.

    The delay on the phone counts, since its clock may be wrong by years.
    """
    held_s = min(max(sent_at - told_at, 0.0), OLDEST_S)
    return now - held_s


def state_outcome(before: CrewState | None, reported: CrewState) -> CrewOutcome:
    """Return whether a state advances a unit; it never goes back."""
    if before is None or _ORDER[reported] > _ORDER[before]:
        return CrewOutcome.DONE
    return CrewOutcome.ALREADY if reported is before else CrewOutcome.LATE


def crew_state(answer: str | None) -> CrewState | None:
    """Return a unit's progress by its assignment's last answer; free text gives None."""
    if answer is None:
        return None
    existing = {state.value: state for state in CrewState}
    existing[IncidentState.CONTROLLED.value] = (
        CrewState.ON_SCENE
    )  # an officer noted it for the unit
    return existing.get(answer, CrewState.ACKNOWLEDGED)
