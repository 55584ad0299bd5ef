"""State machine of alerts: a pure table of states and commands.

Only people's actions make a command stale, never the system, a lease or a note.
"""

from dataclasses import replace

from thapcanh.alerts.alert.alert_state import (
    AlertCommand,
    AlertProgress,
    AlertState,
    CommandOutcome,
    DecisionContext,
    Leases,
    RejectReason,
    Transition,
    TransitionReason,
    already,
    conflict,
    done,
    invalid,
)
from thapcanh.alerts.lifecycle.ownership import acknowledge, claim, hand_over, held
from thapcanh.alerts.store.clock_set_back import was_set_back
from thapcanh.alerts.store.roles import AlertAction, leads, may

__all__ = [  # the words of a life are asked for here, wherever they are written
    "AlertCommand",
    "AlertProgress",
    "AlertState",
    "CommandOutcome",
    "Leases",
    "RejectReason",
    "Transition",
    "TransitionReason",
    "decide",
    "expire",
]


def decide(life: AlertProgress, order: AlertCommand, now: float, leases: Leases) -> Transition:
    """Decide a command; the progress changes only when the outcome is `done`."""
    if not may(order.role, order.action, system=life.is_system):
        return Transition(
            outcome=CommandOutcome.FORBIDDEN, why=TransitionReason.NO_RIGHT, life=life
        )
    decision = _ORDERS[order.action](life, order, DecisionContext(now=now, leases=leases))
    if decision.outcome is CommandOutcome.DONE and _is_stale(life, order):
        return Transition(
            outcome=CommandOutcome.STALE,
            why=TransitionReason.VERSION,
            life=life,
            at=life.verdict_at,
        )
    return decision


def expire(
    life: AlertProgress, now: float, leases: Leases, worked_at: float | None = None
) -> Transition | None:
    """Return the alert to new when its lease has ended; None while it runs.

    Work of the owner on any alert at `worked_at` renews it. It restarts if the clock was put back.
    """
    if life.state is not AlertState.ACKNOWLEDGED or life.lease_until is None:
        return None
    is_set_back = was_set_back(life.held_since, now)
    if now < life.lease_until and not is_set_back:
        return None
    worked_at = None if was_set_back(worked_at, now) else worked_at
    until = _renewed_until(life, worked_at, leases)
    if is_set_back:  # it would last as long as the clock was put back by
        life = replace(life, held_since=now)
        until = now + _lease_s(life, leases)
    if until > now:
        retained = replace(life, lease_until=until)
        return Transition(
            outcome=CommandOutcome.DONE,
            why=TransitionReason.LEASE_RENEWED,
            life=retained,
            by=life.owner,
        )
    freed = replace(life, state=AlertState.NEW, owner=None, held_since=None, lease_until=None)
    return Transition(
        outcome=CommandOutcome.DONE, why=TransitionReason.LEASE_EXPIRED, life=freed, by=life.owner
    )


def _renewed_until(life: AlertProgress, worked_at: float | None, leases: Leases) -> float:
    """Return the end of a lease renewed by work, limited by the longest holding."""
    if worked_at is None or life.held_since is None or life.cosign_wanted_by is not None:
        return 0.0
    lease_s = leases.by_priority_s[life.priority]
    return min(worked_at + lease_s, life.held_since + lease_s * leases.most_renewals)


def _lease_s(life: AlertProgress, leases: Leases) -> float:
    if life.cosign_wanted_by is not None:
        return leases.cosign_s
    return leases.by_priority_s[life.priority]


