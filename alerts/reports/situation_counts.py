"""Counts of a period's incidents, calls and alerts, by the database."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.incidents.incident_state import Disposition, IncidentState
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_step
from thapcanh.alerts.reports.situation import CountedPeriod
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter

_NOT_REAL = (Disposition.FALSE_ALARM, Disposition.HOAX, Disposition.NOTHING_FOUND)
_IS_ASSESSED = sa.exists().where(
    incident_step.c.incident_id == incident.c.id,
    incident_step.c.step == IncidentState.ASSESSED.value,
)
# What an incident is held for: how it ended, and while it goes on, whether an officer assessed it.
_VERDICT = sa.case(
    (incident.c.disposition.in_([one.value for one in _NOT_REAL]), AlertState.REJECTED.value),
    (incident.c.disposition.is_not(None), AlertState.CONFIRMED.value),
    (_IS_ASSESSED, AlertState.CONFIRMED.value),
    else_=None,
)


def situation_of(
    database: Database,
    span: tuple[float, float],
    compared: Sequence[tuple[float, float]],
    scope: DataFilter,
) -> tuple[CountedPeriod, list[CountedPeriod | None]]:
    """Count a period and its comparisons in one snapshot.

    One that started before the archive's first record is None.
    """
    with database.reading() as connection:
        started = begun_at(connection)
        earlier = [
            None if started is None or one[0] < started else _counted(connection, one, scope)
            for one in compared
        ]
        return _counted(connection, span, scope), earlier


def begun_at(connection: sa.Connection) -> float | None:
    """Return when the first record was written, or None."""
    first = sa.select(action_log.c.at).order_by(action_log.c.seq).limit(1)
    oldest = (first.scalar_subquery(), _least(alert.c.raised_at), _least(call.c.at))
    times = [one for one in connection.execute(sa.select(*oldest)).one() if one is not None]
    return min(times, default=None)


def _least(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    return sa.select(sa.func.min(column)).scalar_subquery()


def _counted(
    connection: sa.Connection, span: tuple[float, float], scope: DataFilter
) -> CountedPeriod:
    since, until = span
    opened = (
        incident.c.opened_at >= since,
        incident.c.opened_at < until,
        incident.c.merged_into.is_(None),
        sa.func.coalesce(incident.c.disposition, "") != Disposition.DUPLICATE.value,
        *owned_by(incident, scope),
    )
    called = (call.c.at >= since, call.c.at < until, *owned_by(call, scope))
    raised = (
        alert.c.raised_at >= since,
        alert.c.raised_at < until,
        alert.c.exercise.is_(False),
        *owned_by(alert, scope),
    )
    still_open = sa.select(sa.func.count()).where(*opened, incident.c.closed_at.is_(None))
    return CountedPeriod(
        incidents=_by(connection, (incident.c.kind, _VERDICT), opened),
        calls=_by(connection, (call.c.line, call.c.kind), called),
        alerts=_by(connection, (alert.c.kind, alert.c.verdict), raised),
        still_open=int(connection.execute(still_open).scalar_one()),
        dispatched_s=_delays(connection, IncidentState.DISPATCHED, opened),
        on_scene_s=_delays(connection, IncidentState.ON_SCENE, opened),
    )


def _by(
    connection: sa.Connection,
    columns: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]],
    conditions: Sequence[sa.ColumnElement[bool]],
) -> dict[tuple[str, Any], int]:
    query = sa.select(*columns, sa.func.count()).where(*conditions).group_by(*columns)
    return {(first, second): int(n) for first, second, n in connection.execute(query)}


def _delays(
    connection: sa.Connection, step: IncidentState, conditions: Sequence[sa.ColumnElement[bool]]
) -> list[float]:
    """Return the seconds from an incident's opening to a step."""
    query = (
        sa.select(incident_step.c.at - incident.c.opened_at)
        .join(incident, incident.c.id == incident_step.c.incident_id)
        .where(incident_step.c.step == step.value, *conditions)
    )
    return [max(0.0, float(one)) for one in connection.execute(query).scalars()]
