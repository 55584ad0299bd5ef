"""Whose hands an alert is in: taking it, claiming it from another, handing it to another.

Pure: the life before and an order in, a decision out. A verdict ends the lease, not the holding:
who confirmed goes on with the matter until it is closed or given to another.
"""

from dataclasses import replace

from alerts.roles import leads
from alerts.standing import (
    Decision,
    Life,
    Moment,
    Order,
    Outcome,
    State,
    Why,
    already,
    conflict,
    done,
    invalid,
)


def acknowledge(life: Life, order: Order, moment: Moment) -> Decision:
    """Take what is free."""
    match life.state:
        case State.NEW:
            return done(held(life, order.username, moment), Why.TAKEN, order, moment)
        case State.ACKNOWLEDGED:
            return already(life, Why.HELD)
        case State.CONFIRMED | State.REJECTED:
            return already(life, Why.VERDICT_GIVEN)
        case State.CLOSED:
            return conflict(life, Why.CLOSED)


def claim(life: Life, order: Order, moment: Moment) -> Decision:
    """Take over what another holds; what is free is simply taken."""
    match life.state:
        case State.NEW:
            return acknowledge(life, order, moment)
        case State.ACKNOWLEDGED | State.CONFIRMED:
            if life.owner == order.username:
                return _held_by(Outcome.ALREADY, Why.HELD, life)
            return done(_given(life, order.username, moment), Why.CLAIMED, order, moment)
        case State.REJECTED:
            return conflict(life, Why.VERDICT_GIVEN)
        case State.CLOSED:
            return conflict(life, Why.CLOSED)


def hand_over(life: Life, order: Order, moment: Moment) -> Decision:
    """Give what one holds to another, who may give it on; a leader gives anybody's."""
    match life.state:
        case State.NEW:
            return invalid(life, Why.NOT_ACKNOWLEDGED)
        case State.REJECTED:
            return conflict(life, Why.VERDICT_GIVEN)
        case State.CLOSED:
            return conflict(life, Why.CLOSED)
        case State.ACKNOWLEDGED | State.CONFIRMED:
            return _handed(life, order, moment)


def held(life: Life, username: str, moment: Moment) -> Life:
    """The life in somebody's hands, with a lease that begins now."""
    lease_s = moment.leases.by_priority_s[life.priority]
    return replace(
        life,
        state=State.ACKNOWLEDGED,
        owner=username,
        acknowledged_at=moment.now if life.acknowledged_at is None else life.acknowledged_at,
        held_since=moment.now,
        lease_until=moment.now + lease_s,
    )


def _handed(life: Life, order: Order, moment: Moment) -> Decision:
    if life.owner != order.username and not leads(order.role):
        return _held_by(Outcome.CONFLICT, Why.NOT_MINE, life)
    if order.to is None:
        return invalid(life, Why.TO_MISSING)
    if order.to_refused is not None:
        return invalid(life, order.to_refused)
    return done(_given(life, order.to, moment), Why.HANDED_OVER, order, moment)


def _given(life: Life, username: str, moment: Moment) -> Life:
    """In other hands; only an alert without a verdict has a lease."""
    if life.state is State.CONFIRMED:
        return replace(life, owner=username, held_since=moment.now)
    return held(life, username, moment)


def _held_by(outcome: Outcome, why: Why, life: Life) -> Decision:
    return Decision(outcome=outcome, why=why, life=life, by=life.owner, at=life.held_since)
