"""Corroboration of alerts by calls and devices, and its withdrawal."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import raised_to_p1
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_writer import change_alert
from thapcanh.alerts.alert.answering_order import Corroboration
from thapcanh.alerts.alert.deduplication import AlertCondition, DedupReason
from thapcanh.alerts.incidents.calls import CallKind, is_telling
from thapcanh.alerts.incidents.following import open_for_alerts
from thapcanh.alerts.incidents.incident_state import Disposition, MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident_member
from thapcanh.alerts.incidents.kinds import ClassGroup, alert_kinds
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.config.rules import Priority
from thapcanh.detection.event import CORROBORATED

UNTRUE = (Disposition.HOAX.value, Disposition.FALSE_ALARM.value)
BURNING_CALLS = sorted(kind.value for kind in CallKind if is_telling(kind))
OPEN = (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value)
_BURNING = sorted(alert_kinds(ClassGroup.BURNING))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWitness:
    """Corroborating source; `said` starts the alert's reason."""

    of: Corroboration
    name: str
    why: DedupReason
    said: str


def confirm_by_call(connection: sa.Connection, row: sa.Row[Any], number: str, now: float) -> None:
    said = f"{CORROBORATED} {number}"
    witness = AlertWitness(
        of=Corroboration.CALL, name=number, why=DedupReason.CALL_AGREES, said=f"{said} · "
    )
    confirm_by_source(connection, row, witness, now)


def confirm_by_source(
    connection: sa.Connection, row: sa.Row[Any], witness: AlertWitness, now: float
) -> None:
    """Make an alert a confirmed P1, and announce it."""
    reason = row.reason if witness.said in row.reason else f"{witness.said}{row.reason}"
    values = {
        **raised_to_p1(witness.why, reason, now),
        "corroboration": witness.of.value,
        "corroborated_by": witness.name,
    }
    _write(connection, row, witness, values, now)
    open_for_alerts(connection, [row.id], now)


def _write(
    connection: sa.Connection,
    row: sa.Row[Any],
    witness: AlertWitness,
    values: dict[str, Any],
    now: float,
) -> None:
    """Change an alert because of a corroborating source, with change and log entry."""
    version = change_alert(connection, row, values)
    kind = ChangeKind.SPOKE if "spoke_at" in values else ChangeKind.UPDATED
    change = ChangeRecord(alert_id=row.id, version=version, kind=kind, reason=witness.why, at=now)
    add_change(connection, change)
    entry = AuditEntry(
        at=now,
        action=kind.value,
        object_id=row.id,
        reason=witness.why,
        details={witness.of.value: witness.name, "from": row.priority, "version": version},
    )
    add_log(connection, entry)


def confirm_by_members(connection: sa.Connection, incident_id: str, now: float) -> None:
    """Mark the P1 of an incident that people joined with a corroborating call."""
    members = sa.select(incident_member.c.member_id).where(
        incident_member.c.incident_id == incident_id, incident_member.c.left_at.is_(None)
    )
    of_call = members.where(incident_member.c.type == MemberType.CALL.value)
    calls = sa.select(call.c.number).where(call.c.id.in_(of_call), call.c.kind.in_(BURNING_CALLS))
    number = connection.execute(calls.order_by(call.c.at).limit(1)).scalar_one_or_none()
    if number is None:
        return
    query = sa.select(alert).where(
        alert.c.id.in_(members.where(incident_member.c.type == MemberType.ALERT.value)),
        alert.c.priority == Priority.P1,
        gains(),
        *is_unjudged(),
    )
    for row in connection.execute(query.order_by(alert.c.raised_at)).all():
        confirm_by_call(connection, row, str(number), now)


def withdraw_calls(connection: sa.Connection, incident_id: str, now: float) -> None:
    """Remove the marks that an incident's calls gave: they were not true."""
    of_call = sa.select(incident_member.c.member_id).where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.left_at.is_(None),
        incident_member.c.type == MemberType.CALL.value,
    )
    query = sa.select(alert).where(
        alert.c.corroboration == Corroboration.CALL.value,
        alert.c.corroborated_by.in_(sa.select(call.c.number).where(call.c.id.in_(of_call))),
        alert.c.state.in_(OPEN),
    )
    for row in connection.execute(query.order_by(alert.c.raised_at)).all():
        values = {"corroboration": None, "corroborated_by": None}
        number = str(row.corroborated_by)
        untrue = AlertWitness(
            of=Corroboration.CALL, name=number, why=DedupReason.CALL_UNTRUE, said=""
        )
        _write(connection, row, untrue, values, now)


def gains() -> sa.ColumnElement[bool]:
    """Return the condition that corroboration changes an alert: a marked P1 stays."""
    return sa.or_(alert.c.priority > Priority.P1, alert.c.corroboration.is_(None))


def is_unjudged() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition: burning, open, without a verdict."""
    return (
        alert.c.kind.in_(_BURNING),
        alert.c.exercise.is_(False),
        alert.c.verdict.is_(None),
        alert.c.condition == AlertCondition.ACTIVE.value,
        alert.c.state.in_(OPEN),
    )
