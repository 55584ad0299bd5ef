"""Commands of officers on alerts: decided by `state_machine`, applied once, logged with it.

A command that comes again with its key gets the answer of the first time. A command that changes
nothing (already, conflict, stale …) is answered the same way and remembered too.
"""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from alerts.archive.alert_views import name_of, one, seen_by
from alerts.archive.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from alerts.archive.models.alerts import alert, idempotency
from alerts.archive.repositories.shelved_alerts import OFF_SHELF
from alerts.errors import KeyReused
from alerts.lifecycle.alert_state import (
    AlertCommand,
    AlertProgress,
    AlertState,
    CommandOutcome,
    Leases,
    RejectReason,
    Transition,
    TransitionReason,
)
from alerts.lifecycle.roles import AlertAction
from alerts.lifecycle.state_machine import decide
from alerts.lifecycle.state_machine import expire as expire_lease
from alerts.lifecycle.system_events import is_system
from alerts.records import ChangeKind, CommandRequest, CommandResult

_CHANGE = {
    TransitionReason.TAKEN: ChangeKind.ACKNOWLEDGED,
    TransitionReason.CONFIRMED: ChangeKind.CONFIRMED,
    TransitionReason.REJECTED: ChangeKind.REJECTED,
    TransitionReason.COSIGNED: ChangeKind.REJECTED,
    TransitionReason.AWAITS_COSIGN: ChangeKind.COSIGN_WANTED,
    TransitionReason.CLOSED: ChangeKind.CLOSED,
    TransitionReason.REOPENED: ChangeKind.REOPENED,
    TransitionReason.LEASE_EXPIRED: ChangeKind.LEASE_EXPIRED,
    TransitionReason.CLAIMED: ChangeKind.CLAIMED,
    TransitionReason.HANDED_OVER: ChangeKind.HANDED_OVER,
    TransitionReason.NOTED: ChangeKind.NOTED,
}
_NO_MOVE = frozenset(
    {TransitionReason.LEASE_EXPIRED, TransitionReason.NOTED}
)  # make nobody's command stale
_PEOPLE = (
    "owner",
    "acknowledged_at",
    "held_since",
    "lease_until",
    "verdict_by",
    "verdict_at",
    "cosign_wanted_by",
    "closed_by",
    "closed_at",
)


def run(
    connection: sa.Connection, wanted: CommandRequest, now: float, leases: Leases
) -> CommandResult:
    """Carry out a command once; raises `KeyReused` when its key came with another body."""
    earlier = _earlier(connection, wanted)
    if earlier is not None:
        return earlier
    query = sa.select(alert).where(alert.c.id == wanted.alert_id)
    row = connection.execute(query.where(*seen_by(wanted.actor.scope))).one_or_none()
    if row is None:
        return CommandResult(
            outcome=CommandOutcome.NOT_FOUND, why=TransitionReason.UNKNOWN_ALERT, alert=None
        )
    decision = decide(_life(row), _order(wanted), now, leases)
    if decision.outcome is CommandOutcome.DONE:
        version = _write(connection, row, decision, now)
        add_log(connection, _log_line(wanted, row, decision, version, now))
    result = CommandResult(
        outcome=decision.outcome,
        why=decision.why,
        alert=one(connection, wanted.alert_id, wanted.actor.scope),
        by=decision.by,
        by_name=name_of(connection, decision.by),
        at=decision.at,
    )
    _remember(connection, wanted, result, now)
    return result


def expire_leases(connection: sa.Connection, now: float) -> list[str]:
    """Free the alerts whose lease ran out; they speak again and are the leader's."""
    query = sa.select(alert).where(alert.c.lease_until <= now).order_by(alert.c.lease_until)
    freed = []
    for row in connection.execute(query).all():
        decision = expire_lease(_life(row), now)
        if decision is None:
            continue
        version = _write(connection, row, decision, now)
        details = {"held_by": decision.by, "lease_until": row.lease_until, "version": version}
        if row.shelf_id is not None:
            details["shelf"] = row.shelf_id  # why nobody heard it
        line = AuditEntry(
            at=now,
            action=ChangeKind.LEASE_EXPIRED.value,
            object_id=row.id,
            reason=decision.why.value,
            details=details,
            sealed=(("alert", row.id),),
        )
        add_log(connection, line)
        freed.append(str(row.id))
    return freed


def forget_keys(connection: sa.Connection, before: float) -> int:
    """Drop idempotency keys that nobody will send again."""
    gone = sa.delete(idempotency).where(idempotency.c.at < before)
    return connection.execute(gone).rowcount