def _confirm(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    confirmed = _evaluated(life, order, context, AlertState.CONFIRMED)
    refusal = _refused_verdict(life, order, AlertState.CONFIRMED)
    return refusal or done(confirmed, TransitionReason.CONFIRMED, order, context)


def _reject(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    refusal = _refused_verdict(life, order, AlertState.REJECTED)
    if refusal is not None:
        return refusal
    cosigns = life.cosign_wanted_by is not None and leads(order.role)
    reason = order.reason or (life.reject_reason if cosigns else None)
    if reason is None:
        return invalid(life, TransitionReason.REASON_MISSING)
    if reason not in RejectReason.__members__.values():
        return invalid(life, TransitionReason.REASON_UNKNOWN)
    life = replace(life, reject_reason=RejectReason(reason))
    if life.takes_two and not leads(order.role):
        until = context.now + context.leases.cosign_s
        waiting = replace(life, cosign_wanted_by=order.username, lease_until=until)
        return done(waiting, TransitionReason.AWAITS_COSIGN, order, context)
    why = TransitionReason.COSIGNED if cosigns else TransitionReason.REJECTED
    return done(_evaluated(life, order, context, AlertState.REJECTED), why, order, context)


def _close(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    if life.state is AlertState.CLOSED:
        return already(life, TransitionReason.CLOSED)
    if life.verdict is None and not life.is_system:
        return invalid(life, TransitionReason.NO_VERDICT)
    ended = replace(life, state=AlertState.CLOSED, lease_until=None)
    closed = replace(ended, closed_by=order.username, closed_at=context.now)
    return done(closed, TransitionReason.CLOSED, order, context)


def _reopen(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    match life.state:
        case AlertState.NEW | AlertState.ACKNOWLEDGED:
            return already(life, TransitionReason.NOT_FINISHED)
        case AlertState.CONFIRMED | AlertState.REJECTED | AlertState.CLOSED:
            fresh = AlertProgress(
                state=AlertState.NEW,
                priority=life.priority,
                version=life.version,
                people_version=life.people_version,
                is_system=life.is_system,
                is_told_by_device=life.is_told_by_device,
                acknowledged_at=life.acknowledged_at,
            )
            return done(
                held(fresh, order.username, context), TransitionReason.REOPENED, order, context
            )


def _note(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    if not order.note:
        return invalid(life, TransitionReason.NOTE_MISSING)
    return done(life, TransitionReason.NOTED, order, context)


def _receipt(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    """Record that the camera's agency knows it; the state stays."""
    return done(life, TransitionReason.RECEIVED, order, context)


_ORDERS = {
    AlertAction.ACKNOWLEDGE: acknowledge,
    AlertAction.CONFIRM: _confirm,
    AlertAction.REJECT: _reject,
    AlertAction.CLOSE: _close,
    AlertAction.REOPEN: _reopen,
    AlertAction.CLAIM: claim,
    AlertAction.HAND_OVER: hand_over,
    AlertAction.NOTE: _note,
    AlertAction.RECEIPT: _receipt,
}
_NEVER_STALE = frozenset({AlertAction.ACKNOWLEDGE, AlertAction.NOTE, AlertAction.RECEIPT})


def _refused_verdict(
    life: AlertProgress, order: AlertCommand, verdict: AlertState
) -> Transition | None:
    if life.state is AlertState.CLOSED:
        return conflict(life, TransitionReason.CLOSED)
    if life.state in (AlertState.CONFIRMED, AlertState.REJECTED):
        judge = already if life.state is verdict else conflict
        return judge(life, TransitionReason.VERDICT_GIVEN)
    if life.cosign_wanted_by is not None and leads(order.role):
        return None
    if life.cosign_wanted_by == order.username and verdict is AlertState.REJECTED:
        return already(life, TransitionReason.AWAITS_COSIGN)
    if life.state is AlertState.NEW:
        return invalid(life, TransitionReason.NOT_ACKNOWLEDGED)
    if life.owner != order.username and not leads(order.role):
        return conflict(life, TransitionReason.HELD)
    return None


def _is_stale(life: AlertProgress, order: AlertCommand) -> bool:
    """Return whether people changed the alert since; taking a free one never conflicts."""
    if order.action in _NEVER_STALE:
        return False
    return not life.people_version <= order.expected_version <= life.version


def _evaluated(
    life: AlertProgress, order: AlertCommand, context: DecisionContext, verdict: AlertState
) -> AlertProgress:
    return replace(
        life,
        state=verdict,
        owner=life.owner or order.username,
        lease_until=None,
        verdict=verdict,
        verdict_by=order.username,
        verdict_at=context.now,
        reject_reason=life.reject_reason if verdict is AlertState.REJECTED else None,
        cosign_wanted_by=None,
    )
