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
from thapcanh.alerts.incidents.incident_tables import incident_step
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentRequest


def command_of(request: IncidentRequest) -> IncidentCommand:
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
        reached=reached,
        kind=IncidentKind(row.kind),
        disposition=None if row.disposition is None else Disposition(row.disposition),
        report=row.report,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
