"""Rows to records: an alert with its owner's name and its evidence, in two queries a page."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import user
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, evidence
from thapcanh.alerts.alert.answering_order import Corroboration, Urgency
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.alert.records import Alert, EvidenceRecord, LogEntry, StepTimes
from thapcanh.alerts.alert.typed_rows import by_name, from_column
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.rules import Priority

_CLIP = (EvidenceKind.CLIP_VIEWING, EvidenceKind.CLIP, EvidenceKind.CLIP_START)  # best first

URGENCY: sa.ColumnElement[int] = sa.case(  # as `urgency_of` has it
    (alert.c.kind.in_(sorted(SYSTEM_KINDS)), Urgency.SYSTEM.value),
    (alert.c.priority == Priority.P2, Urgency.P2.value),
    (alert.c.priority > Priority.P1, Urgency.P3.value),
    (alert.c.cosign_wanted_by.is_not(None), Urgency.P1_REJECTED.value),
    (alert.c.corroboration.is_not(None), Urgency.CORROBORATED.value),
    else_=Urgency.P1.value,
)


def one(connection: sa.Connection, alert_id: str, scope: DataFilter) -> Alert | None:
    """Return the alert, or None if the scope may not see it."""
    query = alert_query().where(alert.c.id == alert_id, *owned_by(alert, scope))
    found = alerts_of(connection, connection.execute(query).all())
    return found[0] if found else None


def alerts_by_id(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Alert]:
    """Return alerts by id, regardless of scope."""
    rows = connection.execute(alert_query().where(alert.c.id.in_(ids))).all()
    return {item.id: item for item in alerts_of(connection, rows)}


def alerts_of(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Alert]:
    """Return the records of alert rows, with the newest evidence of each kind."""
    files = _files(connection, [row.id for row in rows])
    return [_alert(row, files.get(row.id, {})) for row in rows]


def evidence_of(connection: sa.Connection, alert_id: str) -> list[EvidenceRecord]:
    """Return all evidence of an alert, oldest first."""
    query = _evidence().where(evidence.c.alert_id == alert_id)
    rows = connection.execute(query.order_by(evidence.c.added_at, evidence.c.path)).all()
    return [_evidence_record(row) for row in rows]


def evidence_by_id(
    connection: sa.Connection, evidence_id: str, scope: DataFilter
) -> EvidenceRecord | None:
    """Return a file's record, or None if the scope may not see it."""
    query = _evidence().where(evidence.c.id == evidence_id, *owned_by(alert, scope))
    row = connection.execute(query).one_or_none()
    return None if row is None else _evidence_record(row)


def log_of(connection: sa.Connection, alert_id: str) -> list[LogEntry]:
    """Return the action log of an alert, oldest first."""
    query = sa.select(action_log).where(action_log.c.object_id == alert_id)
    return [
        LogEntry(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            role=row.role,
            action=row.action,
            object_id=row.object_id,
            reason=row.reason,
            note=row.note,
            details=json.loads(row.details),
            hash=row.hash,
        )
        for row in connection.execute(query.order_by(action_log.c.seq))
    ]


def name_of(connection: sa.Connection, username: str | None) -> str | None:
    """Return a user's own name, or the username if the account does not exist."""
    if username is None:
        return None
    query = sa.select(user.c.name).where(user.c.username == username)
    return connection.execute(query).scalar_one_or_none() or username


def alert_query() -> sa.Select[Any]:
    """Return the query of every alert with its owner's name, to be narrowed."""
    owner = user.c.name.label("owner_name")
    return sa.select(alert, owner).outerjoin(user, user.c.username == alert.c.owner)


def _evidence() -> sa.Select[Any]:
    owner = (alert.c.agency.label("agency"), alert.c.area.label("area"))
    return sa.select(evidence, *owner).outerjoin(alert, alert.c.id == evidence.c.alert_id)


def _files(connection: sa.Connection, ids: Sequence[str]) -> dict[str, dict[EvidenceKind, str]]:
    """Return the newest existing file by alert and kind."""
    if not ids:
        return {}
    query = sa.select(evidence.c.alert_id, evidence.c.kind, evidence.c.id).where(
        evidence.c.alert_id.in_(ids), evidence.c.deleted_at.is_(None)
    )
    found: dict[str, dict[EvidenceKind, str]] = {}
    for row in connection.execute(query.order_by(evidence.c.added_at, evidence.c.path)):
        found.setdefault(row.alert_id, {})[EvidenceKind(row.kind)] = row.id
    return found


def _alert(row: sa.Row[Any], files: dict[EvidenceKind, str]) -> Alert:
    facts = by_name(row)
    return Alert(
        **{name: facts[name] for name in _SAME_NAME},
        state=AlertState(row.state),
        condition=AlertCondition(row.condition),
        box=(row.box_x, row.box_y, row.box_w, row.box_h),
        owner_name=row.owner_name or row.owner,
        snapshot=files.get(EvidenceKind.SNAPSHOT),
        snapshot_boxed=files.get(EvidenceKind.SNAPSHOT_BOXED),
        clip=next((files[kind] for kind in _CLIP if kind in files), None),
        steps=_steps(row),
        reasons=from_column(row.reasons),
        corroboration=None if row.corroboration is None else Corroboration(row.corroboration),
    )


_MADE = {
    "state",
    "condition",
    "box",
    "owner_name",
    "snapshot",
    "snapshot_boxed",
    "clip",
    "steps",
    "reasons",
    "corroboration",
}
_SAME_NAME = tuple(name for name in Alert.__dataclass_fields__ if name not in _MADE)


def _steps(row: sa.Row[Any]) -> StepTimes:
    return StepTimes(
        captured=row.captured_at,
        inferred=row.inferred_at,
        spooled=row.spooled_at,
        queued=row.queued_at,
        stored=row.stored_at,
        pushed=row.pushed_at,
        rendered=row.rendered_at,
        acknowledged=row.acknowledged_at,
        verified=row.verdict_at,
        closed=row.closed_at,
    )


def _evidence_record(row: sa.Row[Any]) -> EvidenceRecord:
    return EvidenceRecord(
        id=row.id,
        alert_id=row.alert_id,
        event_id=row.event_id,
        kind=EvidenceKind(row.kind),
        path=row.path,
        sha256=row.sha256,
        bytes=row.bytes,
        added_at=row.added_at,
        deleted_at=row.deleted_at,
        agency=row.agency,
        area=row.area,
    )
