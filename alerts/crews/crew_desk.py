"""Officers' views of crews: reports by incident, files, pending requests."""

from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.calls.sent_files import read_file
from thapcanh.alerts.crews.crew_reports import CrewReport, CrewReportKind, CrewRequest, CrewState
from thapcanh.alerts.crews.crew_tables import crew_file, crew_report
from thapcanh.alerts.incidents.incident_state import IncidentReason
from thapcanh.alerts.incidents.incident_tables import incident, unit
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

_MOST_WAITING = 50
_NAMED = sa.select(crew_report, unit.c.name.label("unit_name")).join(
    unit, unit.c.id == crew_report.c.unit_id
)


class CrewDeskRepository:
    """Reads through a scope; any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reports(self, incident_id: str) -> list[CrewReport]:
        """Return the crews' reports on an incident, in order of time."""
        query = _NAMED.where(crew_report.c.incident_id == incident_id)
        with self._db.reading() as connection:
            rows = connection.execute(
                query.order_by(
                    crew_report.c.happened_at, crew_report.c.received_at, crew_report.c.id
                )
            ).all()
        return [_report(row) for row in rows]

    def file(self, report_id: str, scope: DataFilter) -> tuple[str, bytes] | None:
        """Media type and bytes of a crew's file that a scope may see."""
        query = (
            sa.select(crew_report.c.media_type, crew_file.c.content)
            .join(crew_file, crew_file.c.report_id == crew_report.c.id)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(crew_report.c.id == report_id, *owned_by(incident, scope))
        )
        with self._db.reading() as connection:
            return read_file(connection, query)

    def waiting(self, scope: DataFilter) -> list[CrewRequest]:
        """Return unanswered requests of open incidents, the oldest first."""
        query = (
            _NAMED.add_columns(incident.c.number, incident.c.place)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(
                crew_report.c.kind == CrewReportKind.REQUEST.value,
                crew_report.c.answered_at.is_(None),
                incident.c.closed_at.is_(None),
                *owned_by(incident, scope),
            )
        )
        with self._db.reading() as connection:
            rows = connection.execute(
                query.order_by(crew_report.c.received_at).limit(_MOST_WAITING)
            ).all()
        return [
            CrewRequest(report=_report(row), incident_number=row.number, place=row.place)
            for row in rows
        ]

    def answer(self, actor: Actor, report_id: str, now: float) -> bool:
        """Record who accepted a request; return False if the actor sees none waiting."""
        query = (
            sa.select(crew_report)
            .join(incident, incident.c.id == crew_report.c.incident_id)
            .where(
                crew_report.c.id == report_id,
                crew_report.c.kind == CrewReportKind.REQUEST.value,
                crew_report.c.answered_at.is_(None),
                *owned_by(incident, actor.scope),
            )
        )
        with self._db.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return False
            matching = crew_report.c.id == report_id
            values = {"answered_by": actor.username, "answered_at": now}
            connection.execute(sa.update(crew_report).where(matching).values(values))
            act = IncidentAct(
                incident_id=row.incident_id,
                why=IncidentReason.REQUEST_TAKEN,
                now=now,
                by=actor,
                details={"unit": row.unit_id, "report": report_id},
            )
            record(connection, act, {})
        return True


def _report(row: sa.Row[Any]) -> CrewReport:
    same = {name: getattr(row, name) for name in CrewReport.__dataclass_fields__}
    state = None if row.state is None else CrewState(row.state)
    return CrewReport(**same | {"kind": CrewReportKind(row.kind), "state": state})
