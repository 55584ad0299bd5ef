"""Shifts, and the handover between officers; each step is in the action log.

A handover is signed only while no P1 in scope is unanswered, checked in the signing transaction.
"""

import json
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import Leases
from thapcanh.alerts.incidents.following import give_all_incidents
from thapcanh.alerts.lifecycle.transitions import give_all
from thapcanh.alerts.shifts.open_items import open_items, unanswered_p1
from thapcanh.alerts.shifts.shift_records import (
    Handover,
    HandoverOffer,
    OpenItem,
    Shift,
    ShiftRefusalReason,
    ShiftRefused,
)
from thapcanh.alerts.shifts.shift_tables import handover, shift
from thapcanh.alerts.store.audit_log import AuditEntry, AuditLogQuery, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Actor

_MOST_SHIFTS = 5000
_Stated = dict[str, bool | None]  # what is logged of a shift that is taken


class ShiftRepository:
    """Repository of shifts; thread-safe."""

    def __init__(self, database: Database, leases: Leases | None = None) -> None:
        self._db = database
        self._leases = leases or Leases()

    def take(
        self, actor: Actor, sound_heard: bool | None, now: float, *, in_roster: bool | None = None
    ) -> Shift:
        """Start duty, or update whether the sound is heard; the log records `in_roster`."""
        with self._db.writing() as connection:
            stated = {"sound_heard": sound_heard, "in_roster": in_roster}
            return _take(connection, actor, stated, now)

    def open_items(self, actor: Actor) -> tuple[list[OpenItem], int]:
        """Return what a handover would list now, the most urgent first, and the total."""
        with self._db.reading() as connection:
            return open_items(connection, actor)

    def blocking(self, actor: Actor) -> tuple[list[OpenItem], int]:
        """Return the first P1 that block the signature, and the total."""
        with self._db.reading() as connection:
            return unanswered_p1(connection, actor)

    def offer(self, actor: Actor, offered: HandoverOffer, now: float) -> Handover:
        """Sign the outgoing half; an earlier offer of the same shift is replaced."""
        with self._db.writing() as connection:
            matching = _open_shift(connection, actor.username)
            if matching is None:
                raise ShiftRefused(ShiftRefusalReason.NOT_ON_DUTY)
            _refuse_while_p1_waits(connection, actor)
            _close(connection, handover.c.shift_id == matching.id, "replaced", now)
            values = _work_of(connection, actor, matching, offered, now)
            connection.execute(sa.insert(handover).values(values))
            reported = {"action": "handover_offered", "object_id": values["id"]}
            _log(connection, actor, now, **reported, note=offered.note)
            return _handover(connection, values["id"])

    def accept(self, actor: Actor, handover_id: str, now: float) -> Handover:
        """Sign as the incoming officer: the other one is relieved, this one is on duty."""
        with self._db.writing() as connection:
            found = _handover(connection, handover_id)
            if found.from_username == actor.username:
                raise ShiftRefused(ShiftRefusalReason.OWN_HANDOVER)
            if found.to_username not in (None, actor.username):
                raise ShiftRefused(ShiftRefusalReason.FOR_ANOTHER)
            _refuse_while_p1_waits(connection, actor)
            _close(connection, handover.c.id == handover_id, "accepted", now)
            _end(connection, found.shift_id, actor.username, now, relieved=True)
            _take(
                connection, actor, {"sound_heard": None}, now
            )  # first: what is given counts in this shift
            provided = give_all(connection, found.from_username, actor, now, self._leases)
            incidents = give_all_incidents(connection, found.from_username, actor, now)
            left = give_all_incidents(connection, found.from_username, None, now)
            reported = {"action": "handover_accepted", "object_id": handover_id}
            counts = {"alerts": provided, "incidents": incidents, "given_back": left}
            _log(connection, actor, now, **reported, details=counts)
            return _one(connection, handover_id)

    def withdraw(self, actor: Actor, handover_id: str, now: float) -> Handover:
        with self._db.writing() as connection:
            if _handover(connection, handover_id).from_username != actor.username:
                raise ShiftRefused(ShiftRefusalReason.FOR_ANOTHER)
            _close(connection, handover.c.id == handover_id, "withdrawn", now)
            _log(connection, actor, now, action="handover_withdrawn", object_id=handover_id)
            return _one(connection, handover_id)

    def end(self, actor: Actor, shift_id: str, reason: str, now: float) -> None:
        """End an abandoned shift; for leaders."""
        with self._db.writing() as connection:
            if not _end(connection, shift_id, actor.username, now, relieved=False):
                raise ShiftRefused(ShiftRefusalReason.NO_SUCH_SHIFT)
            whose = sa.select(shift.c.username).where(shift.c.id == shift_id)
            left = str(connection.execute(whose).scalar_one())
            give_all_incidents(connection, left, None, now)
            _close(connection, handover.c.shift_id == shift_id, "ended", now)
            _log(connection, actor, now, action="shift_ended", object_id=shift_id, note=reason)

    def on_duty(self) -> list[Shift]:
        """Return everyone on duty, the longest first."""
        with self._db.reading() as connection:
            query = sa.select(shift).where(shift.c.ended_at.is_(None)).order_by(shift.c.taken_at)
            return [_shift(row) for row in connection.execute(query)]

    def offered(self) -> list[Handover]:
        with self._db.reading() as connection:
            query = sa.select(handover).where(handover.c.closed_at.is_(None))
            rows = connection.execute(query.order_by(handover.c.offered_at))
            return [_record(row) for row in rows]

    def recent(self, limit: int) -> list[Shift]:
        """Return the newest shifts."""
        with self._db.reading() as connection:
            query = sa.select(shift).order_by(shift.c.taken_at.desc()).limit(limit)
            return [_shift(row) for row in connection.execute(query)]

    def one(self, shift_id: str) -> Shift | None:
        with self._db.reading() as connection:
            row = connection.execute(sa.select(shift).where(shift.c.id == shift_id)).one_or_none()
            return None if row is None else _shift(row)

    def between(self, since: float, until: float) -> list[Shift]:
        with self._db.reading() as connection:
            still = sa.or_(shift.c.ended_at.is_(None), shift.c.ended_at > since)
            query = sa.select(shift).where(shift.c.taken_at < until, still)
            query = query.order_by(shift.c.taken_at).limit(_MOST_SHIFTS)
            return [_shift(row) for row in connection.execute(query)]


