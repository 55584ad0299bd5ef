"""Due deliveries: chains of one subject each, the oldest first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.delivery.outbox.records import DeliveryChain, DeliveryState, DueDelivery
from thapcanh.alerts.delivery.outbox.routing_store import event_of
from thapcanh.alerts.store.outbox.outbox import delivery, outbox_event
from thapcanh.alerts.store.outbox.outgoing import EarlierEvent

WAITING = delivery.c.state == DeliveryState.WAITING.value
_LONGEST_CHAIN = 16
_EVENT = [column for column in outbox_event.c if column.name != "id"]


def due_chains(
    connection: sa.Connection, target: str, now: float, limit: int
) -> list[DeliveryChain]:
    """Return what a target gets now; at most `limit` subjects, the most urgent first.

    A subject whose oldest delivery is not due waits whole.
    """
    subjects = list(connection.execute(_heads(target, now, limit)).scalars())
    if not subjects:
        return []
    rows = connection.execute(_waiting_of(target, subjects).limit(limit * _LONGEST_CHAIN)).all()
    reported = _reported_last(connection, target, subjects)
    chains: dict[str, list[DueDelivery]] = {subject: [] for subject in subjects}
    held: set[str] = set()
    for row in rows:
        chain = chains[row.subject]
        if row.due_at > now:
            held.add(row.subject)
        if row.subject not in held and len(chain) < _LONGEST_CHAIN:
            earlier = EarlierEvent.of(chain[-1].event) if chain else reported.get(row.subject)
            chain.append(replace(_due(row, target), earlier=earlier))
    return [tuple(chain) for chain in chains.values() if chain]


def _heads(target: str, now: float, limit: int) -> sa.Select[Any]:
    """Return subjects whose oldest waiting delivery is due, the most urgent first."""
    earlier = delivery.alias()
    before = sa.select(earlier.c.id).where(
        earlier.c.subject == delivery.c.subject,
        earlier.c.target == delivery.c.target,
        earlier.c.event_seq < delivery.c.event_seq,
        # An expression: by the column itself SQLite walks all that waits, for each row again.
        earlier.c.state.concat("") == DeliveryState.WAITING.value,
    )
    query = sa.select(delivery.c.subject)
    query = query.where(delivery.c.target == target, WAITING, delivery.c.due_at <= now)
    query = query.where(~before.exists())
    return query.order_by(delivery.c.priority, delivery.c.event_seq).limit(limit)


def _waiting_of(target: str, subjects: Sequence[str]) -> sa.Select[Any]:
    columns = (
        outbox_event.c.id.label("event_id"),
        delivery.c.id.label("delivery_id"),
        delivery.c.attempts,
        delivery.c.created_at,
        delivery.c.due_at,
    )
    query = sa.select(*_EVENT, *columns)
    query = query.join(outbox_event, outbox_event.c.seq == delivery.c.event_seq)
    query = query.where(delivery.c.target == target, delivery.c.subject.in_(subjects))
    waits = delivery.c.state.concat("") == DeliveryState.WAITING.value  # as in `_heads`
    return query.where(waits).order_by(delivery.c.event_seq)


def _reported_last(
    connection: sa.Connection, target: str, subjects: Sequence[str]
) -> dict[str, EarlierEvent]:
    newest = sa.select(sa.func.max(delivery.c.event_seq)).where(
        delivery.c.target == target,
        delivery.c.subject.in_(subjects),
        delivery.c.state.concat("") == DeliveryState.DELIVERED.value,  # as in `_heads`
    )
    query = sa.select(outbox_event).where(
        outbox_event.c.seq.in_(newest.group_by(delivery.c.subject))
    )
    return {row.subject: EarlierEvent.of(event_of(row)) for row in connection.execute(query)}


def _due(row: Any, target: str) -> DueDelivery:
    return DueDelivery(
        id=row.delivery_id,
        target=target,
        attempts=row.attempts,
        created_at=row.created_at,
        event=event_of(row),
    )
