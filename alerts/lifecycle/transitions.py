"""Transitions of alerts by people or time, written with change and log entry."""

from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import (
    AlertProgress,
    AlertState,
    DecisionContext,
    Leases,
    RejectReason,
    Transition,
    TransitionReason,
)
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_writer import change_alert
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.lifecycle.ownership import relieved as relieve
from thapcanh.alerts.lifecycle.state_machine import expire as expire_lease
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.signals.device_events import is_told_by_device
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.clock_set_back import is_due
from thapcanh.alerts.store.database import MOST_AT_ONCE
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, AlertAction
from thapcanh.alerts.store.seals.written_rows import SEALED
from thapcanh.alerts.suppression.shelved_alerts import OFF_SHELF

_CHANGE = {
    TransitionReason.TAKEN: ChangeKind.ACKNOWLEDGED,
    TransitionReason.CONFIRMED: ChangeKind.CONFIRMED,
    TransitionReason.REJECTED: ChangeKind.REJECTED,
    TransitionReason.COSIGNED: ChangeKind.REJECTED,
    TransitionReason.AWAITS_COSIGN: ChangeKind.COSIGN_WANTED,
    TransitionReason.CLOSED: ChangeKind.CLOSED,
    TransitionReason.REOPENED: ChangeKind.REOPENED,
    TransitionReason.LEASE_EXPIRED: ChangeKind.LEASE_EXPIRED,
    TransitionReason.LEASE_RENEWED: ChangeKind.LEASE_RENEWED,
    TransitionReason.CLAIMED: ChangeKind.CLAIMED,
    TransitionReason.HANDED_OVER: ChangeKind.HANDED_OVER,
    TransitionReason.NOTED: ChangeKind.NOTED,
    TransitionReason.RECEIVED: ChangeKind.NOTED,
}
_NO_MOVE = frozenset(  # make nobody's command stale
    {
        TransitionReason.LEASE_EXPIRED,
        TransitionReason.LEASE_RENEWED,
        TransitionReason.NOTED,
        TransitionReason.RECEIVED,
    }
)
AnyRow = sa.Row[Any] | AlertRow
_NEWEST_LINES = 2000  # of the action log: more than all desks do in the longest lease of a P1
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


def expire_leases(connection: sa.Connection, now: float, leases: Leases) -> list[str]:
    """Free the alerts with an expired lease; they are announced and go to the leader.

    Leases of officers at work are renewed. Return the changed ids, at most `MOST_AT_ONCE`; called
    every second.
    """
    query = sa.select(alert).where(lease_is_over(now)).order_by(alert.c.lease_until)
    rows = connection.execute(query.limit(MOST_AT_ONCE)).all()
    worked = _worked_at(connection, {row.owner for row in rows if row.owner is not None})
    freed = []
    for row in rows:
        decision = expire_lease(progress_of(row), now, leases, worked.get(row.owner))
        if decision is None:
            continue
        version = write_transition(connection, row, decision, now)
        details = {"held_by": decision.by, "lease_until": row.lease_until, "version": version}
        if row.shelf_id is not None:
            details["shelf"] = row.shelf_id  # why nobody heard it
        line = AuditEntry(
            at=now,
            action=_CHANGE[decision.why].value,
            object_id=row.id,
            reason=decision.why.value,
            details=details,
        )
        add_log(connection, line)
        freed.append(str(row.id))
    return freed


def lease_is_over(now: float) -> sa.ColumnElement[bool]:
    """Return the condition of an expired lease, or one from before the clock was put back."""
    held = alert.c.state == AlertState.ACKNOWLEDGED.value
    return sa.and_(is_due(alert.c.lease_until, alert.c.held_since, now), held)


def give_all(
    connection: sa.Connection, giver: str, actor: Actor, now: float, leases: Leases
) -> int:
    """Hand over all alerts of an officer that the next one may see; return how many."""
    query = sa.select(alert).where(alert.c.owner == giver, *owned_by(alert, actor.scope))
    given_count = 0
    for row in connection.execute(query.order_by(alert.c.raised_at)).all():
        decision = relieve(
            progress_of(row), actor.username, DecisionContext(now=now, leases=leases)
        )
        if decision is None:
            continue
        version = write_transition(connection, row, decision, now)
        details = {"why": decision.why.value, "from": row.state, "to": row.state}
        line = AuditEntry(
            at=now,
            actor=actor.username,
            role=actor.role.value,
            action=AlertAction.HAND_OVER.value,
            object_id=row.id,
            details=details | {"version": version, "held_by": giver, "holder": actor.username},
        )
        add_log(connection, line)
        given_count += 1
    return given_count


def write_transition(
    connection: sa.Connection,
    row: sa.Row[Any],
    decision: Transition,
    now: float,
    note: str | None = None,
) -> int:
    """Write an alert after a decision if it is still as read, with its change."""
    values = values_after(connection, row, decision, now)
    version = change_alert(connection, row, values, note)
    add_change(connection, change_of(row.id, decision, version, now))
    return version


def change_of(alert_id: str, decision: Transition, version: int, now: float) -> ChangeRecord:
    return ChangeRecord(
        alert_id=alert_id,
        version=version,
        kind=_CHANGE[decision.why],
        reason=decision.why.value,
        at=now,
    )


def values_after(
    connection: sa.Connection, row: AnyRow, decision: Transition, now: float
) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(decision.life, name) for name in _PEOPLE}
    values |= {
        "state": decision.life.state.value,
        "verdict": decision.life.verdict and decision.life.verdict.value,
        "reject_reason": decision.life.reject_reason and decision.life.reject_reason.value,
        "people_version": row.people_version if decision.why in _NO_MOVE else row.version + 1,
    }
    return values | _effects(connection, row, decision, now)


def progress_of(row: AnyRow) -> AlertProgress:
    """Return what people have done with the alert of this row."""
    return AlertProgress(
        state=AlertState(row.state),
        priority=row.priority,
        version=row.version,
        people_version=row.people_version,
        verdict=None if row.verdict is None else AlertState(row.verdict),
        reject_reason=None if row.reject_reason is None else RejectReason(row.reject_reason),
        is_system=is_system(row.kind),
        is_told_by_device=is_told_by_device(row.kind, row.rule_id),
        **{name: getattr(row, name) for name in _PEOPLE},
    )


def _worked_at(connection: sa.Connection, owners: set[str]) -> dict[str, float]:
    """Return when each person last acted, by the newest log entries."""
    if not owners:
        return {}
    newest = sa.select(action_log.c.actor, action_log.c.at)
    newest = (
        newest.where(action_log.c.action != SEALED)
        .order_by(action_log.c.seq.desc())
        .limit(_NEWEST_LINES)
    )
    lines = newest.subquery()
    query = sa.select(lines.c.actor, sa.func.max(lines.c.at)).where(lines.c.actor.in_(owners))
    return {row[0]: row[1] for row in connection.execute(query.group_by(lines.c.actor))}


def _effects(
    connection: sa.Connection, row: AnyRow, decision: Transition, now: float
) -> dict[str, Any]:
    """Return the effects of a decision on the episode and its announcements."""
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


def _has_newer(connection: sa.Connection, row: AnyRow) -> bool:
    query = sa.select(alert.c.id).where(
        alert.c.dedup_key == row.dedup_key, alert.c.episode_open, alert.c.id != row.id
    )
    return connection.execute(query).first() is not None
