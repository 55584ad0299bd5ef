"""Until when somebody must answer; what nobody answered goes to the leader: incidents, and units.

Once each: who is late is told of again only when told again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from alerts.incidents.incident_state import IncidentReason
from alerts.incidents.incident_tables import assignment, incident
from alerts.incidents.incident_writing import IncidentAct, record
from alerts.store.database import Database

ANSWER_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 120.0, 2: 600.0, 3: 3600.0})
UNIT_ANSWERS_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 60.0, 2: 180.0, 3: 600.0})

LEADER_ANSWERS_WITHIN_S = 60.0
"""So long a leader has, before a P1 that nobody answers is told outside."""


def answer_by(priority: int, now: float) -> float:
    """When an open incident that nobody assessed goes to the leader."""
    return now + ANSWER_WITHIN_S[priority]


def unit_answers_by(priority: int, now: float) -> float:
    """When a unit that did not answer is told of to the leader."""
    return now + UNIT_ANSWERS_WITHIN_S[priority]


def escalate_due(database: Database, now: float) -> int:
    """Escalate all that is due; return how many there were."""
    late = sa.select(incident).where(incident.c.due_at <= now).order_by(incident.c.due_at)
    silent = sa.select(assignment).where(assignment.c.due_at <= now).order_by(assignment.c.due_at)
    with database.reading() as connection:  # the usual case needs no lock
        some = (connection.execute(query.limit(1)).first() for query in (late, silent))
        if not any(row is not None for row in some):
            return 0
    with database.writing() as connection:
        incidents = connection.execute(late).all()
        units = connection.execute(silent).all()
        for row in incidents:
            _escalate(connection, row.id, {"waits": "assessment", "since": row.opened_at}, now)
        for row in units:
            _escalate_unit(connection, row, now)
    return len(incidents) + len(units)


def _escalate_unit(connection: sa.Connection, row: sa.Row[Any], now: float) -> None:
    mine = assignment.c.id == row.id
    connection.execute(sa.update(assignment).where(mine).values(due_at=None, escalated_at=now))
    _escalate(connection, row.incident_id, {"waits": row.told, "since": row.told_at}, now)


def _escalate(
    connection: sa.Connection, incident_id: str, details: dict[str, Any], now: float
) -> None:
    act = IncidentAct(
        incident_id=incident_id, why=IncidentReason.ESCALATED, now=now, details=details
    )
    record(connection, act, {"escalated_at": now, "due_at": None})
