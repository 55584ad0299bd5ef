"""Units and assignments in the archive; thread-safe."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_state import IncidentReason
from thapcanh.alerts.incidents.incident_tables import assignment, incident, unit
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record
from thapcanh.alerts.incidents.units.units import Unit, UnitKind, UnitStatus
from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Assignment: who was notified, how, and the answer."""

    id: str
    incident_id: str
    unit_id: str | None
    told: str
    way: str
    told_at: float
    told_by: str
    read_back: bool
    due_at: float | None
    answered_at: float | None
    answer: str | None
    escalated_at: float | None
    ended_at: float | None


class UnitRepository:
    """Repository of units: positions and answers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self, scope: DataFilter) -> list[Unit]:
        """Return every unit in scope, by kind and name."""
        query = sa.select(unit).where(unit.c.removed_at.is_(None), *owned_by(unit, scope))
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(unit.c.kind, unit.c.name, unit.c.id)).all()
        return [unit_of(row) for row in rows]

    def save(self, actor: Actor, units: Sequence[Unit], now: float) -> list[str]:
        """Add or replace units, all or none; return the ids of those that the scope forbids."""
        with self._db.writing() as connection:
            accepted = _not_observed(connection, [one.id for one in units], actor.scope)
            if accepted:
                return accepted
            for one in units:
                before = _status(connection, unit.c.id == one.id, unit.c.removed_at.is_(None))
                _save(connection, one, now)
                add_act(connection, actor, ("unit_saved", one.id), now)
                _log_status(connection, actor, one.id, (before, one.status), now)
        return []

    def remove(self, actor: Actor, unit_id: str, now: float) -> bool:
        """Remove a unit; its history stays. Return False if there is none."""
        matching = (unit.c.id == unit_id, unit.c.removed_at.is_(None), *owned_by(unit, actor.scope))
        with self._db.writing() as connection:
            removed = connection.execute(sa.update(unit).where(*matching).values(removed_at=now))
            if not removed.rowcount:
                return False
            add_act(connection, actor, ("unit_removed", unit_id), now)
        return True

    def move(
        self,
        actor: Actor,
        unit_id: str,
        place: Position | None,
        status: UnitStatus | None,
        now: float,
    ) -> bool:
        """Record a unit's position or status; return False if the actor sees no such unit."""
        values: dict[str, Any] = {"updated_at": now}
        if place is not None:
            values |= {"lat": place[0], "lon": place[1], "position_at": now}
        if status is not None:
            values["status"] = status.value
        matching = (unit.c.id == unit_id, unit.c.removed_at.is_(None), *owned_by(unit, actor.scope))
        with self._db.writing() as connection:
            before = _status(connection, *matching)
            if before is None:
                return False
            connection.execute(sa.update(unit).where(*matching).values(values))
            _log_status(connection, actor, unit_id, (before, status or before), now)
        return True

    def assignments(self, incident_id: str) -> list[Assignment]:
        """Return an incident's assignments in order."""
        query = sa.select(assignment).where(assignment.c.incident_id == incident_id)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(assignment.c.told_at, assignment.c.id)).all()
        return [Assignment(**row._mapping) for row in rows]

    def answer(self, actor: Actor, assignment_id: str, answer: str, now: float) -> str | None:
        """Record an answer; return the incident's id, or None if not visible."""
        query = sa.select(assignment).join(incident, incident.c.id == assignment.c.incident_id)
        query = query.where(assignment.c.id == assignment_id, *owned_by(incident, actor.scope))
        with self._db.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            first = now if row.answered_at is None else row.answered_at
            values = {"answered_at": first, "answer": answer, "due_at": None}
            matching = assignment.c.id == assignment_id
            connection.execute(sa.update(assignment).where(matching).values(values))
            act = IncidentAct(
                incident_id=row.incident_id,
                why=IncidentReason.ANSWERED,
                now=now,
                by=actor,
                details={"told": row.told, "answer": answer},
            )
            record(connection, act, {})
        return str(row.incident_id)


def _not_observed(connection: sa.Connection, ids: Sequence[str], scope: DataFilter) -> list[str]:
    there = sa.select(unit.c.id).where(unit.c.id.in_(ids))
    matching = set(connection.execute(there.where(*owned_by(unit, scope))).scalars())
    return sorted(set(connection.execute(there).scalars()) - matching)


def _save(connection: sa.Connection, one: Unit, now: float) -> None:
    values = asdict(one) | {"updated_at": now, "removed_at": None}
    values |= {"kind": one.kind.value, "status": one.status.value}
    if one.position is not None and one.position_at is None:
        values["position_at"] = now
    existing = connection.execute(sa.update(unit).where(unit.c.id == one.id).values(values))
    if not existing.rowcount:
        connection.execute(sa.insert(unit).values(values))


def _status(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> UnitStatus | None:
    found = connection.execute(sa.select(unit.c.status).where(*which)).scalar_one_or_none()
    return None if found is None else UnitStatus(found)


def _log_status(
    connection: sa.Connection,
    actor: Actor,
    unit_id: str,
    change: tuple[UnitStatus | None, UnitStatus],
    now: float,
) -> None:
    """Log what a unit did and does now, where that is another thing."""
    before, after = change
    if before is not None and before is not after:
        told = {"from": before.value, "to": after.value}
        add_act(connection, actor, ("unit_status", unit_id), now, told)


def unit_of(row: sa.Row[Any]) -> Unit:
    same = {name: getattr(row, name) for name in Unit.__dataclass_fields__}
    return Unit(**same | {"kind": UnitKind(row.kind), "status": UnitStatus(row.status)})
