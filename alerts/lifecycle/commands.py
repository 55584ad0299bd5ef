"""Officers' commands on alerts, one or many: decided by `state_machine`, applied once, logged."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from thapcanh.alerts.accounts.account_tables import user
from thapcanh.alerts.alert.alert_state import (
    AlertCommand,
    CommandOutcome,
    Leases,
    Transition,
    TransitionReason,
)
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import alert_query, alerts_of, name_of, one
from thapcanh.alerts.alert.alert_writer import change_alerts
from thapcanh.alerts.alert.records import Alert, CommandRequest, CommandResult, CommandSteps
from thapcanh.alerts.alert.typed_rows import AlertRow, typed
from thapcanh.alerts.incidents.following import follow_verdicts
from thapcanh.alerts.lifecycle.state_machine import decide
from thapcanh.alerts.lifecycle.transitions import (
    AnyRow,
    change_of,
    progress_of,
    values_after,
    write_transition,
)
from thapcanh.alerts.store.audit_log import AuditEntry, AuditLogWriter, ChangeRecord, add_log
from thapcanh.alerts.store.idempotent import earlier_answer, earlier_answers, remember
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


@dataclass(slots=True, kw_only=True)
class _Work:
    """Alert with the effects of its steps so far."""

    wanted: CommandSteps
    row: AlertRow | None
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[ChangeRecord, AuditEntry]] = field(default_factory=list)
    verdicts: list[tuple[TransitionReason, CommandRequest]] = field(default_factory=list)
    last: Transition | None = None


def run_all(
    connection: sa.Connection, orders: Sequence[CommandSteps], now: float, leases: Leases
) -> list[CommandResult]:
    """Carry out each once; raises `KeyReused` when a key came with another body."""
    existing = _earlier(connection, orders)
    rows = _rows(connection, orders)
    works = {
        order.first.idempotency_key: _Work(wanted=order, row=rows.get(order.first.alert_id))
        for order in orders
        if order.first.idempotency_key not in existing
    }
    for work in works.values():
        _carry_out(connection, work, now, leases)
    _write(connection, list(works.values()), now)
    done = _answers(connection, list(works.values()))
    _remember(connection, list(works.values()), done, now)
    return [
        existing.get(order.first.idempotency_key) or done[order.first.idempotency_key]
        for order in orders
    ]


def _rows(connection: sa.Connection, orders: Sequence[CommandSteps]) -> dict[str, AlertRow]:
    """Return the alerts that the person may see."""
    if not orders:
        return {}
    ids = sorted({order.first.alert_id for order in orders})
    query = sa.select(alert).where(
        alert.c.id.in_(ids), *owned_by(alert, orders[0].first.actor.scope)
    )
    return {row.id: typed(AlertRow, row) for row in connection.execute(query)}


def _carry_out(connection: sa.Connection, work: _Work, now: float, leases: Leases) -> None:
    """Apply the steps one after the other, as far as they go."""
    for step in work.wanted.steps:
        row = work.row
        if row is None:
            return
        observed = step if work.last is None else replace(step, expected_version=row.version)
        work.last = decide(progress_of(row), order_of(observed), now, leases)
        if not _continues(work.last, step):
            return
        if work.last.outcome is not CommandOutcome.DONE:
            continue
        values = values_after(connection, row, work.last, now) | {"version": row.version + 1}
        line = log_line(observed, row, work.last, values["version"], now)
        work.row = replace(row, **values)
        work.values |= values
        work.lines.append((change_of(row.id, work.last, values["version"], now), line))
        work.verdicts.append((work.last.why, step))
        if work.last.why is TransitionReason.AWAITS_COSIGN:
            return  # a leader goes on


def _continues(decision: Transition, step: CommandRequest) -> bool:
    if decision.outcome is CommandOutcome.ALREADY:
        return decision.by == step.actor.username
    return decision.outcome is CommandOutcome.DONE


def _write(connection: sa.Connection, works: Sequence[_Work], now: float) -> None:
    changed = [work for work in works if work.values]
    change_alerts(
        connection,
        [(work.wanted.first.alert_id, work.values, work.wanted.first.note) for work in changed],
    )
    page = AuditLogWriter(connection)
    for work in changed:
        for change, line in work.lines:
            page.add_change(change)
            page.add_log(line)
    page.write()
    verdicts = [(step.alert_id, why, step.actor) for work in changed for why, step in work.verdicts]
    follow_verdicts(connection, verdicts, now)


def _answers(connection: sa.Connection, works: Sequence[_Work]) -> dict[str, CommandResult]:
    ids = [work.wanted.first.alert_id for work in works if work.row is not None]
    rows = connection.execute(alert_query().where(alert.c.id.in_(ids))).all() if ids else []
    shown = {found.id: found for found in alerts_of(connection, rows)}
    people = {work.last.by for work in works if work.last is not None and work.last.by is not None}
    names = sa.select(user.c.username, user.c.name).where(user.c.username.in_(sorted(people)))
    named = {row.username: row.name for row in connection.execute(names)} if people else {}
    return {work.wanted.first.idempotency_key: _answer(work, shown, named) for work in works}


def _answer(work: _Work, shown: Mapping[str, Alert], named: Mapping[str, str]) -> CommandResult:
    if work.row is None or work.last is None:
        return CommandResult(
            outcome=CommandOutcome.NOT_FOUND, why=TransitionReason.UNKNOWN_ALERT, alert=None
        )
    return CommandResult(
        outcome=work.last.outcome,
        why=work.last.why,
        alert=shown.get(work.wanted.first.alert_id),
        by=work.last.by,
        by_name=named.get(work.last.by or "", work.last.by),
        at=work.last.at,
    )


def _earlier(connection: sa.Connection, orders: Sequence[CommandSteps]) -> dict[str, CommandResult]:
    """Return the first answers by key."""
    if not orders:
        return {}
    digests = {order.first.idempotency_key: _digest(order) for order in orders}
    answers = earlier_answers(connection, orders[0].first.actor.username, digests)
    return {key: replayed(answer) for key, answer in answers.items()}


def _remember(
    connection: sa.Connection,
    works: Sequence[_Work],
    done: Mapping[str, CommandResult],
    now: float,
) -> None:
    by_person: dict[str, dict[str, tuple[str, str]]] = {}
    for work in works:
        if work.row is not None:
            first = work.wanted.first
            answer = results().dump_json(done[first.idempotency_key]).decode()
            answers = by_person.setdefault(first.actor.username, {})
            answers[first.idempotency_key] = _digest(work.wanted), answer
    for username, answers in by_person.items():
        remember(connection, username, answers, now)


def _digest(wanted: CommandSteps) -> str:
    whole = " ".join(command_digest(step) for step in wanted.steps)
    return hashlib.sha256(whole.encode()).hexdigest()
