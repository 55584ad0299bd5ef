"""Routing of outbox events: one delivery for each target that gets it.

Each call is one transaction, so an event is routed exactly once.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.delivery.outbox.records import DeliveryState
from thapcanh.alerts.delivery.outbox.unanswered import UnansweredQuery, Wanted, unanswered
from thapcanh.alerts.delivery.routing import RoutingDecision, RoutingReason
from thapcanh.alerts.links.link_rows import read_by_links
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outbox import delivery, outbox_event
from thapcanh.alerts.store.outbox.outgoing import TEST, OutgoingEvent, daily_test
from thapcanh.config.rules import Priority

_AT_ONCE = 200

Decide = Callable[[OutgoingEvent, str, int | None], RoutingDecision]
"""An event, a target's id and the most urgent priority that it was told of the subject before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedEvents:
    """Numbers of routed events and of deliveries made."""

    events: int
    deliveries: int


class RoutingStore:
    """Routing; thread-safe, one at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def route(self, targets: Collection[str], decide: Decide, now: float) -> RoutedEvents:
        """Route what waits, the oldest first, at most `_AT_ONCE` events."""
        query = sa.select(outbox_event).where(outbox_event.c.routed_at.is_(None))
        query = query.order_by(outbox_event.c.seq).limit(_AT_ONCE)
        with self._db.reading() as connection:  # the usual case needs no lock
            if connection.execute(query.limit(1)).first() is None:
                return RoutedEvents(events=0, deliveries=0)
        with self._db.writing() as connection:
            events = [event_of(row) for row in connection.execute(query)]
            told = _reported_before(connection, {event.subject for event in events})
            made: list[dict[str, Any]] = []
            for event in events:
                for target in targets:
                    key = (target, event.subject)
                    decision = decide(event, target, told.get(key))
                    if decision.told:
                        told[key] = min(event.priority, told.get(key, event.priority))
                        made.append(delivery_row(event, target, decision, now))
            if made:
                connection.execute(sa.insert(delivery), made)
                _hurry(connection, made, now)
            _mark_routed(connection, events, {row["event_seq"] for row in made}, now)
        return RoutedEvents(events=len(events), deliveries=len(made))

    def test(self, target: str, now: float) -> None:
        """Queue a test message for a target."""
        with self._db.writing() as connection:
            outbox.add(connection, [daily_test(target, now)])

    def last_tests(self) -> Mapping[str, float]:
        """Return the time of each target's newest test message."""
        query = sa.select(outbox_event.c.subject, sa.func.max(outbox_event.c.at))
        query = query.where(outbox_event.c.subject.startswith(f"{TEST}/"))
        with self._db.reading() as connection:
            rows = connection.execute(query.group_by(outbox_event.c.subject)).all()
        return {row[0].partition("/")[2]: float(row[1]) for row in rows}

    def queue_unanswered(self, target: str, after_s: float, requested: Wanted, now: float) -> int:
        """Queue P1 that stayed unanswered too long for a target, once; return how many."""
        request = UnansweredQuery(target=target, after_s=after_s, now=now)
        with self._db.reading() as connection:
            if not unanswered(connection, request, requested):
                return 0
        with self._db.writing() as connection:
            late = unanswered(connection, request, requested)
            outbox.add(connection, late)
            newest = sa.select(outbox_event).order_by(outbox_event.c.seq.desc()).limit(len(late))
            events = [event_of(row) for row in connection.execute(newest)]
            decision = RoutingDecision(told=True, reason=RoutingReason.UNANSWERED, due_at=now)
            if events:
                made = [delivery_row(event, target, decision, now) for event in reversed(events)]
                connection.execute(sa.insert(delivery), made)
                _mark_routed(connection, events, {event.seq for event in events}, now)
        return len(late)


def event_of(row: Any) -> OutgoingEvent:
    """Return the event of a row with the columns of `outbox_event`."""
    return OutgoingEvent(
        type=row.type,
        subject=row.subject,
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        at=row.at,
        agency=row.agency,
        area=row.area,
        exercise=row.exercise,
        withheld=row.withheld,
        data=json.loads(row.data),
        seq=row.seq,
        id=row.event_id if hasattr(row, "event_id") else row.id,
    )


def _reported_before(connection: sa.Connection, subjects: set[str]) -> dict[tuple[str, str], int]:
    """Return the most urgent priority sent to each target per subject."""
    most_urgent = sa.func.min(delivery.c.priority).label("priority")
    query = sa.select(delivery.c.target, delivery.c.subject, most_urgent)
    query = query.where(delivery.c.subject.in_(sorted(subjects)))
    query = query.group_by(delivery.c.target, delivery.c.subject)
    return {(row.target, row.subject): row.priority for row in connection.execute(query)}


def delivery_row(
    event: OutgoingEvent, target: str, decision: RoutingDecision, now: float
) -> dict[str, Any]:
    """Return a row of `delivery` for an event and a target."""
    return {
        "id": str(uuid7()),
        "event_seq": event.seq,
        "target": target,
        "subject": event.subject,
        "priority": event.priority,
        "reason": decision.reason.value,
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "created_at": now,
        "due_at": decision.due_at,
    }


def _hurry(connection: sa.Connection, made: Sequence[Mapping[str, Any]], now: float) -> None:
    """Raise the urgency of deliveries before a P1 of the same subject.

    Otherwise quiet hours would hold back the P1 too.
    """
    urgent = [
        {"hurried_subject": row["subject"], "hurried_target": row["target"]}
        for row in made
        if row["priority"] == Priority.P1
    ]
    if not urgent:
        return
    waits = sa.update(delivery).where(
        delivery.c.subject == sa.bindparam("hurried_subject"),
        delivery.c.target == sa.bindparam("hurried_target"),
        delivery.c.state == DeliveryState.WAITING.value,
        delivery.c.priority > Priority.P1,
    )
    due_at = sa.case((delivery.c.attempts == 0, now), else_=delivery.c.due_at)
    connection.execute(waits.values(priority=Priority.P1, due_at=due_at), urgent)


def _mark_routed(
    connection: sa.Connection, events: Sequence[OutgoingEvent], retained: set[int], now: float
) -> None:
    """Delete events that no target gets and that every linked site's reports were made of."""
    read = read_by_links(connection)
    requested = [event.seq for event in events if event.seq in retained or event.seq > read]
    removed = [event.seq for event in events if event.seq not in retained and event.seq <= read]
    if requested:
        update = sa.update(outbox_event).where(outbox_event.c.seq.in_(requested))
        connection.execute(update.values(routed_at=now))
    if removed:
        connection.execute(sa.delete(outbox_event).where(outbox_event.c.seq.in_(removed)))
