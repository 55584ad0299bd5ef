"""Shelved alerts: put on a shelf, moved, released; one transaction each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_writer import change_alert
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.store.audit_log import AuditEntry, ChangeRecord, add_change, add_log
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.roles import SYSTEM, Actor
from thapcanh.alerts.suppression.shelving import ON_SHELF, Shelving, UnshelveReason, covers, shelf

OFF_SHELF: Mapping[str, Any] = MappingProxyType({"shelf_id": None, "shelved_until": None})
_STATES = sorted(state.value for state in ON_SHELF)
_FIELDS = tuple(name for name in Shelving.__dataclass_fields__ if name != "alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvingStep:
    """Actor and time of a step; no actor if time ended the shelf."""

    by: Actor | None
    now: float


@dataclass(frozen=True, slots=True)
class _Reported:
    kind: ChangeKind
    reason: str
    shelf: Shelving
    step: ShelvingStep


def shelving_of(row: sa.Row[Any], alerts: int = 0) -> Shelving:
    return Shelving(**{name: getattr(row, name) for name in _FIELDS}, alerts=alerts)


class ShelvingsInForce:
    """Present shelves of some cameras, for one transaction."""

    def __init__(self, connection: sa.Connection, camera_ids: Collection[str]) -> None:
        query = sa.select(shelf).where(
            shelf.c.camera_id.in_(sorted(camera_ids)), shelf.c.ended_at.is_(None)
        )
        rows = connection.execute(query.order_by(shelf.c.until.desc())).all()
        self._shelves = [shelving_of(row) for row in rows]

    def covering(self, row: AlertRow | sa.Row[Any]) -> Shelving | None:
        """Return the longest-lasting shelf that covers an alert, or None."""
        if not _may_lie(row):
            return None
        return next((each for each in self._shelves if _covers(each, row)), None)

    def lying(self, row: AlertRow) -> tuple[str, float] | tuple[None, None]:
        """Return an alert's shelf and its end; an alert that became P1 leaves a lesser shelf.

        The caller announces the alert anyway.
        """
        found = self.covering(row)
        return (None, None) if found is None else (found.id, found.until)


def fill(connection: sa.Connection, made: Shelving, by: Actor, now: float) -> None:
    """Put every open alert that a new shelf covers on it."""
    query = sa.select(alert).where(
        alert.c.camera_id == made.camera_id, alert.c.state.in_(_STATES), alert.c.shelf_id.is_(None)
    )
    for row in connection.execute(query).all():
        if _may_lie(row) and _covers(made, row):
            _lay(connection, row, made, ShelvingStep(by=by, now=now))


def empty(
    connection: sa.Connection, ended: Shelving, why: UnshelveReason, step: ShelvingStep
) -> None:
    """Release alerts of an ended shelf, to another that covers them or to the desk."""
    query = sa.select(alert).where(alert.c.shelf_id == ended.id)
    for row in connection.execute(query).all():
        found = ShelvingsInForce(connection, [row.camera_id]).covering(row)
        if found is not None:
            _lay(connection, row, found, step)
            continue
        values = {**OFF_SHELF, "spoke_at": step.now, "spoke_reason": why.value}
        _report(connection, row, values, _Reported(ChangeKind.UNSHELVED, why.value, ended, step))


def counts(connection: sa.Connection, ids: Sequence[str]) -> dict[str, int]:
    query = sa.select(alert.c.shelf_id, sa.func.count()).where(alert.c.shelf_id.in_(ids))
    rows = connection.execute(query.group_by(alert.c.shelf_id)).all()
    return {str(shelf_id): int(count) for shelf_id, count in rows}


def _lay(connection: sa.Connection, row: sa.Row[Any], on: Shelving, step: ShelvingStep) -> None:
    values = {"shelf_id": on.id, "shelved_until": on.until}
    _report(
        connection, row, values, _Reported(ChangeKind.SHELVED, ChangeKind.SHELVED.value, on, step)
    )


def _report(
    connection: sa.Connection, row: sa.Row[Any], values: dict[str, Any], reported: _Reported
) -> None:
    """Change an alert, with its change and log entry."""
    note = reported.shelf.reason if reported.kind is ChangeKind.SHELVED else None
    version = change_alert(connection, row, values, note)
    line = ChangeRecord(
        alert_id=row.id,
        version=version,
        kind=reported.kind,
        reason=reported.reason,
        at=reported.step.now,
    )
    add_change(connection, line)
    by = reported.step.by
    log = AuditEntry(
        at=reported.step.now,
        actor=SYSTEM if by is None else by.username,
        role=SYSTEM if by is None else by.role.value,
        action=reported.kind.value,
        object_id=row.id,
        reason=reported.reason,
        note=note,
        details={"shelf": reported.shelf.id, "until": reported.shelf.until, "version": version},
    )
    add_log(connection, log)


def _may_lie(row: AlertRow | sa.Row[Any]) -> bool:
    return row.state in _STATES and not row.exercise


def _covers(on: Shelving, row: AlertRow | sa.Row[Any]) -> bool:
    return on.camera_id == row.camera_id and covers(
        on, rule_id=row.rule_id, zone_id=row.zone_id, priority=row.priority, kind=row.kind
    )
