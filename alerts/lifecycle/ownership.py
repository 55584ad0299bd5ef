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


def acknowledge(life: AlertProgress, order: AlertCommand, moment: DecisionContext) -> Transition:
    match life.state:
        case AlertState.NEW:
            return done(held(life, order.username, moment), TransitionReason.TAKEN, order, moment)
        case AlertState.ACKNOWLEDGED:
            return already(life, TransitionReason.HELD)
        case AlertState.CONFIRMED | AlertState.REJECTED:
            return already(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)


def claim(life: AlertProgress, order: AlertCommand, moment: DecisionContext) -> Transition:
    """Claim an alert from its owner; a free one is acknowledged."""
    match life.state:
        case AlertState.NEW:
            return acknowledge(life, order, moment)
        case AlertState.ACKNOWLEDGED | AlertState.CONFIRMED:
            if life.owner == order.username:
                return _held_by(CommandOutcome.ALREADY, TransitionReason.HELD, life)
            return done(
                _given(life, order.username, moment), TransitionReason.CLAIMED, order, moment
            )
        case AlertState.REJECTED:
            return conflict(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)


def hand_over(life: AlertProgress, order: AlertCommand, moment: DecisionContext) -> Transition:
    """Hand one's own alert to another; a leader hands over anybody's."""
    match life.state:
        case AlertState.NEW:
            return invalid(life, TransitionReason.NOT_ACKNOWLEDGED)
        case AlertState.REJECTED:
            return conflict(life, TransitionReason.VERDICT_GIVEN)
        case AlertState.CLOSED:
            return conflict(life, TransitionReason.CLOSED)
        case AlertState.ACKNOWLEDGED | AlertState.CONFIRMED:
            return _handed(life, order, moment)


def relieved(life: AlertProgress, username: str, moment: DecisionContext) -> Transition | None:
    """Hand an alert over at a shift's end; return None if it is over."""
    if life.owner is None or life.state not in (AlertState.ACKNOWLEDGED, AlertState.CONFIRMED):
        return None
    return Transition(
        outcome=CommandOutcome.DONE,
        why=TransitionReason.HANDED_OVER,
        life=_given(life, username, moment),
        by=life.owner,
        at=moment.now,
    )


def held(life: AlertProgress, username: str, moment: DecisionContext) -> AlertProgress:
    lease_s = moment.leases.by_priority_s[life.priority]
    return replace(
        life,
        state=AlertState.ACKNOWLEDGED,
        owner=username,
        acknowledged_at=moment.now if life.acknowledged_at is None else life.acknowledged_at,
        held_since=moment.now,
        lease_until=moment.now + lease_s,
    )


def _handed(life: AlertProgress, order: AlertCommand, moment: DecisionContext) -> Transition:
    if life.owner != order.username and not leads(order.role):
        return _held_by(CommandOutcome.CONFLICT, TransitionReason.NOT_MINE, life)
    if order.to is None:
        return invalid(life, TransitionReason.TO_MISSING)
    if order.to_refused is not None:
        return invalid(life, order.to_refused)
    return done(_given(life, order.to, moment), TransitionReason.HANDED_OVER, order, moment)


def _given(life: AlertProgress, username: str, moment: DecisionContext) -> AlertProgress:
    """Return the progress with another owner, and a new lease if there is no verdict."""
    if life.state is AlertState.CONFIRMED or life.cosign_wanted_by is not None:
        return replace(life, owner=username, held_since=moment.now)
    return held(life, username, moment)


def _held_by(outcome: CommandOutcome, why: TransitionReason, life: AlertProgress) -> Transition:
    return Transition(outcome=outcome, why=why, life=life, by=life.owner, at=life.held_since)
