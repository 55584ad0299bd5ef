"""Input of `progression`: command and progress of an incident. Read only."""

import sqlalchemy as sa

from thapcanh.alerts.alert.typed_rows import IncidentRow
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentAction,
    IncidentCommand,
    IncidentProgress,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident_member, incident_step
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentRequest


def command_of(
    request: IncidentRequest, open_points: frozenset[str] = frozenset()
) -> IncidentCommand:
    """What a request asks, without what it names."""
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
