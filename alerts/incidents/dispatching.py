"""Dispatch: units and services notified of an incident, and their answers."""

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.typed_rows import IncidentRow
from thapcanh.alerts.incidents.escalation import unit_answers_by
from thapcanh.alerts.incidents.incident_state import IncidentAction, IncidentReason, IncidentState
from thapcanh.alerts.incidents.incident_tables import assignment, incident, unit
from thapcanh.alerts.incidents.incident_writing import drop_last_steps, mark_seen
from thapcanh.alerts.incidents.records import IncidentRequest, UnitOrder
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.alerts.store.owned_rows import owned_by

_STATUS = {
    IncidentState.EN_ROUTE.value: UnitStatus.EN_ROUTE,
    IncidentState.ON_SCENE.value: UnitStatus.ON_SCENE,
}


class UnitRefused(Exception):
    """Refusal to notify a unit."""

    def __init__(self, why: IncidentReason) -> None:
        super().__init__(why.value)
        self.why = why


def tell(connection: sa.Connection, request: IncidentRequest, row: IncidentRow, now: float) -> None:
    """Store who is notified. Raise `UnitRefused` before anything is stored."""
    names = _names(connection, request)
    for one, name in zip(request.told, names, strict=True):
        _reported(connection, one, (name, row.priority), request, now)


def note_step(connection: sa.Connection, request: IncidentRequest, now: float) -> bool:
    """Record a unit's own report as its answer; False if it has no assignment here."""
    query = sa.select(assignment.c.id).where(
        assignment.c.incident_id == request.incident_id,
        assignment.c.unit_id == request.unit_id,
        assignment.c.ended_at.is_(None),
    )
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        return False
    first = sa.func.coalesce(assignment.c.answered_at, now)
    connection.execute(
        sa.update(assignment)
        .where(assignment.c.id == found)
        .values(answered_at=first, answer=request.step, due_at=None)
    )
    status = _STATUS.get(request.step or "")
    if status is not None and request.unit_id is not None:
        _set_status(connection, [request.unit_id], status, now)
    return True


def end_all(connection: sa.Connection, incident_id: str, now: float) -> None:
    """Release all units of a closed incident."""
    query = sa.select(assignment.c.id, assignment.c.unit_id).where(
        assignment.c.incident_id == incident_id, assignment.c.ended_at.is_(None)
    )
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    connection.execute(
        sa.update(assignment).where(assignment.c.id.in_(ids)).values(ended_at=now, due_at=None)
    )
    units = [row.unit_id for row in rows if row.unit_id is not None]
    _set_status(connection, units, UnitStatus.RETURNING, now)


def resume_all(connection: sa.Connection, incident_id: str, now: float) -> None:
    """Take up the assignments that the closing ended, of units that are still on their way back."""
    query = (
        sa.select(assignment.c.id, assignment.c.unit_id, assignment.c.answer)
        .join(incident, incident.c.id == assignment.c.incident_id)
        .outerjoin(unit, unit.c.id == assignment.c.unit_id)
        .where(
            incident.c.id == incident_id,
            assignment.c.ended_at == incident.c.closed_at,
            assignment.c.unit_id.is_(None)
            | ((unit.c.status == UnitStatus.RETURNING.value) & ~_is_busy()),
        )
    )
    for row in connection.execute(query).all():
        again = sa.update(assignment).where(assignment.c.id == row.id)
        connection.execute(again.values(ended_at=None))
        if row.unit_id is not None:
            status = _STATUS.get(row.answer or "", UnitStatus.ASSIGNED)
            _set_status(connection, [row.unit_id], status, now)


def _is_busy() -> sa.ColumnElement[bool]:
    """Return the condition that a unit has an assignment that goes on."""
    other = assignment.alias()
    return sa.exists().where(other.c.unit_id == unit.c.id, other.c.ended_at.is_(None))


def _names(connection: sa.Connection, request: IncidentRequest) -> list[str]:
    units = [one.unit_id for one in request.told if one.unit_id is not None]
    if len(set(units)) < len(units):
        raise UnitRefused(IncidentReason.UNIT_SENT)
    return [
        one.service or "" if one.unit_id is None else _free_unit(connection, one.unit_id, request)
        for one in request.told
    ]


def _reported(
    connection: sa.Connection,
    order: UnitOrder,
    who: tuple[str, int],
    request: IncidentRequest,
    now: float,
) -> None:
    """Store one assignment; `who` is the name that was called, and the incident's priority."""
    name, priority = who
    if order.unit_id is not None:
        _set_status(connection, [order.unit_id], UnitStatus.ASSIGNED, now)
    connection.execute(
        sa.insert(assignment).values(
            id=str(uuid7()),
            incident_id=request.incident_id,
            unit_id=order.unit_id,
            told=name,
            way=order.way,
            told_at=now,
            told_by=request.actor.username,
            read_back=order.read_back,
            due_at=unit_answers_by(priority, now),
        )
    )


def _free_unit(connection: sa.Connection, unit_id: str, request: IncidentRequest) -> str:
    scope = request.actor.scope
    query = sa.select(unit.c.name).where(
        unit.c.id == unit_id, unit.c.removed_at.is_(None), *owned_by(unit, scope)
    )
    name = connection.execute(query).scalar_one_or_none()
    if name is None:
        raise UnitRefused(IncidentReason.UNKNOWN_UNIT)
    busy = sa.select(assignment.c.incident_id).where(
        assignment.c.unit_id == unit_id, assignment.c.ended_at.is_(None)
    )
    sent_to = connection.execute(busy).scalar_one_or_none()
    if sent_to == request.incident_id:
        raise UnitRefused(IncidentReason.UNIT_SENT)
    if sent_to is not None:
        raise UnitRefused(IncidentReason.UNIT_BUSY)
    return str(name)


def _set_status(
    connection: sa.Connection, unit_ids: list[str], status: UnitStatus, now: float
) -> None:
    if unit_ids:
        values = {"status": status.value, "updated_at": now}
        connection.execute(sa.update(unit).where(unit.c.id.in_(unit_ids)).values(values))


def follow_state(
    connection: sa.Connection, action: IncidentAction, incident_id: str, now: float
) -> None:
    """Apply what follows from a state: release or resume its units, mark its sources as seen."""
    match action:
        case IncidentAction.CLOSE:
            end_all(connection, incident_id, now)
        case IncidentAction.ACKNOWLEDGE | IncidentAction.CLAIM:
            mark_seen(connection, incident_id)
        case IncidentAction.REOPEN:
            drop_last_steps(connection, incident_id)
            resume_all(connection, incident_id, now)
        case _:
            pass