def _write(connection: sa.Connection, row: sa.Row[Any], decision: Transition, now: float) -> int:
    """The alert after a decision, if it is still as it was read; and its change."""
    version = int(row.version) + 1
    values = {name: getattr(decision.life, name) for name in _PEOPLE}
    values |= {
        "state": decision.life.state.value,
        "verdict": decision.life.verdict and decision.life.verdict.value,
        "reject_reason": decision.life.reject_reason and decision.life.reject_reason.value,
        "version": version,
        "people_version": row.people_version if decision.why in _NO_MOVE else version,
    }
    values |= _effects(connection, row, decision, now)
    unchanged = sa.and_(alert.c.id == row.id, alert.c.version == row.version)
    connection.execute(sa.update(alert).where(unchanged).values(values).returning(alert.c.id)).one()
    line = ChangeRecord(
        alert_id=row.id,
        version=version,
        kind=_CHANGE[decision.why],
        reason=decision.why.value,
        at=now,
    )
    add_change(connection, line)
    return version


def _effects(
    connection: sa.Connection, row: sa.Row[Any], decision: Transition, now: float
) -> dict[str, Any]:
    """What a decision means for the episode and its voice."""
    match decision.why:
        case TransitionReason.LEASE_EXPIRED:
            return {"spoke_at": now, "spoke_reason": decision.why.value, "escalated_at": now}
        case (
            TransitionReason.CONFIRMED | TransitionReason.REJECTED | TransitionReason.COSIGNED
        ):  # judged as it was seen: growth counts on
            return {"spoken_priority": row.priority, "spoken_area": row.largest_area, **OFF_SHELF}
        case TransitionReason.CLOSED:
            return {"episode_open": False, **OFF_SHELF}
        case TransitionReason.REOPENED:
            return {"episode_open": not _has_newer(connection, row)}
        case _:
            return {}


def _has_newer(connection: sa.Connection, row: sa.Row[Any]) -> bool:
    """Whether another alert holds the episode now."""
    query = sa.select(alert.c.id).where(
        alert.c.dedup_key == row.dedup_key, alert.c.episode_open, alert.c.id != row.id
    )
    return connection.execute(query).first() is not None


def _life(row: sa.Row[Any]) -> AlertProgress:
    return AlertProgress(
        state=AlertState(row.state),
        priority=row.priority,
        version=row.version,
        people_version=row.people_version,
        verdict=None if row.verdict is None else AlertState(row.verdict),
        reject_reason=None if row.reject_reason is None else RejectReason(row.reject_reason),
        is_system=is_system(row.kind),
        **{name: getattr(row, name) for name in _PEOPLE},
    )


def _order(wanted: CommandRequest) -> AlertCommand:
    return AlertCommand(
        action=wanted.action,
        username=wanted.actor.username,
        role=wanted.actor.role,
        expected_version=wanted.expected_version,
        reason=wanted.reason,
        note=wanted.note,
        to=wanted.to,
        to_refused=wanted.to_refused,
    )


def _log_line(
    wanted: CommandRequest, row: sa.Row[Any], decision: Transition, version: int, now: float
) -> AuditEntry:
    reason = decision.life.reject_reason if wanted.action is AlertAction.REJECT else wanted.reason
    action = AlertAction.ACKNOWLEDGE if decision.why is TransitionReason.TAKEN else wanted.action
    details = {
        "why": decision.why.value,
        "from": row.state,
        "to": decision.life.state.value,
        "version": version,
        "seen_version": wanted.expected_version,
        "key": wanted.idempotency_key,
    }
    if decision.life.owner != row.owner and row.owner is not None:
        details |= {"held_by": row.owner, "holder": decision.life.owner}
    return AuditEntry(
        at=now,
        actor=wanted.actor.username,
        role=wanted.actor.role.value,
        action=action.value,
        object_id=wanted.alert_id,
        reason=reason,
        note=wanted.note,
        details=details,
        sealed=(("alert", wanted.alert_id),),
    )


def _earlier(connection: sa.Connection, wanted: CommandRequest) -> CommandResult | None:
    query = sa.select(idempotency).where(
        idempotency.c.username == wanted.actor.username,
        idempotency.c.key == wanted.idempotency_key,
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.body_sha256 != _body_sha256(wanted):
        raise KeyReused(f"idempotency key {wanted.idempotency_key!r} came with another command")
    result = _results().validate_json(row.result)
    return CommandResult(
        outcome=result.outcome,
        why=result.why,
        alert=result.alert,
        by=result.by,
        by_name=result.by_name,
        at=result.at,
        replayed=True,
    )


def _remember(
    connection: sa.Connection, wanted: CommandRequest, result: CommandResult, now: float
) -> None:
    connection.execute(
        sa.insert(idempotency).values(
            username=wanted.actor.username,
            key=wanted.idempotency_key,
            body_sha256=_body_sha256(wanted),
            result=_results().dump_json(result).decode(),
            at=now,
        )
    )


def _body_sha256(wanted: CommandRequest) -> str:
    body = [
        wanted.alert_id,
        wanted.action.value,
        wanted.expected_version,
        wanted.reason,
        wanted.note,
    ]
    if wanted.to is not None:  # keys of the time before hand-overs stay valid
        body.append(wanted.to)
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()


def _results() -> TypeAdapter[CommandResult]:
    return TypeAdapter(CommandResult)