def _take(connection: sa.Connection, actor: Actor, details: _Stated, now: float) -> Shift:
    matching, sound_heard = _open_shift(connection, actor.username), details["sound_heard"]
    if matching is None:
        values: dict[str, Any] = {
            "id": str(uuid7()),
            "username": actor.username,
            "role": actor.role.value,
            "taken_at": now,
            "sound_heard": sound_heard,
            "ended_at": None,
            "ended_by": None,
            "relieved_by": None,
        }
        connection.execute(sa.insert(shift).values(values))
        _log(connection, actor, now, action="shift_taken", object_id=values["id"], details=details)
        return Shift(**values)
    if sound_heard is None:
        return matching
    received = sa.update(shift).where(shift.c.id == matching.id).values(sound_heard=sound_heard)
    connection.execute(received)
    _log(connection, actor, now, action="sound_tested", object_id=matching.id, details=details)
    return replace(matching, sound_heard=sound_heard)


def _open_shift(connection: sa.Connection, username: str) -> Shift | None:
    query = sa.select(shift).where(shift.c.username == username, shift.c.ended_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _shift(row)


def _end(connection: sa.Connection, shift_id: str, by: str, now: float, *, relieved: bool) -> bool:
    """End a shift; return False if it had ended."""
    still_on = sa.and_(shift.c.id == shift_id, shift.c.ended_at.is_(None))
    values = {"ended_at": now, "ended_by": by, "relieved_by": by if relieved else None}
    return connection.execute(sa.update(shift).where(still_on).values(values)).rowcount > 0


def _close(
    connection: sa.Connection, which: sa.ColumnElement[bool], outcome: str, now: float
) -> None:
    still_open = sa.and_(which, handover.c.closed_at.is_(None))
    values = {"closed_at": now, "outcome": outcome}
    connection.execute(sa.update(handover).where(still_open).values(values))


def _work_of(
    connection: sa.Connection, actor: Actor, matching: Shift, offered: HandoverOffer, now: float
) -> dict[str, Any]:
    items, total = open_items(connection, actor)
    head_seq, head_hash = AuditLogQuery(connection).log_head()
    sheet = {
        **offered.facts,
        "items": [asdict(item) for item in items],
        "items_total": total,
        "log_head": {"seq": head_seq, "hash": head_hash},
    }
    return {
        "id": str(uuid7()),
        "shift_id": matching.id,
        "from_username": actor.username,
        "to_username": offered.to_username,
        "offered_at": now,
        "note": offered.note,
        "sheet": json.dumps(sheet, ensure_ascii=False),
    }


def _refuse_while_p1_waits(connection: sa.Connection, actor: Actor) -> None:
    blocking, total = unanswered_p1(connection, actor)
    if blocking:
        raise ShiftRefused(ShiftRefusalReason.P1_UNANSWERED, blocking, total)


_SHIFT = tuple(Shift.__dataclass_fields__)


def _handover(connection: sa.Connection, handover_id: str) -> Handover:
    """Return an open handover. Raise `ShiftRefused`."""
    found = _one(connection, handover_id)
    if found.closed_at is not None:
        raise ShiftRefused(ShiftRefusalReason.NO_SUCH_HANDOVER)
    return found


def _one(connection: sa.Connection, handover_id: str) -> Handover:
    query = sa.select(handover).where(handover.c.id == handover_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ShiftRefused(ShiftRefusalReason.NO_SUCH_HANDOVER)
    return _record(row)


def _shift(row: sa.Row[Any]) -> Shift:
    return Shift(**{name: getattr(row, name) for name in _SHIFT})


def _record(row: sa.Row[Any]) -> Handover:
    return Handover(**{**row._mapping, "sheet": json.loads(row.sheet)})


def _log(
    connection: sa.Connection,
    actor: Actor,
    now: float,
    *,
    action: str,
    object_id: str,
    note: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    line = AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=object_id,
        note=note,
        details=details or {},
    )
    add_log(connection, line)
