"""How incidents follow alerts: a P1 opens one by itself, and an officer's verdict moves it.

A drill opens none, nor does the watch's own trouble. What was rejected and stood alone is closed as
a false alarm by the same word, so that nobody says it twice; what was confirmed is assessed.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_state import AlertState, TransitionReason
from alerts.alert.alert_tables import alert
from alerts.alert.typed_rows import AlertRow, IncidentMemberRow, IncidentRow, typed
from alerts.incidents.incident_state import Disposition, IncidentReason, IncidentState, MemberType
from alerts.incidents.incident_tables import incident, incident_member
from alerts.incidents.incident_writing import IncidentAct, add_step, record
from alerts.incidents.membership import Move, leave, live_member, live_members, of_alert
from alerts.incidents.opening import open_incident, open_incidents
from alerts.queue.system_events import SYSTEM_KINDS
from alerts.store.roles import Actor
from alerts.weather.weather_advisory import HAZE
from config.rules import Priority

_NO_HAPPENING = sorted({*SYSTEM_KINDS, HAZE})
_OVER = (AlertState.REJECTED.value, AlertState.CLOSED.value)


def open_for_alerts(connection: sa.Connection, alert_ids: Collection[str], now: float) -> None:
    """Open an incident for each P1 alert among these that never was in one."""
    if not alert_ids:
        return
    was_in_one = sa.exists().where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == alert.c.id,
    )
    query = sa.select(alert).where(
        alert.c.id.in_(sorted(alert_ids)),
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(_NO_HAPPENING),
        alert.c.state.not_in(_OVER),
        alert.c.shelf_id.is_(None),
        sa.not_(was_in_one),
    )
    rows = connection.execute(query.order_by(alert.c.raised_at)).all()
    open_incidents(connection, [of_alert(typed(AlertRow, row)) for row in rows], now)


def follow_verdict(
    connection: sa.Connection, alert_id: str, why: TransitionReason, by: Actor, now: float
) -> None:
    """Move an alert's incident as an officer's verdict on the alert says."""
    if why not in _FOLLOWED:
        return
    member = live_member(connection, MemberType.ALERT, alert_id)
    if member is None:
        return
    query = sa.select(incident).where(incident.c.id == member.incident_id)
    row = typed(IncidentRow, connection.execute(query).one())
    _FOLLOWED[why](connection, member, row, Move(by=by, now=now))


def _end_false_alarm(
    connection: sa.Connection, _member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    is_alone = len(live_members(connection, row.id)) == 1
    if not is_alone or row.state not in (IncidentState.OPEN.value, IncidentState.ASSESSED.value):
        return
    values = {
        "state": IncidentState.CLOSED.value,
        "disposition": Disposition.FALSE_ALARM.value,
        "owner": row.owner or move.by.username,
        "closed_by": move.by.username,
        "closed_at": move.now,
        "due_at": None,
    }
    _step(connection, row, (IncidentState.CLOSED, IncidentReason.CLOSED), values, move)


def _assess(
    connection: sa.Connection, _member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    if row.state != IncidentState.OPEN.value:
        return
    values = {
        "state": IncidentState.ASSESSED.value,
        "owner": row.owner or move.by.username,
        "due_at": None,
    }
    _step(connection, row, (IncidentState.ASSESSED, IncidentReason.ASSESSED), values, move)


def _open_again(
    connection: sa.Connection, member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    """The alert is not over after all, and its incident is: it opens another."""
    if row.state != IncidentState.CLOSED.value:
        return
    leave(connection, member, move)
    query = sa.select(alert).where(alert.c.id == member.member_id)
    told = of_alert(typed(AlertRow, connection.execute(query).one()))
    other = open_incident(connection, told, move.now, move.by)
    act = IncidentAct(
        incident_id=row.id,
        why=IncidentReason.SEPARATED,
        now=move.now,
        by=move.by,
        details={"member": MemberType.ALERT.value, "member_id": member.member_id, "opened": other},
    )
    record(connection, act, {}, moves=True)


_FOLLOWED = {
    TransitionReason.REJECTED: _end_false_alarm,
    TransitionReason.COSIGNED: _end_false_alarm,
    TransitionReason.CONFIRMED: _assess,
    TransitionReason.REOPENED: _open_again,
}


def _step(
    connection: sa.Connection,
    row: IncidentRow,
    what: tuple[IncidentState, IncidentReason],
    values: dict[str, Any],
    move: Move,
) -> None:
    step, why = what
    add_step(connection, row.id, step, move.now, move.by.username)
    act = IncidentAct(
        incident_id=row.id,
        why=why,
        now=move.now,
        by=move.by,
        details={"from": row.state, "to": step.value, "step": step.value, "follows": "alert"},
    )
    record(connection, act, values, moves=True)
