"""Counts of a period's incidents and calls, by the index on time, in one snapshot."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.calls.citizen_message_tables import citizen_message
from thapcanh.alerts.calls.citizen_messages import MessageState
from thapcanh.alerts.incidents.calls import CallKind
from thapcanh.alerts.incidents.incident_state import Disposition, IncidentState, MemberType
from thapcanh.alerts.incidents.incident_tables import (
    assignment,
    call,
    incident,
    incident_member,
    incident_step,
)
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.reports.situation_counts import begun_at
from thapcanh.alerts.statistics.outcomes import facts_of, outcome
from thapcanh.alerts.statistics.statistic_rows import CountedCalls, CountedIncident, CountedMonths
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter

Span = tuple[float, float]


def counted_months(
    database: Database, span: Span, compared: Sequence[Span], scope: DataFilter
) -> tuple[CountedMonths, list[CountedMonths | None]]:
    """Count a span and its comparisons in one snapshot.

    One that started before the archive's first record is None.
    """
    with database.reading() as connection:
        started = begun_at(connection)
        earlier = [
            None if started is None or one[0] < started else _counted(connection, one, scope)
            for one in compared
        ]
        return _counted(connection, span, scope), earlier


def _counted(connection: sa.Connection, span: Span, scope: DataFilter) -> CountedMonths:
    return CountedMonths(
        incidents=_incidents(connection, span, scope), calls=_calls(connection, span, scope)
    )


def _incidents(connection: sa.Connection, span: Span, scope: DataFilter) -> list[CountedIncident]:
    opened = _opened(span, scope)
    steps: dict[str, dict[IncidentState, float]] = defaultdict(dict)
    reached = (
        sa.select(incident_step, (incident_step.c.at - incident.c.opened_at).label("after_s"))
        .join(incident, incident.c.id == incident_step.c.incident_id)
        .where(*opened)
    )
    for row in connection.execute(reached):
        steps[row.incident_id][IncidentState(row.step)] = max(0.0, row.after_s)
    sent = sa.func.count(assignment.c.unit_id.distinct())
    units = (
        sa.select(assignment.c.incident_id, sent)
        .join(incident, incident.c.id == assignment.c.incident_id)
        .where(*opened)
        .group_by(assignment.c.incident_id)
    )
    sent_units = {incident_id: int(count) for incident_id, count in connection.execute(units)}
    query = (
        sa.select(incident, outcome)
        .outerjoin(outcome, outcome.c.incident_id == incident.c.id)
        .where(*opened)
        .order_by(incident.c.opened_at, incident.c.id)
    )
    return [
        CountedIncident(
            id=row.id,
            kind=IncidentKind(row.kind),
            disposition=None if row.disposition is None else Disposition(row.disposition),
            is_closed=row.closed_at is not None,
            outcome=None if row.incident_id is None else facts_of(row),
            steps_s=steps[row.id],
            sent_units=sent_units.get(row.id, 0),
        )
        for row in connection.execute(query)
    ]


def _opened(span: Span, scope: DataFilter) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        incident.c.opened_at >= span[0],
        incident.c.opened_at < span[1],
        incident.c.merged_into.is_(None),
        sa.func.coalesce(incident.c.disposition, "") != Disposition.DUPLICATE.value,
        *owned_by(incident, scope),
    )


def _calls(connection: sa.Connection, span: Span, scope: DataFilter) -> CountedCalls:
    called = (call.c.at >= span[0], call.c.at < span[1], *owned_by(call, scope))
    lines = sa.select(call.c.line, sa.func.count()).where(*called).group_by(call.c.line)
    by_line = {line: int(n) for line, n in connection.execute(lines)}
    alone = sa.select(sa.func.count()).where(*called, call.c.kind == CallKind.HOAX.value)
    hoaxes = int(connection.execute(alone).scalar_one())
    member = (
        incident_member.c.member_id == call.c.id,
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.left_at.is_(None),
    )
    in_incident = (
        sa.select(incident_member.c.incident_id, sa.func.count().label("calls"))
        .join(call, sa.and_(*member))
        .where(*called, incident_member.c.incident_id.in_(_observed(scope)))
        .group_by(incident_member.c.incident_id)
    )
    several = in_incident.having(sa.func.count() > 1)
    repeated = connection.execute(several.order_by(incident_member.c.incident_id)).all()
    hoaxed = connection.execute(_of_hoaxes(in_incident)).all()
    return CountedCalls(
        by_line=by_line,
        hoaxes=hoaxes + sum(int(row.calls) for row in hoaxed),
        of_hoaxes=[row.incident_id for row in hoaxed],
        duplicates=sum(int(row.calls) - 1 for row in repeated),
        of_duplicates=[row.incident_id for row in repeated],
        hoax_messages=_hoax_messages(connection, span, scope),
    )


def _observed(scope: DataFilter) -> sa.Select[Any]:
    return sa.select(incident.c.id).where(*owned_by(incident, scope))


def _of_hoaxes(in_incident: sa.Select[Any]) -> sa.Select[Any]:
    """Return the query of calls in incidents closed as a hoax."""
    hoaxes = sa.select(incident.c.id).where(incident.c.disposition == Disposition.HOAX.value)
    ordered = in_incident.where(incident_member.c.incident_id.in_(hoaxes))
    return ordered.order_by(incident_member.c.incident_id)


def _hoax_messages(connection: sa.Connection, span: Span, scope: DataFilter) -> int:
    query = sa.select(sa.func.count()).where(
        citizen_message.c.received_at >= span[0],
        citizen_message.c.received_at < span[1],
        citizen_message.c.state == MessageState.HOAX.value,
        *owned_by(citizen_message, scope),
    )
    return int(connection.execute(query).scalar_one())
