"""Input of `progression`: command and progress of an incident. Read only."""

from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.typed_rows import IncidentRow
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentAction,
    IncidentCommand,
    IncidentProgress,
    IncidentState,
    IncidentTransition,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident, incident_member, incident_step
from thapcanh.alerts.incidents.kinds import GROUPS, IncidentKind
from thapcanh.alerts.incidents.records import IncidentRequest
from thapcanh.alerts.store.plain_text import plain


def command_of(
    request: IncidentRequest, open_points: frozenset[str] = frozenset()
) -> IncidentCommand:
    """Return the command that a request asks for."""
    return IncidentCommand(
        action=request.action,
        username=request.actor.username,
        role=request.actor.role,
        expected_version=request.expected_version,
        kind=request.kind,
        priority=request.priority,
        step=request.step,
        by_unit=request.unit_id is not None,
        told=len(request.told),
        disposition=request.disposition,
        note=request.note,
        to=request.to,
        to_refused=request.to_refused,
        open_points=open_points,
        despite=frozenset(request.despite),
        is_note=request.member_type is MemberType.NOTE and request.action is IncidentAction.JOIN,
    )


def progress_of(connection: sa.Connection, row: IncidentRow) -> IncidentProgress:
    steps = sa.select(incident_step.c.step).where(incident_step.c.incident_id == row.id)
    reached = frozenset(IncidentState(step) for step in connection.execute(steps).scalars())
    return IncidentProgress(
        state=IncidentState(row.state),
        priority=row.priority,
        version=row.version,
        people_version=row.people_version,
        owner=row.owner,
        has_unseen=_has_unseen(connection, row.id),
        reached=reached,
        kind=IncidentKind(row.kind),
        disposition=None if row.disposition is None else Disposition(row.disposition),
        report=row.report,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )


def _has_unseen(connection: sa.Connection, incident_id: str) -> bool:
    query = sa.select(incident_member.c.id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.unseen_since.is_not(None),
        incident_member.c.left_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def row_values(
    request: IncidentRequest, row: IncidentRow, decision: IncidentTransition
) -> dict[str, Any]:
    """Return the columns of the incident that a decided command changes."""
    after = decision.progress
    held = {} if after.owner == row.owner else {"held_since": after.owner and decision.at}
    values: dict[str, Any] = held | {
        "state": after.state.value,
        "priority": after.priority,
        "owner": after.owner,
        "kind": after.kind.value,
        "class_group": GROUPS[after.kind].value,
        "disposition": after.disposition and after.disposition.value,
        "report": after.report,
        "closed_by": after.closed_by,
        "closed_at": after.closed_at,
    }
    if after.state is not IncidentState.OPEN:
        values["due_at"] = None
    if request.action is IncidentAction.JOIN:
        values["last_at"] = decision.at
    if request.action is IncidentAction.ASSESS and request.place is not None:
        place = request.place
        values |= {"place": place.text, "ward": place.ward, "lat": place.lat, "lon": place.lon}
        values["words"] = incident.c.words + " " + plain(place.text, place.ward)
    return values
