"""The life of an alert as people change it (design §8): a pure table of states and commands.

    new ──acknowledge──> acknowledged ──confirm──> confirmed ──close──> closed
     ^                     │   │                                         ^
     └────lease expired────┘   └──reject(reason)──> rejected ────close───┘
    reopen (leader): confirmed, rejected, closed ──> acknowledged, held by the leader

An operator's rejection of a P1 changes no state: it is noted and waits for a leader, whose own
reject co-signs it and whose confirm overrules it. Every decision has a named reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from alerts.roles import Action, Role, leads, may


class State(StrEnum):
    """Where people are with an alert."""

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
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"  # the alert changed
    ALREADY = "already"  # it was so before: nothing to do, see who and when
    CONFLICT = "conflict"  # somebody decided otherwise: see who and when
    STALE = "stale"  # the alert was changed by people after the version that the actor saw
    FORBIDDEN = "forbidden"  # the role has no right to it
    INVALID = "invalid"  # it makes no sense in this state, or lacks something
    NOT_FOUND = "not_found"  # no such alert among those that the actor may see


class Why(StrEnum):
    """The named reason of a decision."""

    TAKEN = "taken"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    COSIGNED = "cosigned"
    AWAITS_COSIGN = "awaits_cosign"
    CLOSED = "closed"
    REOPENED = "reopened"
    LEASE_EXPIRED = "lease_expired"
    HELD = "held"  # acknowledged by the one named
    VERDICT_GIVEN = "verdict_given"
    NOT_FINISHED = "not_finished"  # reopen of what is open
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NO_VERDICT = "no_verdict"
    REASON_MISSING = "reason_missing"
    REASON_UNKNOWN = "reason_unknown"
    NO_RIGHT = "no_right"
    VERSION = "version"
    UNKNOWN_ALERT = "unknown_alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """How long an acknowledgement lasts without a verdict, by priority."""

    by_priority_s: Mapping[int, float] = field(
        default_factory=lambda: MappingProxyType({1: 120.0, 2: 600.0, 3: 3600.0})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What people have done with one alert so far."""

    state: State
    priority: int
    version: int  # of the alert, counts every change
    people_version: int  # the version at which people (or a lease) last changed it
    owner: str | None = None
    acknowledged_at: float | None = None
    lease_until: float | None = None
    verdict: State | None = None  # CONFIRMED or REJECTED, kept when closed
    verdict_by: str | None = None
    verdict_at: float | None = None
    reject_reason: RejectReason | None = None
    cosign_wanted_by: str | None = None
    closed_by: str | None = None
    closed_at: float | None = None
    is_system: bool = False  # the watch's own trouble: no verdict needed, technicians may act


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command by one person, who saw the alert at `expected_version`."""

    action: Action
    username: str
    role: Role
    expected_version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an order: the life after it, and who did what was already done, and when."""

    outcome: Outcome
    why: Why
    life: Life
    by: str | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """When an order is judged, and the leases in force."""

    now: float
    leases: Leases


def decide(life: Life, order: Order, now: float, leases: Leases) -> Decision:
    """Judge an order; the life changes only when the outcome is `done`."""
    if not may(order.role, order.action, system=life.is_system):
        return Decision(outcome=Outcome.FORBIDDEN, why=Why.NO_RIGHT, life=life)
    decision = _ORDERS[order.action](life, order, _Moment(now=now, leases=leases))
    if decision.outcome is Outcome.DONE and _is_stale(life, order):
        return Decision(outcome=Outcome.STALE, why=Why.VERSION, life=life, at=life.verdict_at)
    return decision


def expire(life: Life, now: float) -> Decision | None:
    """The lease's end: back to new, held by nobody; nothing while it runs."""
    if life.state is not State.ACKNOWLEDGED or life.lease_until is None or now < life.lease_until:
        return None
    freed = replace(life, state=State.NEW, owner=None, lease_until=None)
    return Decision(outcome=Outcome.DONE, why=Why.LEASE_EXPIRED, life=freed, by=life.owner)


def _acknowledge(life: Life, order: Order, moment: _Moment) -> Decision:
    match life.state:
        case State.NEW:
            return _done(_held(life, order, moment), Why.TAKEN, order, moment)
        case State.ACKNOWLEDGED:
            return _already(life, Why.HELD)
        case State.CONFIRMED | State.REJECTED:
            return _already(life, Why.VERDICT_GIVEN)
        case State.CLOSED:
            return _conflict(life, Why.CLOSED)


def _confirm(life: Life, order: Order, moment: _Moment) -> Decision:
    confirmed = _judged(life, order, moment, State.CONFIRMED)
    refusal = _refused_verdict(life, order, State.CONFIRMED)
    return refusal or _done(confirmed, Why.CONFIRMED, order, moment)


