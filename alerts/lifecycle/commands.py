"""Officers' commands on alerts: decided by `state_machine`, applied once, logged."""

import hashlib
import json
from dataclasses import replace
from functools import cache

import sqlalchemy as sa
from pydantic import TypeAdapter

from thapcanh.alerts.alert.alert_state import (
    AlertCommand,
    CommandOutcome,
    Leases,
    Transition,
    TransitionReason,
)
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import name_of, one
from thapcanh.alerts.alert.records import CommandRequest, CommandResult
from thapcanh.alerts.incidents.following import follow_verdicts
from thapcanh.alerts.lifecycle.state_machine import decide
from thapcanh.alerts.lifecycle.transitions import AnyRow, progress_of, write_transition
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.idempotent import earlier_answer, remember
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import AlertAction


def run(
    connection: sa.Connection, request: CommandRequest, now: float, leases: Leases
) -> CommandResult:
    """Carry out a command once; raises `KeyReused` when its key came with another body."""
    username, key, digest = request.actor.username, request.idempotency_key, command_digest(request)
    earlier = earlier_answer(connection, username, key, digest)
    if earlier is not None:
        return replayed(earlier)
    query = sa.select(alert).where(alert.c.id == request.alert_id)
    row = connection.execute(query.where(*owned_by(alert, request.actor.scope))).one_or_none()
    if row is None:
        return CommandResult(
            outcome=CommandOutcome.NOT_FOUND, why=TransitionReason.UNKNOWN_ALERT, alert=None
        )
    decision = decide(progress_of(row), order_of(request), now, leases)
    if decision.outcome is CommandOutcome.DONE:
        version = write_transition(connection, row, decision, now, request.note)
        add_log(connection, log_line(request, row, decision, version, now))
        follow_verdicts(connection, [(request.alert_id, decision.why, request.actor)], now)
    result = CommandResult(
        outcome=decision.outcome,
        why=decision.why,
        alert=one(connection, request.alert_id, request.actor.scope),
        by=decision.by,
        by_name=name_of(connection, decision.by),
        at=decision.at,
    )
    remember(connection, username, {key: (digest, results().dump_json(result).decode())}, now)
    return result


def order_of(request: CommandRequest) -> AlertCommand:
    """Return the command as the state machine takes it."""
    return AlertCommand(
        action=request.action,
        username=request.actor.username,
        role=request.actor.role,
        expected_version=request.expected_version,
        reason=request.reason,
        note=request.note,
        to=request.to,
        to_refused=request.to_refused,
    )


def log_line(
    request: CommandRequest, row: AnyRow, decision: Transition, version: int, now: float
) -> AuditEntry:
    """Return the log entry of a command that was carried out."""
    reason = decision.life.reject_reason if request.action is AlertAction.REJECT else request.reason
    action = AlertAction.ACKNOWLEDGE if decision.why is TransitionReason.TAKEN else request.action
    details = {
        "why": decision.why.value,
        "from": row.state,
        "to": decision.life.state.value,
        "version": version,
        "seen_version": request.expected_version,
        "key": request.idempotency_key,
    }
    if decision.life.owner != row.owner and row.owner is not None:
        details |= {"held_by": row.owner, "holder": decision.life.owner}
    return AuditEntry(
        at=now,
        actor=request.actor.username,
        role=request.actor.role.value,
        action=action.value,
        object_id=request.alert_id,
        reason=reason,
        note=request.note,
        details=details,
    )


def replayed(answer: str) -> CommandResult:
    """Return the first answer, marked as replayed."""
    return replace(results().validate_json(answer), replayed=True)


def command_digest(request: CommandRequest) -> str:
    """Return the digest that identifies a repeated command."""
    body = [
        request.alert_id,
        request.action.value,
        request.expected_version,
        request.reason,
        request.note,
    ]
    if request.to is not None:  # keys of the time before hand-overs stay valid
        body.append(request.to)
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()


@cache
def results() -> TypeAdapter[CommandResult]:
    return TypeAdapter(CommandResult)
