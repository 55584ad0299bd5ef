"""States of an incident, steps, commands and transitions."""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.store.roles import Role


class IncidentState(StrEnum):
    """State of an incident, in order of time."""

    OPEN = "open"  # known to the centre
    ASSESSED = "assessed"  # an officer said what it is and how urgent
    DISPATCHED = "dispatched"  # somebody was sent, or told
    EN_ROUTE = "en_route"  # the first unit is on its way
    ON_SCENE = "on_scene"  # the first unit is there
    CONTROLLED = "controlled"  # it grows no more
    CLOSED = "closed"


ORDER = {state: number for number, state in enumerate(IncidentState)}
REPORTED = (IncidentState.EN_ROUTE, IncidentState.ON_SCENE, IncidentState.CONTROLLED)
"""What units report on the radio."""


class Disposition(StrEnum):
    """Disposition of a closed incident."""

    HANDLED = "handled"
    TRANSFERRED = "transferred"  # another agency goes on with it
    FALSE_ALARM = "false_alarm"  # meant well, and wrong
    HOAX = "hoax"
    NOTHING_FOUND = "nothing_found"
    DUPLICATE = "duplicate"  # it is another incident, which has its members now


class IncidentAction(StrEnum):
    """Command on an incident."""

    JOIN = "join"  # a member more
    SEPARATE = "separate"  # a member is another incident after all
    ASSESS = "assess"
    DISPATCH = "dispatch"
    STEP = "step"
    TICK = "tick"  # a step of the procedure
    CLOSE = "close"


class MemberType(StrEnum):
    """Type of a member; `incident` is another one, with all its members."""

    ALERT = "alert"
    CALL = "call"
    SIGNAL = "signal"
    NOTE = "note"
    INCIDENT = "incident"


class IncidentReason(StrEnum):
    """Named reason of a decision on an incident."""

    OPENED = "incident_opened"
    JOINED = "joined"
    SEPARATED = "separated"
    ASSESSED = "assessed"
    DISPATCHED = "dispatched"
    STEPPED = "stepped"
    TICKED = "ticked"  # a step of the procedure was done
    CLOSED = "incident_closed"
    ESCALATED = "escalated"  # nobody answered in time
    ANSWERED = "answered"  # who was told said something
    REPORTED = "crew_reported"  # a crew's words, photo or film
    REQUESTED = "crew_requested"  # a crew asks for more
    REQUEST_TAKEN = "crew_request_taken"  # an officer sees to it
    NO_RIGHT = "no_right"
    VERSION = "incident_version"
    UNKNOWN_INCIDENT = "incident_not_found"
    UNKNOWN_MEMBER = "member_not_found"
    UNKNOWN_UNIT = "unit_not_found"
    IS_MEMBER = "is_member"
    ONLY_MEMBER = "only_member"
    JOIN_OTHER_WAY = "join_other_way"  # the other one is further: this one joins it
    UNIT_BUSY = "unit_busy"
    STEP_UNKNOWN = "step_unknown"
    STEP_REACHED = "step_reached"
    STEP_TICKED = "step_ticked"
    NOT_DISPATCHED = "not_dispatched"
    NOT_CONTROLLED = "not_controlled"
    NOBODY_TOLD = "nobody_told"
    DISPOSITION_MISSING = "disposition_missing"
    DISPOSITION_UNKNOWN = "disposition_unknown"
    REPORT_MISSING = "report_missing"
    NOTE_MISSING = "incident_note_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentProgress:
    """Human actions on one incident so far."""

    state: IncidentState
    priority: int
    version: int  # counts every change
    people_version: int  # the version at which people last moved it
    owner: str | None = None
    reached: frozenset[IncidentState] = frozenset({IncidentState.OPEN})
    kind: IncidentKind = IncidentKind.OTHER
    disposition: Disposition | None = None
    report: str | None = None
    closed_by: str | None = None
    closed_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCommand:
    """Command of a person who saw the incident at `expected_version`."""

    action: IncidentAction
    username: str
    role: Role
    expected_version: int
    kind: IncidentKind | None = None  # assess
    priority: int | None = None  # assess
    step: str | None = None
    by_unit: bool = False  # a unit's own report: the incident may be further already
    told: int = 0  # dispatch: how many units and services
    disposition: str | None = None
    note: str | None = None  # a note's words, or the report
    is_note: bool = False  # join: words beside it, which nothing makes stale


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTransition:
    """Result of a command; `step` is the step that was reached now, if any."""

    outcome: CommandOutcome
    why: IncidentReason
    progress: IncidentProgress
    step: IncidentState | None = None
    by: str | None = None
    at: float | None = None
