"""The change feed of incidents; its numbers are of one row with those of the alerts' changes."""

import sqlalchemy as sa

from alerts.archive.database import Database
from alerts.archive.incidents.incident_views import incidents_of
from alerts.archive.models.alerts import ledger
from alerts.archive.models.incidents import incident, incident_change
from alerts.incidents.records import IncidentChange, IncidentChanges
from alerts.lifecycle.roles import EVERYTHING


def incident_changes_after(database: Database, seq: int, limit: int) -> IncidentChanges:
    """Changes with larger numbers, oldest first, regardless of who may see them."""
    query = sa.select(incident_change).where(incident_change.c.seq > seq)
    with database.reading() as connection:
        newest = int(connection.execute(sa.select(ledger.c.change_seq)).scalar_one())
        rows = connection.execute(query.order_by(incident_change.c.seq).limit(limit)).all()
        ids = sorted({row.incident_id for row in rows})
        of_these = sa.select(incident).where(incident.c.id.in_(ids))
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
