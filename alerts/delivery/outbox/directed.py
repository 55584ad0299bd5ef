"""Messages to one caller by one target: not routed, and emptied once they end.

Every function takes the connection of a `Database.writing()` transaction.
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from thapcanh.alerts.delivery.outbox.records import DeliveryFate, DeliveryState
from thapcanh.alerts.delivery.outbox.routing_store import delivery_row, event_of
from thapcanh.alerts.delivery.routing import RoutingDecision, RoutingReason
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outbox import delivery, outbox_event
from thapcanh.alerts.store.outbox.outgoing import CALLER_LINK, OutgoingEvent

OVER = "its time is over"
WITHDRAWN = "a newer one took its place"
LONGEST_S = 1800.0  # that one waits
_WAITS = delivery.c.state == DeliveryState.WAITING.value
_PREFIX = f"{CALLER_LINK}/"
_LOCAL = delivery.c.subject.startswith(_PREFIX)
_STORED = frozenset({"number"})  # of what an event says


def link_subject(link_id: str) -> str:
    return f"{_PREFIX}{link_id}"


def is_to_caller(subject: str) -> bool:
    return subject.startswith(_PREFIX)


def send_to(connection: sa.Connection, event: OutgoingEvent, target: str, now: float) -> None:
    outbox.add(connection, [event])
    newest = sa.select(outbox_event).order_by(outbox_event.c.seq.desc()).limit(1)
    added = event_of(connection.execute(newest).one())
    decision = RoutingDecision(told=True, reason=RoutingReason.FOR_CALLERS, due_at=now)
    connection.execute(sa.insert(delivery).values(delivery_row(added, target, decision, now)))
    matching = sa.update(outbox_event).where(outbox_event.c.seq == added.seq)
    connection.execute(matching.values(routed_at=now))


def fates(connection: sa.Connection, subjects: Sequence[str]) -> dict[str, DeliveryFate]:
    query = sa.select(delivery).where(delivery.c.subject.in_(subjects))
    return {
        row.subject: DeliveryFate(
            state=DeliveryState(row.state), at=row.ended_at or row.tried_at, error=row.error
        )
        for row in connection.execute(query)
    }


def withdraw(connection: sa.Connection, subjects: Sequence[str], now: float) -> None:
    """Cancel waiting deliveries of these subjects."""
    _end(connection, delivery.c.subject.in_(subjects), WITHDRAWN, now)


def overtake(connection: sa.Connection, subject: str, now: float) -> None:
    """Cancel the unsent events and deliveries of a replaced notice, and delete its stored texts."""
    matching = outbox_event.c.subject == subject
    unrouted = sa.delete(outbox_event).where(matching, outbox_event.c.routed_at.is_(None))
    connection.execute(unrouted)
    _end(connection, delivery.c.subject == subject, WITHDRAWN, now)
    connection.execute(sa.update(outbox_event).where(matching).values(data="{}"))


def end_old(connection: sa.Connection, now: float) -> None:
    """End deliveries whose target was removed; empty those given up."""
    _end(connection, _LOCAL & (delivery.c.created_at < now - LONGEST_S), OVER, now)
    empty_ended(connection, _LOCAL)


def empty_ended(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Remove number and link from finished deliveries."""
    query = sa.select(outbox_event.c.seq, outbox_event.c.data).join(
        delivery, delivery.c.event_seq == outbox_event.c.seq
    )
    for row in connection.execute(query.where(which, _LOCAL, ~_WAITS)).all():
        stated = json.loads(row.data)
        retained = {name: one for name, one in stated.items() if name in _STORED}
        if retained != stated:
            matching = sa.update(outbox_event).where(outbox_event.c.seq == row.seq)
            connection.execute(matching.values(data=json.dumps(retained)))


def _end(connection: sa.Connection, which: sa.ColumnElement[bool], why: str, now: float) -> None:
    ended = {"state": DeliveryState.DISCARDED.value, "error": why, "ended_at": now}
    connection.execute(sa.update(delivery).where(which, _WAITS).values(ended))
    empty_ended(connection, which)
