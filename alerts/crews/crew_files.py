"""Retention of crews' photos and videos; their reports stay."""

import sqlalchemy as sa

from thapcanh.alerts.crews.crew_tables import crew_file, crew_report
from thapcanh.alerts.evidence.keeping.legal_holds import hold
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database

ACTION = "crew_files_removed"
_MOST = 50  # a transaction


def delete_files(database: Database, closed_before: float, now: float) -> int:
    """Remove files of some incidents that were closed before a time; return of how many."""
    held = sa.exists().where(
        incident_member.c.incident_id == incident.c.id,
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == hold.c.alert_id,
        hold.c.ended_at.is_(None),
    )
    query = (
        sa.select(incident.c.id)
        .distinct()
        .join(crew_report, crew_report.c.incident_id == incident.c.id)
        .where(crew_report.c.media_type.is_not(None), incident.c.closed_at < closed_before, ~held)
        .limit(_MOST)
    )
    with database.reading() as connection:  # mostly there is nothing, and no lock is needed
        if not connection.execute(query).first():
            return 0
    with database.writing() as connection:
        ids = connection.execute(query).scalars().all()
        for incident_id in ids:
            _remove(connection, incident_id, now)
    return len(ids)


def _remove(connection: sa.Connection, incident_id: str, now: float) -> None:
    matching = (crew_report.c.incident_id == incident_id, crew_report.c.media_type.is_not(None))
    reports = connection.execute(sa.select(crew_report.c.id).where(*matching)).scalars().all()
    connection.execute(sa.delete(crew_file).where(crew_file.c.report_id.in_(reports)))
    connection.execute(sa.update(crew_report).where(*matching).values(media_type=None))
    entry = AuditEntry(
        at=now, action=ACTION, object_id=incident_id, details={"files": len(reports)}
    )
    add_log(connection, entry)
