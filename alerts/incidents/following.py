"""Incidents that follow alerts: a P1 opens one, and officers' verdicts move it."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState, TransitionReason
from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.alert.typed_rows import AlertRow, IncidentMemberRow, IncidentRow, typed
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentReason,
    IncidentState,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_writing import (
    IncidentAct,
    mark_seen,
    record,
    record_steps,
)
from thapcanh.alerts.incidents.machine_incidents import MachineIncidents
from thapcanh.alerts.incidents.membership import Move, leave, live_member, of_alert
from thapcanh.alerts.incidents.opening import join_incidents, open_incident, open_incidents
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.weather.weather_advisory import HAZE
from thapcanh.config.rules import Priority

_NO_HAPPENING = sorted({*SYSTEM_KINDS, HAZE})
_Verdict = tuple[str, Actor]  # the alert, and who judged it
_OVER = (AlertState.REJECTED.value, AlertState.CLOSED.value)


def open_for_alerts(connection: sa.Connection, alert_ids: Collection[str], now: float) -> None:
    """Put each of these P1 alerts that never had an incident into one.

    Into an open one of the same kind at its camera or place that is untouched or has an active
    source, else a new one.
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
        connection,
        {key: [of_alert(row, why) for row, why in rows] for key, rows in joined.items()},
        now,
    )


def open_for_messages(database: Database, message_ids: Collection[str], now: float) -> None:
    reported = sa.select(event.c.alert_id).where(event.c.id.in_(message_ids))
    with database.reading() as connection:
        ids = set(connection.execute(reported).scalars()) - {None}
        if not ids or connection.execute(_wanting(ids).limit(1)).first() is None:
            return
    with database.writing() as connection:
        open_for_alerts(connection, ids, now)


def follow_verdicts(
    connection: sa.Connection,
    verdicts: Sequence[tuple[str, TransitionReason, Actor]],
    now: float,
) -> None:
    """Move alerts' incidents according to officers' verdicts, in order.

    All alerts are written already. Consecutive verdicts of one kind are processed together; the
    first verdict on an incident moves it.
    """
    reported = [one for one in verdicts if one[1] in _FOLLOWED]
    late = [one for one, why, _ in reported if why in _STILL_NEEDS_ONE]
    open_for_alerts(connection, late, now)  # it may be answered before its incident is open
    for why, alike in groupby(reported, key=lambda one: one[1]):
        _FOLLOWED[why](connection, [(alert_id, by) for alert_id, _, by in alike], now)


def _incidents_of(
    connection: sa.Connection, verdicts: Sequence[_Verdict], states: Collection[IncidentState]
) -> list[tuple[IncidentRow, Actor]]:
    """Return the alerts' incidents in these states, each with the first verdict's actor."""
    members = sa.select(incident_member.c.member_id, incident_member.c.incident_id).where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id.in_(sorted({alert_id for alert_id, _ in verdicts})),
        incident_member.c.left_at.is_(None),
    )
    incident_of = {one.member_id: one.incident_id for one in connection.execute(members)}
    query = sa.select(incident).where(
        incident.c.id.in_(sorted(set(incident_of.values()))),
        incident.c.state.in_([state.value for state in states]),
    )
    rows = {row.id: typed(IncidentRow, row) for row in connection.execute(query)}
    found = [(rows.pop(incident_of.get(alert_id, ""), None), by) for alert_id, by in verdicts]
    return [(row, by) for row, by in found if row is not None]


def _wanting(alert_ids: Collection[str]) -> sa.Select[Any]:
    """Return the query of P1 alerts among these without an incident that need one."""
    had_incident = sa.exists().where(
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
        sa.not_(had_incident),
    )


def _end_false_alarms(connection: sa.Connection, verdicts: Sequence[_Verdict], now: float) -> None:
    """Close the incidents in which only rejected alerts are left."""
    found = _incidents_of(connection, verdicts, (IncidentState.OPEN, IncidentState.ASSESSED))
    continues = _going_on(connection, [row.id for row, _ in found])
    closed = [
        _step(row, (IncidentState.CLOSED, IncidentReason.CLOSED), Move(by=by, now=now))
        for row, by in found
        if row.id not in continues
    ]
    for _, act, values in closed:
        values |= {
            "disposition": Disposition.FALSE_ALARM.value,
            "closed_by": act.username,
            "closed_at": now,
        }
    record_steps(connection, closed)


def _going_on(connection: sa.Connection, incident_ids: Collection[str]) -> set[str]:
    """Return the incidents with a member that is no alert, or no rejected one."""
    is_rejected = sa.exists().where(
        alert.c.id == incident_member.c.member_id, alert.c.verdict == AlertState.REJECTED.value
    )
    continues = sa.exists().where(  # the first such is enough: a flood's incident has thousands
        incident_member.c.incident_id == incident.c.id,
        incident_member.c.left_at.is_(None),
        sa.or_(incident_member.c.type != MemberType.ALERT.value, sa.not_(is_rejected)),
    )
    query = sa.select(incident.c.id).where(incident.c.id.in_(sorted(incident_ids)), continues)
    return set(connection.execute(query).scalars())


def _assess(connection: sa.Connection, verdicts: Sequence[_Verdict], now: float) -> None:
    found = _incidents_of(connection, verdicts, (IncidentState.OPEN,))
    step = (IncidentState.ASSESSED, IncidentReason.ASSESSED)
    record_steps(connection, [_step(row, step, Move(by=by, now=now)) for row, by in found])


def _open_again(connection: sa.Connection, verdicts: Sequence[_Verdict], now: float) -> None:
    """Open a new incident for each reopened alert whose incident was closed."""
    for alert_id, by in verdicts:
        member = live_member(connection, MemberType.ALERT, alert_id)
        if member is not None:
            _open_another(connection, member, Move(by=by, now=now))


