"""How incidents follow alerts: a P1 opens one by itself, and an officer's verdict moves it.

A drill opens none, nor does the watch's own trouble. In a flood alerts of one kind at one camera or
place are one incident. Where all of one was rejected it is closed as a false alarm by that word, so
that nobody says it twice; what was confirmed is assessed.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_state import AlertState, TransitionReason
from alerts.alert.alert_tables import alert, event
from alerts.alert.typed_rows import AlertRow, IncidentMemberRow, IncidentRow, typed
from alerts.incidents.incident_state import Disposition, IncidentReason, IncidentState, MemberType
from alerts.incidents.incident_tables import incident, incident_member
from alerts.incidents.incident_writing import IncidentAct, add_step, record
from alerts.incidents.machine_incidents import MachineIncidents
from alerts.incidents.membership import Move, leave, live_member, of_alert
from alerts.incidents.opening import join_incidents, open_incident, open_incidents
from alerts.queue.system_events import SYSTEM_KINDS
from alerts.store.database import Database
from alerts.store.roles import Actor
from alerts.weather.weather_advisory import HAZE
from config.rules import Priority

_NO_HAPPENING = sorted({*SYSTEM_KINDS, HAZE})
_OVER = (AlertState.REJECTED.value, AlertState.CLOSED.value)


def open_for_alerts(connection: sa.Connection, alert_ids: Collection[str], now: float) -> None:
    """Put each P1 alert among these that never was in an incident into one.

    Into an open one of the same kind that the machine opened at its camera or place, while nobody
    has moved that one; else into one of its own.
    """
    if not alert_ids:
        return
    found = connection.execute(_wanting(alert_ids).order_by(alert.c.raised_at)).all()
    if not found:
        return
    rows = [typed(AlertRow, one) for one in found]
    machine = MachineIncidents(connection, rows)
    for row in rows:
        machine.take(row)
    new = [(one, one.first) for one in machine.all if one.first is not None]
    ids = open_incidents(connection, [first for _, first in new], now)
    for (one, _), incident_id in zip(new, ids, strict=True):
        one.id = incident_id
    joined = {one.id: one.joining for one in machine.all if one.joining}
    join_incidents(
        connection, {key: [of_alert(row) for row in rows] for key, rows in joined.items()}, now
    )


def open_for_messages(database: Database, message_ids: Collection[str], now: float) -> None:
    """Open the incidents of what these messages told, where they are not open yet."""
    told = sa.select(event.c.alert_id).where(event.c.id.in_(message_ids))
    with database.reading() as connection:
        ids = set(connection.execute(told).scalars()) - {None}
        if not ids or connection.execute(_wanting(ids).limit(1)).first() is None:
            return
    with database.writing() as connection:
        open_for_alerts(connection, ids, now)


def follow_verdict(
    connection: sa.Connection, alert_id: str, why: TransitionReason, by: Actor, now: float
) -> None:
    """Move an alert's incident as an officer's verdict on the alert says."""
    if why not in _FOLLOWED:
        return
    if why in _STILL_WANTS_ONE:  # it may be answered before its incident is open
        open_for_alerts(connection, [alert_id], now)
    _follow(connection, alert_id, why, Move(by=by, now=now))


def follow_verdicts(
    connection: sa.Connection,
    verdicts: Sequence[tuple[str, TransitionReason, Actor]],
    now: float,
) -> None:
    """As `follow_verdict` does each; which of them move no incident is found in one question.

    All alerts are written: of those in one incident the first verdict of a kind moves it.
    """
    told = [one for one in verdicts if one[1] in _FOLLOWED]
    if not told:
        return
    open_for_alerts(connection, [one for one, why, _ in told if why in _STILL_WANTS_ONE], now)
    members = sa.select(incident_member.c.member_id, incident_member.c.incident_id).where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id.in_(sorted({alert_id for alert_id, _, _ in told})),
        incident_member.c.left_at.is_(None),
    )
    incidents = {one.member_id: one.incident_id for one in connection.execute(members)}
    goes_on = set(connection.execute(_not_rejected(set(incidents.values())).distinct()).scalars())
    followed = set()
    for alert_id, why, by in told:
        incident_id = incidents.get(alert_id)
        moves = why not in _ENDING or incident_id not in goes_on
        if incident_id is None or not moves or (incident_id, why) in followed:
            continue
        _follow(connection, alert_id, why, Move(by=by, now=now))
        if why is not TransitionReason.REOPENED:  # each that is opened again leaves by itself
            followed.add((incident_id, why))


def _follow(connection: sa.Connection, alert_id: str, why: TransitionReason, move: Move) -> None:
    member = live_member(connection, MemberType.ALERT, alert_id)
    if member is None:
        return
    query = sa.select(incident).where(incident.c.id == member.incident_id)
    row = typed(IncidentRow, connection.execute(query).one())
    _FOLLOWED[why](connection, member, row, move)


def _wanting(alert_ids: Collection[str]) -> sa.Select[Any]:
    """Those P1 alerts among these that never were in an incident, and should be."""
    was_in_one = sa.exists().where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == alert.c.id,
    )
    return sa.select(alert).where(
        alert.c.id.in_(sorted(alert_ids)),
        alert.c.priority == Priority.P1,
        alert.c.exercise.is_(False),
        alert.c.kind.not_in(_NO_HAPPENING),
        alert.c.state.not_in(_OVER),
        alert.c.shelf_id.is_(None),
        sa.not_(was_in_one),
    )


def _end_false_alarm(
    connection: sa.Connection, _member: IncidentMemberRow, row: IncidentRow, move: Move
) -> None:
    if row.state not in (IncidentState.OPEN.value, IncidentState.ASSESSED.value):
        return
    if not _is_all_rejected(connection, row.id):
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


def _is_all_rejected(connection: sa.Connection, incident_id: str) -> bool:
    """Nothing but alerts, each of which somebody rejected: the first other one is looked for."""
    return connection.execute(_not_rejected([incident_id]).limit(1)).first() is None


def _not_rejected(incident_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """By what is no alert, or is one that nobody rejected: the incidents that have such."""
    is_rejected = sa.exists().where(
        alert.c.id == incident_member.c.member_id, alert.c.verdict == AlertState.REJECTED.value
    )
    return sa.select(incident_member.c.incident_id).where(
        incident_member.c.incident_id.in_(sorted(incident_ids)),
        incident_member.c.left_at.is_(None),
        sa.or_(incident_member.c.type != MemberType.ALERT.value, sa.not_(is_rejected)),
    )


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
_ENDING = (TransitionReason.REJECTED, TransitionReason.COSIGNED)
_STILL_WANTS_ONE = (TransitionReason.CONFIRMED, TransitionReason.REOPENED)


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
