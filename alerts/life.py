"""The life of an alert as people change it (design §8): a pure table of states and commands.

    new ──acknowledge──> acknowledged ──confirm──> confirmed ──close──> closed
     ^                     │   │                                         ^
     └────lease expired────┘   └──reject(reason)──> rejected ────close───┘
    reopen (leader): confirmed, rejected, closed ──> acknowledged, held by the leader
    claim, hand over (`holding`): acknowledged, confirmed ──> the same, in other hands

An operator's rejection of a P1 changes no state: it is noted and waits for a leader, whose own
reject co-signs it and whose confirm overrules it. Every decision has a named reason. Only what
people did since an officer looked makes a command stale: never the machine, a lease or a note.
"""

from dataclasses import replace

from alerts.holding import acknowledge, claim, hand_over, held
from alerts.roles import Action, leads, may
from alerts.standing import (
    Decision,
    Leases,
    Life,
    Moment,
    Order,
    Outcome,
    RejectReason,
    State,
    Why,
    already,
    conflict,
    done,
    invalid,
)

__all__ = [  # the words of a life are asked for here, wherever they are written
    "Decision",
    "Leases",
    "Life",
    "Order",
    "Outcome",
    "RejectReason",
    "State",
    "Why",
    "decide",
    "expire",
]


def decide(life: Life, order: Order, now: float, leases: Leases) -> Decision:
    """Judge an order; the life changes only when the outcome is `done`."""
    if not may(order.role, order.action, system=life.is_system):
        return Decision(outcome=Outcome.FORBIDDEN, why=Why.NO_RIGHT, life=life)
    decision = _ORDERS[order.action](life, order, Moment(now=now, leases=leases))
    if decision.outcome is Outcome.DONE and _is_stale(life, order):
        return Decision(outcome=Outcome.STALE, why=Why.VERSION, life=life, at=life.verdict_at)
    return decision


def expire(life: Life, now: float) -> Decision | None:
    """The lease's end: back to new, held by nobody; nothing while it runs."""
    if life.state is not State.ACKNOWLEDGED or life.lease_until is None or now < life.lease_until:
        return None
    freed = replace(life, state=State.NEW, owner=None, held_since=None, lease_until=None)
    return Decision(outcome=Outcome.DONE, why=Why.LEASE_EXPIRED, life=freed, by=life.owner)


def _confirm(life: Life, order: Order, moment: Moment) -> Decision:
    confirmed = _judged(life, order, moment, State.CONFIRMED)
    refusal = _refused_verdict(life, order, State.CONFIRMED)
    return refusal or done(confirmed, Why.CONFIRMED, order, moment)


def _reject(life: Life, order: Order, moment: Moment) -> Decision:
    refusal = _refused_verdict(life, order, State.REJECTED)
    if refusal is not None:
        return refusal
    cosigns = life.cosign_wanted_by is not None and leads(order.role)
    reason = order.reason or (life.reject_reason if cosigns else None)
    if reason is None:
        return invalid(life, Why.REASON_MISSING)
    if reason not in RejectReason.__members__.values():
        return invalid(life, Why.REASON_UNKNOWN)
    life = replace(life, reject_reason=RejectReason(reason))
    if life.priority == 1 and not leads(order.role):
        waiting = replace(life, cosign_wanted_by=order.username)
        return done(waiting, Why.AWAITS_COSIGN, order, moment)
    why = Why.COSIGNED if cosigns else Why.REJECTED
    return done(_judged(life, order, moment, State.REJECTED), why, order, moment)


def _close(life: Life, order: Order, moment: Moment) -> Decision:
    if life.state is State.CLOSED:
        return already(life, Why.CLOSED)
    if life.verdict is None and not life.is_system:
        return invalid(life, Why.NO_VERDICT)
    ended = replace(life, state=State.CLOSED, lease_until=None)
    closed = replace(ended, closed_by=order.username, closed_at=moment.now)
    return done(closed, Why.CLOSED, order, moment)


def _reopen(life: Life, order: Order, moment: Moment) -> Decision:
    match life.state:
        case State.NEW | State.ACKNOWLEDGED:
            return already(life, Why.NOT_FINISHED)
        case State.CONFIRMED | State.REJECTED | State.CLOSED:
            fresh = Life(
                state=State.NEW,
                priority=life.priority,
                version=life.version,
                people_version=life.people_version,
                is_system=life.is_system,
                acknowledged_at=life.acknowledged_at,
            )
            return done(held(fresh, order.username, moment), Why.REOPENED, order, moment)


def _note(life: Life, order: Order, moment: Moment) -> Decision:
    """Words beside the alert; they move nothing."""
    if not order.note:
        return invalid(life, Why.NOTE_MISSING)
    return done(life, Why.NOTED, order, moment)


_ORDERS = {
    Action.ACKNOWLEDGE: acknowledge,
    Action.CONFIRM: _confirm,
    Action.REJECT: _reject,
    Action.CLOSE: _close,
    Action.REOPEN: _reopen,
    Action.CLAIM: claim,
    Action.HAND_OVER: hand_over,
    Action.NOTE: _note,
}
_NEVER_STALE = frozenset({Action.ACKNOWLEDGE, Action.NOTE})


def _refused_verdict(life: Life, order: Order, verdict: State) -> Decision | None:
    """Why no verdict can be given now; nothing when it can."""
    if life.state is State.CLOSED:
        return conflict(life, Why.CLOSED)
    if life.state in (State.CONFIRMED, State.REJECTED):
        judge = already if life.state is verdict else conflict
        return judge(life, Why.VERDICT_GIVEN)
    if life.cosign_wanted_by is not None and leads(order.role):
        return None
    if life.cosign_wanted_by == order.username and verdict is State.REJECTED:
        return already(life, Why.AWAITS_COSIGN)
    if life.state is State.NEW:
        return invalid(life, Why.NOT_ACKNOWLEDGED)
    if life.owner != order.username and not leads(order.role):
        return conflict(life, Why.HELD)
    return None


def _is_stale(life: Life, order: Order) -> bool:
    """Only what people moved since then stands against an order; taking what is free never does."""
    if order.action in _NEVER_STALE:
        return False
    return not life.people_version <= order.expected_version <= life.version


def _judged(life: Life, order: Order, moment: Moment, verdict: State) -> Life:
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