def _open_another(connection: sa.Connection, member: IncidentMemberRow, move: Move) -> None:
    query = sa.select(incident.c.state).where(incident.c.id == member.incident_id)
    if connection.execute(query).scalar_one() != IncidentState.CLOSED.value:
        return
    leave(connection, member, move)
    alone = sa.select(alert).where(alert.c.id == member.member_id)
    reported = of_alert(typed(AlertRow, connection.execute(alone).one()))
    other = open_incident(connection, reported, move.now, move.by)
    act = IncidentAct(
        incident_id=member.incident_id,
        why=IncidentReason.SEPARATED,
        now=move.now,
        by=move.by,
        details={"member": MemberType.ALERT.value, "member_id": member.member_id, "opened": other},
    )
    record(connection, act, {}, moves=True)


def _follow_holder(connection: sa.Connection, verdicts: Sequence[_Verdict], now: float) -> None:
    """Whoever takes an alert holds its incident, where nobody does; who claims it, in any case."""
    for alert_id, by in verdicts:
        query = (
            sa.select(incident, alert.c.owner.label("alert_owner"))
            .join(incident_member, incident_member.c.incident_id == incident.c.id)
            .join(alert, alert.c.id == incident_member.c.member_id)
            .where(
                incident_member.c.type == MemberType.ALERT.value,
                incident_member.c.member_id == alert_id,
                incident_member.c.left_at.is_(None),
                incident.c.closed_at.is_(None),
            )
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            continue
        mark_seen(connection, row.id, [alert_id])
        if row.owner != row.alert_owner:
            give_incident(connection, row, row.alert_owner, (IncidentReason.TAKEN, by), now)


def _take_free(connection: sa.Connection, verdicts: Sequence[_Verdict], now: float) -> None:
    members = sa.select(incident_member.c.member_id, incident_member.c.incident_id).where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id.in_(sorted({alert_id for alert_id, _ in verdicts})),
        incident_member.c.left_at.is_(None),
    )
    held = {one.member_id: one.incident_id for one in connection.execute(members)}
    for alert_id in sorted(held):
        mark_seen(connection, held[alert_id], [alert_id])
    ids = sorted(set(held.values()))
    free = sa.select(incident.c.id).where(
        incident.c.id.in_(ids), incident.c.owner.is_(None), incident.c.closed_at.is_(None)
    )
    left = set(connection.execute(free).scalars())
    for alert_id, by in verdicts:
        if (incident_id := held.get(alert_id)) in left:
            left.remove(incident_id)
            _follow_holder(connection, [(alert_id, by)], now)


def give_incident(
    connection: sa.Connection,
    row: sa.Row[Any],
    owner: str | None,
    what: tuple[IncidentReason, Actor | None],
    now: float,
) -> None:
    """Write down that somebody holds an incident now, or nobody."""
    why, by = what
    act = IncidentAct(
        incident_id=row.id,
        why=why,
        now=now,
        by=by,
        details={"held_by": row.owner, "holder": owner},
    )
    record(connection, act, {"owner": owner, "held_since": owner and now})


def give_all_incidents(connection: sa.Connection, giver: str, to: Actor | None, now: float) -> int:
    """Give the open incidents that somebody holds to the next officer, or back to all.

    Of those that the next one sees; return how many.
    """
    query = sa.select(incident).where(incident.c.owner == giver, incident.c.closed_at.is_(None))
    if to is not None:
        query = query.where(*owned_by(incident, to.scope))
    rows = connection.execute(query.order_by(incident.c.opened_at)).all()
    why = IncidentReason.RELEASED if to is None else IncidentReason.HANDED_OVER
    for row in rows:
        give_incident(connection, row, None if to is None else to.username, (why, to), now)
    return len(rows)


def free_by_leases(connection: sa.Connection, alert_ids: Collection[str], now: float) -> None:
    """Free the open incidents of alerts whose lease ran out, if nobody assessed them yet."""
    query = (
        sa.select(incident)
        .join(incident_member, incident_member.c.incident_id == incident.c.id)
        .join(alert, alert.c.id == incident_member.c.member_id)
        .where(
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.member_id.in_(sorted(alert_ids)),
            incident_member.c.left_at.is_(None),
            alert.c.state == AlertState.NEW.value,
            incident.c.state == IncidentState.OPEN.value,
            incident.c.owner.is_not(None),
        )
    )
    for row in {row.id: row for row in connection.execute(query)}.values():
        give_incident(connection, row, None, (IncidentReason.RELEASED, None), now)


_FOLLOWED = {
    TransitionReason.TAKEN: _take_free,
    TransitionReason.CLAIMED: _follow_holder,
    TransitionReason.HANDED_OVER: _follow_holder,
    TransitionReason.REJECTED: _end_false_alarms,
    TransitionReason.COSIGNED: _end_false_alarms,
    TransitionReason.CONFIRMED: _assess,
    TransitionReason.REOPENED: _open_again,
}
_STILL_NEEDS_ONE = (TransitionReason.CONFIRMED, TransitionReason.REOPENED)


def _step(
    row: IncidentRow, what: tuple[IncidentState, IncidentReason], move: Move
) -> tuple[IncidentRow, IncidentAct, dict[str, Any]]:
    step, why = what
    is_end = step is IncidentState.CLOSED
    ends = {"disposition": Disposition.FALSE_ALARM.value} if is_end else {}
    act = IncidentAct(
        incident_id=row.id,
        why=why,
        now=move.now,
        by=move.by,
        details={
            "from": row.state,
            "to": step.value,
            "step": step.value,
            "follows": "alert",
            **ends,
        },
    )
    values = {"state": step.value, "owner": row.owner or move.by.username, "due_at": None}
    return row, act, values
