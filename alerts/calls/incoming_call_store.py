"""Calls of telephone exchanges: stored, accepted, linked to the written call.

Thread-safe; every method is one transaction.
"""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.incoming_calls import (
    RINGS_AT_MOST_S,
    AcceptOutcome,
    IncomingCall,
    IncomingNotice,
    IncomingState,
    advanced,
    begun,
    taken,
)
from thapcanh.alerts.store.audit_log import AuditEntry, add_log, next_change_seq
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import TooManyRinging
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata

WAITS_AT_MOST_S = 24 * 3600.0  # a call that nobody wrote down leaves the officers' list
_MOST_RINGING = 500  # of one exchange
_MOST_LISTED = 100
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
incoming_call = sa.Table(
    "incoming_call",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("exchange", _Text, nullable=False),
    sa.Column("exchange_call_id", _Text, nullable=False),
    sa.Column("line", _Text, nullable=False),
    sa.Column("caller", _Text),
    sa.Column("state", _Text, nullable=False),
    sa.Column("began_at", _Time, nullable=False),
    sa.Column("answered_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("taken_by", _Text),
    sa.Column("taken_at", _Time),
    sa.Column("call_id", _Text, sa.ForeignKey("call.id")),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
    sa.UniqueConstraint("exchange", "exchange_call_id", name="uq_incoming_call_exchange_call"),
)
_waits = incoming_call.c.call_id.is_(None)
sa.Index(
    "ix_incoming_call_waiting",
    incoming_call.c.began_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingChanges:
    """Calls that changed after a number, each with its newest; `last_seq` is how far they reach."""

    items: tuple[tuple[int, IncomingCall], ...]
    last_seq: int


class IncomingCallRepository:
    """Repository of exchanges' calls."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, reported: IncomingNotice) -> IncomingCall:
        """Store a notice of an exchange, once. Raise `TooManyRinging`."""
        with self._db.writing() as connection:
            existing = _by_exchange(connection, reported)
            if existing is None:
                _refuse_flood(connection, reported.exchange)
                new = begun(str(uuid7()), reported)
                values = {**_values(new), "seq": next_change_seq(connection)}
                connection.execute(sa.insert(incoming_call).values(values))
                return new
            after = advanced(existing, reported)
            if after is not existing:
                _save(connection, after)
            return after

    def waiting(self, scope: DataFilter, now: float) -> list[IncomingCall]:
        """Return unwritten calls of the last day: ringing ones, then the newest."""
        query = sa.select(incoming_call).where(
            incoming_call.c.call_id.is_(None),
            incoming_call.c.began_at >= now - WAITS_AT_MOST_S,
            *owned_by(incoming_call, scope),
        )
        over = sa.case((incoming_call.c.state == IncomingState.RINGING.value, 0), else_=1)
        ordered = query.order_by(over, incoming_call.c.began_at.desc(), incoming_call.c.id.desc())
        with self._db.reading() as connection:
            rows = connection.execute(ordered.limit(_MOST_LISTED)).all()
        return [_incoming(row) for row in rows]

    def take(
        self, actor: Actor, incoming_id: str, now: float
    ) -> tuple[AcceptOutcome, IncomingCall | None]:
        """Accept a call for an officer; the first one has it."""
        with self._db.writing() as connection:
            existing = _one(connection, incoming_id, actor.scope)
            if existing is None:
                return AcceptOutcome.UNKNOWN, None
            outcome, after = taken(existing, actor.username, now)
            if after is not existing:
                _save(connection, after)
                add_log(connection, _entry("incoming_call_taken", actor, after, now))
            return outcome, after

    def end_lost(self, now: float) -> int:
        """Mark calls as missed that ring far too long without an end."""
        late = sa.select(incoming_call).where(
            incoming_call.c.call_id.is_(None),
            incoming_call.c.state == IncomingState.RINGING.value,
            incoming_call.c.began_at < now - RINGS_AT_MOST_S,
        )
        with self._db.reading() as connection:
            if connection.execute(late.limit(1)).first() is None:
                return 0
        with self._db.writing() as connection:
            found = [_incoming(row) for row in connection.execute(late)]
            for call in found:
                _save(connection, replace(call, state=IncomingState.MISSED, ended_at=now))
        return len(found)

    def forget(self, before: float) -> int:
        """Delete calls that began before a time; written calls stay."""
        removed = sa.delete(incoming_call).where(incoming_call.c.began_at < before)
        with self._db.writing() as connection:
            return connection.execute(removed).rowcount

    def changes_after(self, seq: int, limit: int) -> IncomingChanges:
        """Return calls changed after `seq`, regardless of scope."""
        query = sa.select(incoming_call).where(incoming_call.c.seq > seq)
        with self._db.reading() as connection:
            newest = int(connection.execute(sa.select(ledger.c.change_seq)).scalar_one())
            rows = connection.execute(query.order_by(incoming_call.c.seq).limit(limit)).all()
        items = tuple((int(row.seq), _incoming(row)) for row in rows)
        return IncomingChanges(items=items, last_seq=items[-1][0] if len(rows) == limit else newest)


def link_written(
    connection: sa.Connection, incoming_id: str, call_id: str, scope: DataFilter
) -> bool:
    """Link an exchange's call to the written one; return False if impossible."""
    existing = _one(connection, incoming_id, scope)
    if existing is None or existing.call_id is not None:
        return False
    values = {"call_id": call_id, "seq": next_change_seq(connection)}
    matching = incoming_call.c.id == incoming_id
    connection.execute(sa.update(incoming_call).where(matching).values(values))
    return True


def _refuse_flood(connection: sa.Connection, exchange: str) -> None:
    ringing = sa.select(sa.func.count()).where(
        incoming_call.c.call_id.is_(None),
        incoming_call.c.exchange == exchange,
        incoming_call.c.state == IncomingState.RINGING.value,
    )
    if int(connection.execute(ringing).scalar_one()) >= _MOST_RINGING:
        raise TooManyRinging(f"{_MOST_RINGING} calls of {exchange} are ringing")


def _by_exchange(connection: sa.Connection, reported: IncomingNotice) -> IncomingCall | None:
    query = sa.select(incoming_call).where(
        incoming_call.c.exchange == reported.exchange,
        incoming_call.c.exchange_call_id == reported.exchange_call_id,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _incoming(row)


def _one(connection: sa.Connection, incoming_id: str, scope: DataFilter) -> IncomingCall | None:
    matching = (incoming_call.c.id == incoming_id, *owned_by(incoming_call, scope))
    row = connection.execute(sa.select(incoming_call).where(*matching)).one_or_none()
    return None if row is None else _incoming(row)


def _save(connection: sa.Connection, call: IncomingCall) -> None:
    values = {**_values(call), "seq": next_change_seq(connection)}
    matching = incoming_call.c.id == call.id
    connection.execute(sa.update(incoming_call).where(matching).values(values))


def _values(call: IncomingCall) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _FIELDS} | {"state": call.state.value}


def _incoming(row: sa.Row[Any]) -> IncomingCall:
    facts = {name: getattr(row, name) for name in _FIELDS}
    return IncomingCall(**facts | {"state": IncomingState(row.state)})


def _entry(action: str, actor: Actor, call: IncomingCall, now: float) -> AuditEntry:
    """Return the log entry without the caller's number: the log is permanent."""
    return AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=call.id,
        details={"exchange": call.exchange, "line": call.line, "state": call.state.value},
    )


_FIELDS = tuple(IncomingCall.__dataclass_fields__)
