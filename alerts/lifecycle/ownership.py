"""Ownership of an alert: taking, claiming, handing over."""

from dataclasses import replace

from thapcanh.alerts.alert.alert_state import (
    AlertCommand,
    AlertProgress,
    AlertState,
    CommandOutcome,
    DecisionContext,
    Transition,
    TransitionReason,
    already,
    conflict,
    done,
    invalid,
)
from thapcanh.alerts.store.roles import leads


def acknowledge(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    match life.state:
        case AlertState.NEW:
            return done(held(life, order.username, context), TransitionReason.TAKEN, order, context)
        case AlertState.ACKNOWLEDGED:
            return already(life, TransitionReason.HELD)
        case AlertState.CONFIRMED | AlertState.REJECTED:
            return already(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)


def claim(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    """Claim an alert from its owner; a free one is acknowledged."""
    match life.state:
        case AlertState.NEW:
            return acknowledge(life, order, context)
        case AlertState.ACKNOWLEDGED | AlertState.CONFIRMED:
            if life.owner == order.username:
                return _held_by(CommandOutcome.ALREADY, TransitionReason.HELD, life)
            return done(
                _provided(life, order.username, context), TransitionReason.CLAIMED, order, context
            )
        case AlertState.REJECTED:
            return conflict(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)


def hand_over(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    """Hand one's own alert to another; a leader hands over anybody's."""
    match life.state:
        case AlertState.NEW:
            return invalid(life, TransitionReason.NOT_ACKNOWLEDGED)
        case AlertState.REJECTED:
            return conflict(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)
        case AlertState.ACKNOWLEDGED | AlertState.CONFIRMED:
            return _assigned(life, order, context)


def relieved(life: AlertProgress, username: str, context: DecisionContext) -> Transition | None:
    """Hand an alert over at a shift's end; return None if it is over."""
    if life.owner is None or life.state not in (AlertState.ACKNOWLEDGED, AlertState.CONFIRMED):
        return None
    return Transition(
        outcome=CommandOutcome.DONE,
        why=TransitionReason.HANDED_OVER,
        life=_provided(life, username, context),
        by=life.owner,
        at=context.now,
    )


def held(life: AlertProgress, username: str, context: DecisionContext) -> AlertProgress:
    lease_s = context.leases.by_priority_s[life.priority]
    return replace(
        life,
        state=AlertState.ACKNOWLEDGED,
        owner=username,
        acknowledged_at=context.now if life.acknowledged_at is None else life.acknowledged_at,
        held_since=context.now,
        lease_until=context.now + lease_s,
    )


def _assigned(life: AlertProgress, order: AlertCommand, context: DecisionContext) -> Transition:
    if life.owner != order.username and not leads(order.role):
        return _held_by(CommandOutcome.CONFLICT, TransitionReason.NOT_MINE, life)
    if order.to is None:
        return invalid(life, TransitionReason.TO_MISSING)
    if order.to_refused is not None:
        return invalid(life, order.to_refused)
    return done(_provided(life, order.to, context), TransitionReason.HANDED_OVER, order, context)


def _provided(life: AlertProgress, username: str, context: DecisionContext) -> AlertProgress:
    """Return the progress with another owner, and a new lease if there is no verdict."""
    if life.state is AlertState.CONFIRMED or life.cosign_wanted_by is not None:
        return replace(life, owner=username, held_since=context.now)
    return held(life, username, context)


def _held_by(outcome: CommandOutcome, why: TransitionReason, life: AlertProgress) -> Transition:
    return Transition(outcome=outcome, why=why, life=life, by=life.owner, at=life.held_since)
