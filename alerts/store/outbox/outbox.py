"""Outbox of events, written in the transaction of their change.

Every function takes the connection of a `Database.writing()` transaction.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.store.outbox.outgoing import PUBLISHED_KINDS, OutgoingEvent, of_alert
from thapcanh.alerts.store.tables import metadata

_AT_ONCE = 500
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_COPIED = ("type", "subject", "kind", "priority", "version", "agency", "area", "at")
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
outbox_event = sa.Table(
    "outbox_event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", _Text, nullable=False, unique=True),
    sa.Column("type", _Text, nullable=False),
    sa.Column("subject", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("withheld", sa.Boolean, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("data", _Text, nullable=False),  # JSON
    sa.Column("routed_at", _Time),
    sqlite_autoincrement=True,  # a number is never given twice, although rows go
)
sa.Index(
    "ix_outbox_event_waiting",
    outbox_event.c.seq,
    sqlite_where=outbox_event.c.routed_at.is_(None),
    postgresql_where=outbox_event.c.routed_at.is_(None),
)
sa.Index("ix_outbox_event_routed", outbox_event.c.routed_at)
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("event_seq", sa.Integer, sa.ForeignKey("outbox_event.seq"), nullable=False),
    sa.Column("target", _Text, nullable=False),
    sa.Column("subject", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("state", _Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("due_at", _Time, nullable=False),
    sa.Column("tried_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("status", sa.Integer),
    sa.Column("error", _Text),
    sa.UniqueConstraint("event_seq", "target", name="uq_delivery_event_seq"),
)
_WAITING = delivery.c.state == "waiting"
sa.Index(
    "ix_delivery_waiting",
    delivery.c.target,
    delivery.c.priority,
    delivery.c.event_seq,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index("ix_delivery_subject", delivery.c.subject, delivery.c.target, delivery.c.event_seq)
sa.Index("ix_delivery_state", delivery.c.target, delivery.c.state, delivery.c.event_seq)


def add(connection: sa.Connection, events: Iterable[OutgoingEvent]) -> None:
    """Add events to the outbox, in order."""
    rows = [_row(event) for event in events]
    if rows:
        connection.execute(sa.insert(outbox_event), rows)


def add_alert_changes(
    connection: sa.Connection, changes: Sequence[Mapping[str, Any]], existing: Mapping[str, Any]
) -> None:
    """Add alert changes, as `alert_change` has them; most produce no event.

    Alerts are as the transaction leaves them; rows in `existing` are not read again.
    """
    reported = [change for change in changes if change["kind"] in PUBLISHED_KINDS]
    ids = sorted({change["alert_id"] for change in reported} - existing.keys())
    rows: dict[str, Any] = dict(existing)
    alert = metadata.tables["alert"]
    for first in range(0, len(ids), _AT_ONCE):
        query = sa.select(alert).where(alert.c.id.in_(ids[first : first + _AT_ONCE]))
        rows |= {row.id: row for row in connection.execute(query)}
    add(
        connection,
        (of_alert(rows[each["alert_id"]], each["kind"], each["at"]) for each in reported),
    )


def delete_unused(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
    """Delete routed events that no delivery needs any more."""
    unused = ~sa.exists().where(delivery.c.event_seq == outbox_event.c.seq)
    routed = outbox_event.c.routed_at.is_not(None)
    connection.execute(sa.delete(outbox_event).where(routed, unused, *which))


def _row(event: OutgoingEvent) -> dict[str, Any]:
    return {
        **{name: getattr(event, name) for name in _COPIED},
        "id": str(uuid7()),
        "exercise": event.exercise,
        "withheld": event.withheld,
        "data": _as_json(dict(event.data)),
    }
