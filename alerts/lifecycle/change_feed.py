"""Change feed: what a screen missed since its last change, or that it must reload.

Times are UTC unix seconds.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import alerts_by_id
from thapcanh.alerts.alert.records import Alert
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.incidents.incident_views import INCIDENTS, incidents_of
from thapcanh.alerts.incidents.records import IncidentChange, IncidentChanges
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import alert_change, incident_change, ledger
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter


def last_seq(connection: sa.Connection) -> int:
    """Return the number of the newest change."""
    return int(connection.execute(sa.select(ledger.c.change_seq)).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """Change, and the alert as it is now, which may be newer."""

    seq: int
    kind: ChangeKind
    reason: str
    version: int
    at: float
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanges:
    """Changes after a number; `complete` is false if older ones were dropped.

    `last_seq` is the reader's new position, also if nothing in scope changed.
    """

    items: tuple[AlertChange, ...]
    complete: bool
    last_seq: int


def changes_after(
    connection: sa.Connection, seq: int, limit: int, scope: DataFilter
) -> AlertChanges:
    """Return changes with larger numbers, oldest first, of alerts in scope."""
    retained = connection.execute(sa.select(ledger.c.oldest_change_seq, ledger.c.change_seq)).one()
    query = sa.select(alert_change).where(alert_change.c.seq > seq)
    query = query.join(alert, alert.c.id == alert_change.c.alert_id).where(*owned_by(alert, scope))
    rows = connection.execute(query.order_by(alert_change.c.seq).limit(limit)).all()
    alerts = alerts_by_id(connection, sorted({row.alert_id for row in rows}))
    items = tuple(
        AlertChange(
            seq=row.seq,
            kind=ChangeKind(row.kind),
            reason=row.reason,
            version=row.version,
            at=row.at,
            alert=alerts[row.alert_id],
        )
        for row in rows
    )
    return AlertChanges(
        items=items,
        complete=retained.oldest_change_seq - 1 <= seq <= retained.change_seq,
        last_seq=items[-1].seq if len(items) == limit else retained.change_seq,
    )


def incident_changes_after(database: Database, seq: int, limit: int) -> IncidentChanges:
    """Return changes with larger numbers, oldest first, regardless of scope."""
    query = sa.select(incident_change).where(incident_change.c.seq > seq)
    with database.reading() as connection:
        newest = last_seq(connection)
        rows = connection.execute(query.order_by(incident_change.c.seq).limit(limit)).all()
        ids = sorted({row.incident_id for row in rows})
        of_these = INCIDENTS.where(incident.c.id.in_(ids))
        found = incidents_of(connection, connection.execute(of_these).all(), EVERYTHING)
    incidents = {one.id: one for one in found}
    items = tuple(
        IncidentChange(
            seq=row.seq,
            kind=row.kind,
            reason=row.reason,
            version=row.version,
            at=row.at,
            incident=incidents[row.incident_id],
        )
        for row in rows
    )
    return IncidentChanges(items=items, last_seq=items[-1].seq if len(items) == limit else newest)


def oldest_seq(connection: sa.Connection) -> int:
    """Return the number of the oldest retained change."""
    return int(connection.execute(sa.select(ledger.c.oldest_change_seq)).scalar_one())


def drop_changes(connection: sa.Connection, before: float) -> int:
    """Drop changes older than a time; a screen that requests them must reload."""
    newest_dropped = max(
        connection.execute(
            sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0)).where(table.c.at < before)
        ).scalar_one()
        for table in (alert_change, incident_change)
    )
    if not newest_dropped:
        return 0
    removed = sum(
        connection.execute(sa.delete(table).where(table.c.seq <= newest_dropped)).rowcount
        for table in (alert_change, incident_change)
    )
    connection.execute(sa.update(ledger).values(oldest_change_seq=newest_dropped + 1))
    return removed
