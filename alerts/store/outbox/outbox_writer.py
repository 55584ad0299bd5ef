"""Writes what may leave the site in the transaction of the change that it tells of.

Only rows are added here; nothing is sent, and no target is known. Every function takes the
connection of a `Database.writing()` transaction.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.store.outbox.outbox_tables import outbox_event
from alerts.store.outbox.outgoing import TOLD_KINDS, OutgoingEvent, of_alert
from alerts.store.tables import metadata

_AT_ONCE = 500
_COPIED = ("type", "subject", "kind", "priority", "version", "agency", "area", "at")


def add(connection: sa.Connection, events: Iterable[OutgoingEvent]) -> None:
    """Put events into the outbox, in their order."""
    rows = [_row(event) for event in events]
    if rows:
        connection.execute(sa.insert(outbox_event), rows)


def add_alert_changes(connection: sa.Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Put alert changes, as `alert_change` has them, into the outbox; most tell others nothing.

    The alerts' rows are as the transaction leaves them.
    """
    told = [change for change in changes if change["kind"] in TOLD_KINDS]
    ids = sorted({change["alert_id"] for change in told})
    rows: dict[str, Any] = {}
    alert = metadata.tables["alert"]
    for first in range(0, len(ids), _AT_ONCE):
        query = sa.select(alert).where(alert.c.id.in_(ids[first : first + _AT_ONCE]))
        rows |= {row.id: row for row in connection.execute(query)}
    add(
        connection,
        (of_alert(rows[each["alert_id"]], each["kind"], each["at"]) for each in told),
    )


def _row(event: OutgoingEvent) -> dict[str, Any]:
    return {
        **{name: getattr(event, name) for name in _COPIED},
        "id": str(uuid7()),
        "exercise": event.exercise,
        "withheld": event.withheld,
        "data": json.dumps(dict(event.data), ensure_ascii=False),
    }