def _reject(life: Life, order: Order, moment: _Moment) -> Decision:
    refusal = _refused_verdict(life, order, State.REJECTED)
    if refusal is not None:
        return refusal
    cosigns = life.cosign_wanted_by is not None and leads(order.role)
    reason = order.reason or (life.reject_reason if cosigns else None)
    if reason is None:
        return Decision(outcome=Outcome.INVALID, why=Why.REASON_MISSING, life=life)
    if reason not in RejectReason.__members__.values():
        return Decision(outcome=Outcome.INVALID, why=Why.REASON_UNKNOWN, life=life)
    life = replace(life, reject_reason=RejectReason(reason))
    if life.priority == 1 and not leads(order.role):
        waiting = replace(life, cosign_wanted_by=order.username)
        return _done(waiting, Why.AWAITS_COSIGN, order, moment)
    why = Why.COSIGNED if cosigns else Why.REJECTED
    return _done(_judged(life, order, moment, State.REJECTED), why, order, moment)


def _close(life: Life, order: Order, moment: _Moment) -> Decision:
    if life.state is State.CLOSED:
        return _already(life, Why.CLOSED)
    if life.verdict is None and not life.is_system:
        return Decision(outcome=Outcome.INVALID, why=Why.NO_VERDICT, life=life)
    ended = replace(life, state=State.CLOSED, lease_until=None)
    closed = replace(ended, closed_by=order.username, closed_at=moment.now)
    return _done(closed, Why.CLOSED, order, moment)


def _reopen(life: Life, order: Order, moment: _Moment) -> Decision:
    match life.state:
        case State.NEW | State.ACKNOWLEDGED:
            return _already(life, Why.NOT_FINISHED)
        case State.CONFIRMED | State.REJECTED | State.CLOSED:
            fresh = Life(
                state=State.NEW,
                priority=life.priority,
                version=life.version,
                people_version=life.people_version,
                is_system=life.is_system,
            )
            return _done(_held(fresh, order, moment), Why.REOPENED, order, moment)


_ORDERS = {
    Action.ACKNOWLEDGE: _acknowledge,
    Action.CONFIRM: _confirm,
    Action.REJECT: _reject,
    Action.CLOSE: _close,
    Action.REOPEN: _reopen,
}


def _refused_verdict(life: Life, order: Order, verdict: State) -> Decision | None:
    """Why no verdict can be given now; nothing when it can."""
    if life.state is State.CLOSED:
        return _conflict(life, Why.CLOSED)
    if life.state in (State.CONFIRMED, State.REJECTED):
        judge = _already if life.state is verdict else _conflict
        return judge(life, Why.VERDICT_GIVEN)
    if life.cosign_wanted_by is not None and leads(order.role):
        return None
    if life.cosign_wanted_by == order.username and verdict is State.REJECTED:
        return _already(life, Why.AWAITS_COSIGN)
    if life.state is State.NEW:
        return Decision(outcome=Outcome.INVALID, why=Why.NOT_ACKNOWLEDGED, life=life)
    if life.owner != order.username and not leads(order.role):
        return _conflict(life, Why.HELD)
    return None


def _is_stale(life: Life, order: Order) -> bool:
    """What only the detector changed since then does not matter; taking what is free never does."""
    if order.expected_version > life.version:
        return True
    return order.action is not Action.ACKNOWLEDGE and order.expected_version < life.people_version


def _held(life: Life, order: Order, moment: _Moment) -> Life:
    lease_s = moment.leases.by_priority_s[life.priority]
    return replace(
        life,
        state=State.ACKNOWLEDGED,
        owner=order.username,
        acknowledged_at=moment.now,
        lease_until=moment.now + lease_s,
    )


def _judged(life: Life, order: Order, moment: _Moment, verdict: State) -> Life:
    return replace(
        life,
        state=verdict,
        owner=life.owner or order.username,
        lease_until=None,
        verdict=verdict,
        verdict_by=order.username,
        verdict_at=moment.now,
        reject_reason=life.reject_reason if verdict is State.REJECTED else None,
        cosign_wanted_by=None,
    )


def _done(life: Life, why: Why, order: Order, moment: _Moment) -> Decision:
    return Decision(outcome=Outcome.DONE, why=why, life=life, by=order.username, at=moment.now)


def _already(life: Life, why: Why) -> Decision:
    by, at = _who(life)
    return Decision(outcome=Outcome.ALREADY, why=why, life=life, by=by, at=at)


def _conflict(life: Life, why: Why) -> Decision:
    by, at = _who(life)
    return Decision(outcome=Outcome.CONFLICT, why=why, life=life, by=by, at=at)


def _who(life: Life) -> tuple[str | None, float | None]:
    """Who brought the alert to where it is, and when."""
    if life.state is State.CLOSED:
        return life.closed_by, life.closed_at
    if life.verdict is not None:
        return life.verdict_by, life.verdict_at
    return life.owner, life.acknowledged_at
