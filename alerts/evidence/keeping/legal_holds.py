"""Legal holds: evidence that must not be deleted.

Retention checks it in its deleting transaction. Rows are never deleted.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata

hold = sa.Table(
    "hold",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("set_by", sa.Text(), nullable=False),
    sa.Column("set_at", sa.Double(), nullable=False),
    sa.Column("ended_at", sa.Double()),
    sa.Column("ended_by", sa.Text()),
    sa.Column("end_reason", sa.Text()),
)
sa.Index(
    "uq_hold_in_force",
    hold.c.alert_id,
    unique=True,
    sqlite_where=hold.c.ended_at.is_(None),
    postgresql_where=hold.c.ended_at.is_(None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """Hold on one alert's evidence."""

    id: str
    alert_id: str
    reason: str
    set_by: str
    set_at: float
    ended_at: float | None = None
    ended_by: str | None = None
    end_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAlert:
    """A hold in force, and what it holds."""

    hold: LegalHold
    number: str
    kind: str
    camera_name: str
    raised_at: float


class LegalHoldRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def place(self, alert_id: str, reason: str, actor: Actor, now: float) -> LegalHold | None:
        """Place a hold; return the one in force, or None if there is no such alert."""
        with self._db.writing() as connection:
            if not _sees(connection, alert_id, actor.scope):
                return None
            existing = in_force(connection, alert_id)
            if existing is not None:
                return existing
            placed = LegalHold(
                id=str(uuid7()),
                alert_id=alert_id,
                reason=reason,
                set_by=actor.username,
                set_at=now,
            )
            values = {name: getattr(placed, name) for name in LegalHold.__dataclass_fields__}
            connection.execute(sa.insert(hold).values(values))
            add_log(connection, _line("evidence_held", placed, actor, now, reason))
            return placed

    def release(self, alert_id: str, reason: str, actor: Actor, now: float) -> LegalHold | None:
        with self._db.writing() as connection:
            existing = in_force(connection, alert_id)
            if existing is None or not _sees(connection, alert_id, actor.scope):
                return None
            values = {"ended_at": now, "ended_by": actor.username, "end_reason": reason}
            ended = sa.update(hold).where(hold.c.id == existing.id).values(values).returning(hold)
            row = connection.execute(ended).one()
            add_log(connection, _line("evidence_released", existing, actor, now, reason))
            return _hold(row)

    def of(self, alert_id: str) -> LegalHold | None:
        with self._db.reading() as connection:
            return in_force(connection, alert_id)

    def all_in_force(self, scope: DataFilter, limit: int) -> list[HeldAlert]:
        """Return the held alerts in scope, the newest hold first."""
        facts = (alert.c.number, alert.c.kind, alert.c.camera_name, alert.c.raised_at)
        query = sa.select(hold, *facts).join(alert, alert.c.id == hold.c.alert_id)
        query = query.where(hold.c.ended_at.is_(None), *owned_by(alert, scope))
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(hold.c.set_at.desc()).limit(limit)).all()
        return [
            HeldAlert(
                hold=_hold(row),
                number=row.number,
                kind=row.kind,
                camera_name=row.camera_name,
                raised_at=row.raised_at,
            )
            for row in rows
        ]


def in_force(connection: sa.Connection, alert_id: str) -> LegalHold | None:
    """Return the hold in force on an alert, in the caller's transaction."""
    query = sa.select(hold).where(hold.c.alert_id == alert_id, hold.c.ended_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _hold(row)


def _sees(connection: sa.Connection, alert_id: str, scope: DataFilter) -> bool:
    query = sa.select(alert.c.id).where(alert.c.id == alert_id, *owned_by(alert, scope))
    return connection.execute(query).first() is not None


def _line(action: str, held: LegalHold, actor: Actor, now: float, reason: str) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=held.alert_id,
        note=reason,
        details={"hold": held.id},
    )


def _hold(row: sa.Row[Any]) -> LegalHold:
    return LegalHold(**{name: getattr(row, name) for name in LegalHold.__dataclass_fields__})
