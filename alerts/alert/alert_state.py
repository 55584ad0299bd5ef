"""States of an alert, commands, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from thapcanh.alerts.store.roles import AlertAction, Role
from thapcanh.config.rules import Priority


class AlertState(StrEnum):
    """Human progress on an alert."""

    NEW = "new"  # nobody has it, or its lease ran out
    ACKNOWLEDGED = "acknowledged"  # somebody holds it and owes a verdict before the lease ends
    CONFIRMED = "confirmed"  # somebody saw that it is real
    REJECTED = "rejected"  # somebody saw that it is not
    CLOSED = "closed"  # finished


class RejectReason(StrEnum):
    """Why what the detector saw was not what it thought."""

    STEAM = "steam"
    DUST = "dust"
    LIGHTS = "lights"
    SUNSET = "sunset"
    WELDING = "welding"
    VOTIVE_PAPER = "votive_paper"
    STREET_COOKING = "street_cooking"
    FOG = "fog"
    DRILL = "drill"
    TEST = "test"  # of a panel or sensor
    BUTTON = "button"  # pressed by mistake, or by whom it was not meant for
    FAULT = "fault"  # of the device or its line
    OTHER = "other"


class CommandOutcome(StrEnum):
    """Result of a command."""

    DONE = "done"  # the alert changed
    ALREADY = "already"  # it was so before: nothing to do, see who and when
    CONFLICT = "conflict"  # somebody decided otherwise: see who and when
    STALE = "stale"  # the alert was changed by people after the version that the actor saw
    FORBIDDEN = "forbidden"  # the role has no right to it
    INVALID = "invalid"  # it makes no sense in this state, or lacks something
    NOT_FOUND = "not_found"  # no such alert among those that the actor may see


class TransitionReason(StrEnum):
    """Named reason of a decision."""

    TAKEN = "taken"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    COSIGNED = "cosigned"
    AWAITS_COSIGN = "awaits_cosign"
    CLOSED = "closed"
    REOPENED = "reopened"
    LEASE_EXPIRED = "lease_expired"
    LEASE_RENEWED = "lease_renewed"  # its holder is at work on others
    CLAIMED = "claimed"  # taken out of another's hands
    HANDED_OVER = "handed_over"  # given into another's hands
    NOTED = "noted"
    RECEIVED = "received"  # read by the agency whose camera it is
    HELD = "held"  # acknowledged by the one named
    VERDICT_GIVEN = "verdict_given"
    NOT_FINISHED = "not_finished"  # reopen of what is open
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NO_VERDICT = "no_verdict"
    REASON_MISSING = "reason_missing"
    REASON_UNKNOWN = "reason_unknown"
    NOTE_MISSING = "note_missing"
    TO_MISSING = "to_missing"
    PERSON_UNKNOWN = "person_unknown"  # nobody who could take the alert
    RECEIVER_OFF_DUTY = "receiver_off_duty"
    NOT_MINE = "not_mine"  # only who holds it, or a leader, hands it over
    NO_RIGHT = "no_right"
    VERSION = "version"
    UNKNOWN_ALERT = "unknown_alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """Time limits of acknowledgements without a verdict, by priority.

    `cosign_s` applies while a leader's signature is pending. `most_renewals` limits how long a
    holder who works on other alerts keeps this one, in leases.
    """

    by_priority_s: Mapping[int, float] = field(
        default_factory=lambda: MappingProxyType({1: 120.0, 2: 600.0, 3: 3600.0})
    )
    cosign_s: float = 1800.0
    most_renewals: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertProgress:
    """Human actions on one alert so far."""

    state: AlertState
    priority: int
    version: int  # of the alert, counts every change
    people_version: int  # the version at which people last moved it; time and notes do not
    owner: str | None = None
    acknowledged_at: float | None = None  # first, in whosever hands it is now
    held_since: float | None = None  # by this owner
    lease_until: float | None = None
    verdict: AlertState | None = None  # CONFIRMED or REJECTED, kept when closed
    verdict_by: str | None = None
    verdict_at: float | None = None
    reject_reason: RejectReason | None = None
    cosign_wanted_by: str | None = None
    closed_by: str | None = None
    closed_at: float | None = None
    is_system: bool = False  # the watch's own trouble: no verdict needed, technicians may act
    is_told_by_device: bool = False

    @property
    def takes_two(self) -> bool:
        """True if its rejection needs a leader's signature too."""
        return takes_two(self.priority, is_told_by_device=self.is_told_by_device)


def takes_two(priority: int, *, is_told_by_device: bool) -> bool:
    """Return whether an alert's rejection needs a leader's signature too."""
    return priority == Priority.P1 or is_told_by_device


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCommand:
    """Command of a person who saw the alert at `expected_version`."""

    action: AlertAction
    username: str
    role: Role
    expected_version: int
    reason: str | None = None
    note: str | None = None
    to: str | None = None
    to_refused: TransitionReason | None = None  # why `to` cannot take it


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Result of a command: the progress after it, and who did before what it asks, and when."""

    outcome: CommandOutcome
    why: TransitionReason
    life: AlertProgress
    by: str | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """Time of a command, and the leases in force."""

    now: float
    leases: Leases


def done(
    life: AlertProgress, why: TransitionReason, order: AlertCommand, context: DecisionContext
) -> Transition:
    """Return the transition of a command that was carried out."""
    return Transition(
        outcome=CommandOutcome.DONE, why=why, life=life, by=order.username, at=context.now
    )


def already(life: AlertProgress, why: TransitionReason) -> Transition:
    """Return the transition of a command whose effect existed before."""
    by, at = _who(life)
    return Transition(outcome=CommandOutcome.ALREADY, why=why, life=life, by=by, at=at)


def conflict(life: AlertProgress, why: TransitionReason) -> Transition:
    """Return the transition of a command that conflicts with an earlier decision."""
    by, at = _who(life)
    return Transition(outcome=CommandOutcome.CONFLICT, why=why, life=life, by=by, at=at)


def invalid(life: AlertProgress, why: TransitionReason) -> Transition:
    """Return the transition of a command that is impossible now, or incomplete."""
    return Transition(outcome=CommandOutcome.INVALID, why=why, life=life)


def _who(life: AlertProgress) -> tuple[str | None, float | None]:
    if life.state is AlertState.CLOSED:
        return life.closed_by, life.closed_at
    if life.verdict is not None:
        return life.verdict_by, life.verdict_at
    return life.owner, life.held_since
