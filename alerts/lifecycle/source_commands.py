"""How alerts follow their incident: one command, one transaction.

Whoever takes, gives, releases or closes an incident does so with all its alerts that they see; the
alerts keep their own rows, states and log lines. The other way round is `incidents.following`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import (
    AlertState,
    CommandOutcome,
    DecisionContext,
    Leases,
    Transition,
    TransitionReason,
)
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.records import CommandRequest, CommandResult
from thapcanh.alerts.crews.crew_tables import crew_report
from thapcanh.alerts.incidents.incident_commands import run_incident_command
from thapcanh.alerts.incidents.incident_state import (
    IncidentAction,
    IncidentReason,
    MemberType,
    OpenPoint,
)
from thapcanh.alerts.incidents.incident_tables import assignment, incident_member, unit
from thapcanh.alerts.incidents.incident_views import one_incident
from thapcanh.alerts.incidents.records import IncidentRequest, IncidentResult
from thapcanh.alerts.incidents.rows.faults import blind_near
from thapcanh.alerts.incidents.rows.row_records import SourceVerdict
from thapcanh.alerts.incidents.rows.sources import is_source
from thapcanh.alerts.incidents.units.units import UnitStatus
from thapcanh.alerts.lifecycle import commands
from thapcanh.alerts.lifecycle.ownership import relieved
from thapcanh.alerts.lifecycle.state_machine import decide
from thapcanh.alerts.lifecycle.transitions import progress_of, write_transition
from thapcanh.alerts.store.audit_log import add_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, AlertAction

_OUT = (UnitStatus.ASSIGNED.value, UnitStatus.EN_ROUTE.value, UnitStatus.ON_SCENE.value)
_ACTIONS: Mapping[IncidentAction, AlertAction] = {
    IncidentAction.ACKNOWLEDGE: AlertAction.ACKNOWLEDGE,
    IncidentAction.DISPATCH: AlertAction.ACKNOWLEDGE,
    IncidentAction.CLAIM: AlertAction.CLAIM,
    IncidentAction.HAND_OVER: AlertAction.HAND_OVER,
    IncidentAction.CLOSE: AlertAction.CLOSE,
}


def command_incident(
    connection: sa.Connection, wanted: IncidentRequest, now: float, leases: Leases
) -> IncidentResult:
    """Carry out a command on an incident and its alerts; raise `KeyReused`."""
    if wanted.action is IncidentAction.JUDGE and _is_alerts_own(wanted):
        return _judge_alert(connection, wanted, now, leases)
    points = frozenset[str]()
    if wanted.action is IncidentAction.CLOSE:
        points = open_points(connection, wanted.incident_id)
    result = run_incident_command(connection, wanted, now, points)
    if result.outcome is not CommandOutcome.DONE or result.replayed:
        return result
    if wanted.action is IncidentAction.RELEASE:
        mine = [one for one in _alerts(connection, wanted) if one.owner == wanted.actor.username]
        _release(connection, wanted, mine, now)
    elif wanted.action is IncidentAction.SEPARATE:
        _release(connection, wanted, _separated(connection, wanted), now)
    elif wanted.action is IncidentAction.JOIN and _is_held_by(wanted.actor, result):
        for row in _alerts(connection, wanted, incident_member.c.joined_at == now):
            _follow(connection, row, wanted, (AlertAction.ACKNOWLEDGE, now, leases))
    elif (action := _ACTIONS.get(wanted.action)) is not None:
        for row in _alerts(connection, wanted):
            _follow(connection, row, wanted, (action, now, leases))
    return result


def _is_held_by(actor: Actor, result: IncidentResult) -> bool:
    return result.incident is not None and result.incident.owner == actor.username


def open_points(connection: sa.Connection, incident_id: str) -> frozenset[str]:
    """Return what keeps an incident from being closed, as values of `OpenPoint`."""
    mine = (incident_member.c.incident_id == incident_id, *is_source())
    unjudged = (
        sa.select(alert.c.cosign_wanted_by)
        .join(incident_member, incident_member.c.member_id == alert.c.id)
        .where(
            *mine,
            incident_member.c.type == MemberType.ALERT.value,
            alert.c.verdict.is_(None),
            alert.c.state != AlertState.CLOSED.value,
        )
    )
    waiting = [one is not None for one in connection.execute(unjudged).scalars()]
    out = (
        sa.select(assignment.c.id)
        .join(unit, unit.c.id == assignment.c.unit_id)
        .where(
            assignment.c.incident_id == incident_id,
            assignment.c.ended_at.is_(None),
            unit.c.status.in_(_OUT),
        )
    )
    requests = sa.select(crew_report.c.id).where(
        crew_report.c.incident_id == incident_id,
        crew_report.c.kind == "request",
        crew_report.c.answered_at.is_(None),
    )
    unseen = sa.select(incident_member.c.id).where(
        *mine, incident_member.c.unseen_since.is_not(None)
    )
    sent = sa.select(assignment.c.id).where(assignment.c.incident_id == incident_id)
    is_sent = connection.execute(sent.limit(1)).first() is not None
    found = {
        OpenPoint.SOURCES: not all(waiting),
        OpenPoint.COSIGN: any(waiting),
        OpenPoint.UNSEEN: connection.execute(unseen.limit(1)).first() is not None,
        OpenPoint.UNSENT: not is_sent and _is_confirmed(connection, incident_id),
        OpenPoint.UNITS: connection.execute(out.limit(1)).first() is not None,
        OpenPoint.REQUESTS: connection.execute(requests.limit(1)).first() is not None,
        OpenPoint.BLIND: blind_near(connection, incident_id),
    }
    return frozenset(point.value for point, is_open in found.items() if is_open)


def _is_confirmed(connection: sa.Connection, incident_id: str) -> bool:
    """Tell whether somebody confirmed a source."""
    of_alert = sa.and_(
        incident_member.c.type == MemberType.ALERT.value, incident_member.c.member_id == alert.c.id
    )
    is_true = (alert.c.verdict == AlertState.CONFIRMED.value) | (
        incident_member.c.verdict == SourceVerdict.TRUE.value
    )
    query = sa.select(incident_member.c.id).outerjoin(alert, of_alert)
    query = query.where(incident_member.c.incident_id == incident_id, *is_source(), is_true)
    return connection.execute(query.limit(1)).first() is not None


def _alerts(
    connection: sa.Connection, wanted: IncidentRequest, *conditions: sa.ColumnElement[bool]
) -> Sequence[sa.Row[Any]]:
    """Return the alerts of an incident that the caller may see and whose membership fits."""
    ids = sa.select(incident_member.c.member_id).where(
        *conditions,
        incident_member.c.incident_id == wanted.incident_id,
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.left_at.is_(None),
    )
    query = sa.select(alert).where(alert.c.id.in_(ids), *owned_by(alert, wanted.actor.scope))
    return connection.execute(query.order_by(alert.c.raised_at)).all()


def _follow(
    connection: sa.Connection,
    row: sa.Row[Any],
    wanted: IncidentRequest,
    what: tuple[AlertAction, float, Leases],
) -> None:
    """Let one alert follow, as far as its own state allows."""
    action, now, leases = what
    order = _order(wanted, row, action)
    if action is AlertAction.HAND_OVER:
        moment = DecisionContext(now=now, leases=leases)
        decision = relieved(progress_of(row), wanted.to or "", moment)
    else:
        decision = decide(progress_of(row), commands.order_of(order), now, leases)
    if decision is not None and decision.outcome is CommandOutcome.DONE:
        _write(connection, row, order, decision, now)


def _write(
    connection: sa.Connection,
    row: sa.Row[Any],
    order: CommandRequest,
    decision: Transition,
    now: float,
) -> None:
    version = write_transition(connection, row, decision, now)
    line = commands.log_line(order, row, decision, version, now)
    add_log(connection, replace(line, details={**line.details, "follows": "incident"}))


def _order(wanted: IncidentRequest, row: sa.Row[Any], action: AlertAction) -> CommandRequest:
    return CommandRequest(
        alert_id=row.id,
        action=action,
        actor=wanted.actor,
        expected_version=row.version,
        idempotency_key=wanted.idempotency_key,
        to=wanted.to,
    )


def _separated(connection: sa.Connection, wanted: IncidentRequest) -> Sequence[sa.Row[Any]]:
    """Return the alert that is an incident of its own now: nobody holds that."""
    if wanted.member_type is not MemberType.ALERT:
        return ()
    own = (alert.c.id == wanted.member_id, *owned_by(alert, wanted.actor.scope))
    return connection.execute(sa.select(alert).where(*own)).all()


def _release(
    connection: sa.Connection, wanted: IncidentRequest, rows: Sequence[sa.Row[Any]], now: float
) -> None:
    """Return unjudged alerts to the list of open alerts; they sound again."""
    for row in rows:
        if row.state != AlertState.ACKNOWLEDGED.value:
            continue
        life = replace(
            progress_of(row), state=AlertState.NEW, owner=None, held_since=None, lease_until=None
        )
        decision = Transition(
            outcome=CommandOutcome.DONE, why=TransitionReason.LEASE_EXPIRED, life=life, by=row.owner
        )
        version = write_transition(connection, row, decision, now)
        order = _order(wanted, row, AlertAction.ACKNOWLEDGE)
        line = commands.log_line(order, row, decision, version, now)
        details = {"held_by": row.owner, "version": version, "follows": "incident"}
        add_log(connection, replace(line, action="lease_expired", details=details))


_VERDICTS = {
    SourceVerdict.TRUE.value: AlertAction.CONFIRM,
    SourceVerdict.FALSE.value: AlertAction.REJECT,
}


def _is_alerts_own(wanted: IncidentRequest) -> bool:
    return wanted.member_type is MemberType.ALERT and wanted.verdict in _VERDICTS


def _judge_alert(
    connection: sa.Connection, wanted: IncidentRequest, now: float, leases: Leases
) -> IncidentResult:
    """Give an alert its verdict as its own command does, taken first where nobody holds it."""
    rows = {row.id: row for row in _alerts(connection, wanted)}
    found = rows.get(wanted.member_id or "")
    scope = wanted.actor.scope
    shown = one_incident(connection, wanted.incident_id, scope)
    if found is None or shown is None:
        return IncidentResult(
            outcome=CommandOutcome.NOT_FOUND, why=IncidentReason.UNKNOWN_MEMBER, incident=shown
        )
    action = _VERDICTS[wanted.verdict or ""]
    order = replace(_order(wanted, found, action), reason=wanted.reason, note=wanted.note)
    order = replace(order, expected_version=wanted.expected_version)
    taken = decide(
        progress_of(found),
        commands.order_of(replace(order, action=AlertAction.ACKNOWLEDGE)),
        now,
        leases,
    )
    if taken.why is TransitionReason.TAKEN:
        first = replace(
            order,
            action=AlertAction.ACKNOWLEDGE,
            expected_version=found.version,
            idempotency_key=f"{order.idempotency_key[:120]}:taken",
            reason=None,
            note=None,
        )
        commands.run(connection, first, now, leases)
        order = replace(order, expected_version=found.version + 1)
    else:
        order = replace(order, expected_version=found.version)
    return _answer(connection, wanted, commands.run(connection, order, now, leases))


def _answer(
    connection: sa.Connection, wanted: IncidentRequest, result: CommandResult
) -> IncidentResult:
    """Return an alert transition's result as a result of an incident command."""
    known = {one.value: one for one in IncidentReason}
    is_done = result.outcome in (CommandOutcome.DONE,)
    why = IncidentReason.VERDICT if is_done else known.get(result.why.value, IncidentReason.HELD)
    return IncidentResult(
        outcome=result.outcome,
        why=why,
        incident=one_incident(connection, wanted.incident_id, wanted.actor.scope),
        by=result.by,
        at=result.at,
        replayed=result.replayed,
    )
