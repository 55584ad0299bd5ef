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
    ACKNOWLEDGE = "acknowledge"  # I have it, with all that has come
    CLAIM = "claim"  # I take over what another holds
    RELEASE = "release"  # I have it no more
    HAND_OVER = "hand_over"  # another takes over what I hold
    REOPEN = "reopen"
    CORRECT = "correct"  # how it ended, said again
    JUDGE = "judge"  # what one source is worth


class OpenPoint(StrEnum):
    """What is not settled when an incident is to be closed."""

    SOURCES = "sources"  # nobody said whether they are true
    COSIGN = "cosign"  # a rejection waits for a leader
    UNSEEN = "unseen"  # a source came that nobody has seen
    UNSENT = "unsent"  # it was confirmed, and nobody was sent or told
    UNITS = "units"  # they are out there
    REQUESTS = "requests"  # a crew asked for more, and nobody answered
    BLIND = "blind"  # a camera near it shows no picture


class MemberType(StrEnum):
    """Type of a member; `incident` is another one, with all its members."""

    ALERT = "alert"
    CALL = "call"
    SIGNAL = "signal"  # a warning of a sector or another centre
    SITE = "site"  # what a linked site reports
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
    TAKEN = "incident_taken"
    CLAIMED = "incident_claimed"
    RELEASED = "incident_released"
    HANDED_OVER = "incident_handed_over"
    REOPENED = "incident_reopened"
    CORRECTED = "incident_corrected"
    VERDICT = "source_judged"
    HELD = "incident_held"  # somebody else holds it
    PROPOSED = "incident_proposed"  # another site decides, and was sent it as a proposal
    HELP_REQUESTED = "incident_help_asked"  # the upper site decides from here on
    TAKEN_OVER = "incident_taken_over"  # by the upper site
    NOT_HELD = "incident_not_held"
    TO_MISSING = "to_missing"
    PERSON_UNKNOWN = "person_unknown"
    RECEIVER_OFF_DUTY = "receiver_off_duty"
    OPEN_POINTS = "incident_open_points"
    DESPITE_REASON = "despite_reason_missing"
    IS_OPEN = "incident_is_open"
    IS_DUPLICATE = "incident_is_duplicate"
    CLOSED_BY_OTHER = "incident_closed_by_other"  # who closed it or a leader may
    UNITS_OUT = "incident_units_out"
    REASON_MISSING = "reason_missing"
    REASON_UNKNOWN = "reason_unknown"
    NO_RIGHT = "no_right"
    VERSION = "incident_version"
    UNKNOWN_INCIDENT = "incident_not_found"
    UNKNOWN_MEMBER = "member_not_found"
    UNKNOWN_UNIT = "unit_not_found"
    IS_MEMBER = "is_member"
    ONLY_MEMBER = "only_member"
    JOIN_OTHER_WAY = "join_other_way"  # the other one is further: this one joins it
    UNIT_BUSY = "unit_busy"  # at another incident
    UNIT_SENT = "unit_sent"  # to this one already
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
    has_unseen: bool = False
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
    to: str | None = None  # hand over
    to_refused: str | None = None  # why `to` cannot take it
    open_points: frozenset[str] = frozenset()  # close: what is not settled
    despite: frozenset[str] = frozenset()  # close: what of it was seen, and does not matter
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
