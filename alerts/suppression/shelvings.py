"""Repository of shelvings: set, lifted, ended by time; thread-safe.

Each step is one transaction: shelf, alerts, changes, log.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import SYSTEM, Actor, DataFilter, leads
from thapcanh.alerts.suppression.shelved_alerts import (
    ShelvingStep,
    counts,
    empty,
    fill,
    shelving_of,
)
from thapcanh.alerts.suppression.shelving import (
    Shelving,
    ShelvingRefusalReason,
    ShelvingRefused,
    ShelvingRequest,
    UnshelveReason,
    shelf,
)
from thapcanh.config.rules import Priority

_MOST = 500


class ShelvingRepository:
    """Sets and ends shelves, and lists them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, actor: Actor, order: ShelvingRequest, now: float) -> Shelving:
        """Shelve, once per key. Raise `ShelvingRefused` or `KeyReused`."""
        if order.covers_p1 and not leads(actor.role):
            raise ShelvingRefused(ShelvingRefusalReason.NEEDS_LEADER)
        with self._db.writing() as connection:
            key, digest = order.idempotency_key, digest_of(order)
            earlier = earlier_answer(connection, actor.username, key, digest)
            if earlier is not None:
                return _one(connection, json.loads(earlier))
            _refuse_twin(connection, order)
            _refuse_over_confirmed(connection, order)
            made = _made(actor, order, now)
            connection.execute(sa.insert(shelf).values(made))
            remember(connection, actor.username, {key: (digest, json.dumps(made["id"]))}, now)
            reported = {name: made[name] for name in ("camera_id", "rule_id", "zone_id", "until")}
            deed = _Deed(
                action="shelf_set",
                shelf_id=made["id"],
                by=actor,
                note=order.reason,
                details=reported,
            )
            _log(connection, deed, now)
            fill(connection, _one(connection, made["id"]), actor, now)
            return _one(connection, made["id"])

    def lift(self, actor: Actor, shelf_id: str, reason: str | None, now: float) -> Shelving:
        """End a shelving early, once. Raises `ShelvingRefused` if it has ended already."""
        with self._db.writing() as connection:
            found = _visible(connection, shelf_id, actor.scope)
            if found.ended_at is not None and found.ended_by == actor.username:
                return found
            if found.ended_at is not None:
                raise ShelvingRefused(ShelvingRefusalReason.OVER, found)
            if found.covers_p1 and not leads(actor.role):
                raise ShelvingRefused(ShelvingRefusalReason.NEEDS_LEADER, found)
            values = {"ended_at": now, "ended_by": actor.username, "end_reason": reason}
            _end(connection, shelf_id, values)
            deed = _Deed(
                action=UnshelveReason.LIFTED.value, shelf_id=shelf_id, by=actor, note=reason
            )
            _log(connection, deed, now)
            empty(connection, found, UnshelveReason.LIFTED, ShelvingStep(by=actor, now=now))
            return _one(connection, shelf_id)

    def end_due(self, now: float) -> int:
        """End the due shelves; return how many."""
        due = sa.select(shelf).where(shelf.c.ended_at.is_(None), shelf.c.until <= now)
        with self._db.reading() as connection:  # the usual case needs no lock
            if connection.execute(due.limit(1)).first() is None:
                return 0
        with self._db.writing() as connection:
            over = [shelving_of(row) for row in connection.execute(due).all()]
            for each in over:
                _end(
                    connection, each.id, {"ended_at": now, "end_reason": UnshelveReason.ENDED.value}
                )
                _log(connection, _Deed(action=UnshelveReason.ENDED.value, shelf_id=each.id), now)
                empty(connection, each, UnshelveReason.ENDED, ShelvingStep(by=None, now=now))
            return len(over)

    def in_force(self, scope: DataFilter) -> list[Shelving]:
        query = sa.select(shelf).where(shelf.c.ended_at.is_(None), *owned_by(shelf, scope))
        return self._listed(query.order_by(shelf.c.until).limit(_MOST))

    def ended(self, scope: DataFilter, limit: int) -> list[Shelving]:
        """Return ended shelvings, the last first."""
        query = sa.select(shelf).where(shelf.c.ended_at.is_not(None), *owned_by(shelf, scope))
        return self._listed(query.order_by(shelf.c.ended_at.desc()).limit(limit))

    def _listed(self, query: sa.Select[Any]) -> list[Shelving]:
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
            lying = counts(connection, [row.id for row in rows])
        return [shelving_of(row, lying.get(row.id, 0)) for row in rows]


def _made(actor: Actor, order: ShelvingRequest, now: float) -> dict[str, Any]:
    return {
        **asdict(order.place),
        "id": str(uuid7()),
        "name": order.name,
        "reason": order.reason,
        "covers_p1": order.covers_p1,
        "set_by": actor.username,
        "set_at": now,
        "until": order.until,
        "ended_at": None,
        "ended_by": None,
        "end_reason": None,
    }


def _refuse_twin(connection: sa.Connection, order: ShelvingRequest) -> None:
    """Raise if the same place is shelved already."""
    place = order.place
    query = sa.select(shelf).where(
        shelf.c.camera_id == place.camera_id,
        shelf.c.rule_id.is_not_distinct_from(place.rule_id),
        shelf.c.zone_id.is_not_distinct_from(place.zone_id),
        shelf.c.ended_at.is_(None),
    )
    row = connection.execute(query).first()
    if row is not None:
        raise ShelvingRefused(ShelvingRefusalReason.ALREADY_SHELVED, shelving_of(row))


def _refuse_over_confirmed(connection: sa.Connection, order: ShelvingRequest) -> None:
    """Raise if P1 of a camera would be silent while a confirmed one of it is open."""
    if not order.covers_p1 or order.despite_confirmed:
        return
    query = sa.select(alert.c.id).where(
        alert.c.camera_id == order.place.camera_id,
        alert.c.state == AlertState.CONFIRMED.value,
        alert.c.priority == Priority.P1,
    )
    if connection.execute(query.limit(1)).first() is not None:
        raise ShelvingRefused(ShelvingRefusalReason.CONFIRMED_OPEN)


def _visible(connection: sa.Connection, shelf_id: str, scope: DataFilter) -> Shelving:
    query = sa.select(shelf).where(shelf.c.id == shelf_id, *owned_by(shelf, scope))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ShelvingRefused(ShelvingRefusalReason.NO_SUCH_SHELF)
    return shelving_of(row)


def _one(connection: sa.Connection, shelf_id: str) -> Shelving:
    row = connection.execute(sa.select(shelf).where(shelf.c.id == shelf_id)).one()
    return shelving_of(row, counts(connection, [shelf_id]).get(shelf_id, 0))


def _end(connection: sa.Connection, shelf_id: str, values: dict[str, Any]) -> None:
    connection.execute(sa.update(shelf).where(shelf.c.id == shelf_id).values(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """Log entry of a shelf; no actor if time ended it."""

    action: str
    shelf_id: str
    by: Actor | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def _log(connection: sa.Connection, deed: _Deed, now: float) -> None:
    line = AuditEntry(
        at=now,
        actor=SYSTEM if deed.by is None else deed.by.username,
        role=SYSTEM if deed.by is None else deed.by.role.value,
        action=deed.action,
        object_id=deed.shelf_id,
        note=deed.note,
        details=deed.details,
    )
    add_log(connection, line)
