"""Escalation: deadlines of incidents and units, and reports to the leader."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.typed_rows import IncidentRow, typed
from thapcanh.alerts.incidents.incident_state import IncidentReason
from thapcanh.alerts.incidents.incident_tables import assignment, incident
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record, record_many
from thapcanh.alerts.store.clock_set_back import is_due
from thapcanh.alerts.store.database import MOST_AT_ONCE, Database

ANSWER_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 120.0, 2: 600.0, 3: 3600.0})
UNIT_ANSWERS_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 60.0, 2: 180.0, 3: 600.0})

LEADER_ANSWERS_WITHIN_S = 60.0
"""So long a leader has, before a P1 that nobody answers is told outside."""


def answer_by(priority: int, now: float) -> float:
    """Return when an unassessed incident goes to the leader."""
    return now + ANSWER_WITHIN_S[priority]


def unit_answers_by(priority: int, now: float) -> float:
    """Return when an unanswering unit is reported to the leader."""
    return now + UNIT_ANSWERS_WITHIN_S[priority]


def escalate_due(database: Database, now: float) -> int:
    """Escalate what is due, at most `MOST_AT_ONCE`, oldest first; return how many.

    Called every second.
    """
    is_late = is_due(incident.c.due_at, incident.c.opened_at, now)
    is_silent = is_due(assignment.c.due_at, assignment.c.told_at, now)
    late = sa.select(incident).where(is_late).order_by(incident.c.due_at)
    silent = sa.select(assignment).where(is_silent).order_by(assignment.c.due_at)
    with database.reading() as connection:  # the usual case needs no lock
        some = (connection.execute(query.limit(1)).first() for query in (late, silent))
        if not any(row is not None for row in some):
            return 0
    with database.writing() as connection:
        rows = connection.execute(late.limit(MOST_AT_ONCE)).all()
        incidents = [typed(IncidentRow, row) for row in rows]
        units = connection.execute(silent.limit(MOST_AT_ONCE - len(incidents))).all()
        if incidents:
            record_many(
                connection, [(row, _unassessed(row, now), _escalated(now)) for row in incidents]
            )
        for row in units:
            _escalate_unit(connection, row, now)
    return len(incidents) + len(units)


def _unassessed(row: IncidentRow, now: float) -> IncidentAct:
    return _act(row.id, {"waits": "assessment", "since": row.opened_at}, now)


def _escalate_unit(connection: sa.Connection, row: sa.Row[Any], now: float) -> None:
    matching = assignment.c.id == row.id
    connection.execute(sa.update(assignment).where(matching).values(due_at=None, escalated_at=now))
    act = _act(row.incident_id, {"waits": row.told, "since": row.told_at}, now)
    record(connection, act, _escalated(now))


def _act(incident_id: str, details: dict[str, Any], now: float) -> IncidentAct:
    return IncidentAct(
        incident_id=incident_id, why=IncidentReason.ESCALATED, now=now, details=details
    )


def _escalated(now: float) -> dict[str, Any]:
    return {"escalated_at": now, "due_at": None}
