"""Roster in the archive; thread-safe, every method is one transaction.

Double bookings are checked in the writing transaction. Rows are never deleted; an end is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.shifts.duties import Duty, NewDuty, RosterDuty, on_duty_at
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.store.tables import metadata

_MOST = 5000
_COLUMNS = tuple(RosterDuty.__dataclass_fields__)
_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
roster_duty = sa.Table(
    "roster_duty",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("username", _Text, nullable=False),
    sa.Column("duty", _Text, nullable=False),
    sa.Column("begins_at", _Time, nullable=False),
    sa.Column("ends_at", _Time, nullable=False),
    sa.Column("swapped_with", _Text),
    sa.Column("written_by", _Text, nullable=False),
    sa.Column("written_at", _Time, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Time),
)
_THERE = roster_duty.c.removed_at.is_(None)
sa.Index("ix_roster_duty_ends", roster_duty.c.ends_at)


class DoubleBooked(Exception):
    """Double booking; `duty` is the conflicting one."""

    def __init__(self, duty: RosterDuty) -> None:
        super().__init__(duty.username)
        self.duty = duty


class RosterRepository:
    """Repository of duties."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def between(self, since: float, until: float) -> list[RosterDuty]:
        with self._db.reading() as connection:
            return _between(connection, since, until)

    def on_call(self, now: float) -> frozenset[str]:
        return on_duty_at(self.between(now, now + 1), Duty.ON_CALL, now)

    def one(self, duty_id: str) -> RosterDuty | None:
        with self._db.reading() as connection:
            return _one(connection, duty_id)

    def add(self, actor: Actor, duties: Sequence[NewDuty], now: float) -> int:
        """Write duties, all or none; what is there already is left. Raise `DoubleBooked`."""
        with self._db.writing() as connection:
            added = [one for one in duties if not _is_there(connection, one)]
            for one in added:
                _refuse_double(connection, one, frozenset())
                connection.execute(sa.insert(roster_duty).values(_values(one, actor, now)))
            if added:
                reported = [_reported(one) for one in added]
                _log(connection, actor, now, "roster_added", {"duties": reported})
            return len(added)

    def remove(self, actor: Actor, duty_id: str, now: float) -> bool:
        with self._db.writing() as connection:
            found = _one(connection, duty_id)
            if found is None:
                return False
            removed = {"removed_by": actor.username, "removed_at": now}
            _update(connection, duty_id, removed)
            _log(connection, actor, now, "roster_removed", {"duties": [_reported(found)]})
            return True

    def swap(self, actor: Actor, ids: tuple[str, str], reason: str, now: float) -> bool:
        """Swap the people of two duties; False if one no longer exists. Raise `DoubleBooked`."""
        with self._db.writing() as connection:
            first, second = (_one(connection, duty_id) for duty_id in ids)
            if first is None or second is None or first.username == second.username:
                return False
            for matching, other in ((first, second), (second, first)):
                accepted = NewDuty(
                    username=other.username,
                    duty=matching.duty,
                    begins_at=matching.begins_at,
                    ends_at=matching.ends_at,
                )
                _refuse_double(connection, accepted, frozenset(ids))
                values = {"username": other.username, "swapped_with": matching.username}
                _update(connection, matching.id, values)
            details = {"duties": [_reported(first), _reported(second)], "reason": reason}
            _log(connection, actor, now, "roster_swapped", details)
            return True


def _between(connection: sa.Connection, since: float, until: float) -> list[RosterDuty]:
    query = sa.select(*(roster_duty.c[name] for name in _COLUMNS)).where(
        roster_duty.c.ends_at > since, roster_duty.c.begins_at < until, _THERE
    )
    rows = connection.execute(
        query.order_by(roster_duty.c.begins_at, roster_duty.c.id).limit(_MOST)
    )
    return [_duty(row) for row in rows]


def _one(connection: sa.Connection, duty_id: str) -> RosterDuty | None:
    query = sa.select(*(roster_duty.c[name] for name in _COLUMNS))
    row = connection.execute(query.where(roster_duty.c.id == duty_id, _THERE)).one_or_none()
    return None if row is None else _duty(row)


def _duty(row: sa.Row[Any]) -> RosterDuty:
    return RosterDuty(**{**row._mapping, "duty": Duty(row.duty)})


def _is_there(connection: sa.Connection, new: NewDuty) -> bool:
    query = sa.select(roster_duty.c.id).where(
        roster_duty.c.username == new.username,
        roster_duty.c.duty == new.duty.value,
        roster_duty.c.begins_at == new.begins_at,
        roster_duty.c.ends_at == new.ends_at,
        _THERE,
    )
    return connection.execute(query.limit(1)).first() is not None


def _refuse_double(connection: sa.Connection, new: NewDuty, but: frozenset[str]) -> None:
    query = sa.select(*(roster_duty.c[name] for name in _COLUMNS)).where(
        roster_duty.c.username == new.username,
        roster_duty.c.ends_at > new.begins_at,
        roster_duty.c.begins_at < new.ends_at,
        roster_duty.c.id.not_in(sorted(but)),
        _THERE,
    )
    row = connection.execute(query.limit(1)).first()
    if row is not None:
        raise DoubleBooked(_duty(row))


def _values(new: NewDuty, actor: Actor, now: float) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "username": new.username,
        "duty": new.duty.value,
        "begins_at": new.begins_at,
        "ends_at": new.ends_at,
        "written_by": actor.username,
        "written_at": now,
    }


def _update(connection: sa.Connection, duty_id: str, values: Mapping[str, Any]) -> None:
    update = sa.update(roster_duty).where(roster_duty.c.id == duty_id)
    connection.execute(update.values(dict(values)))


def _reported(one: NewDuty | RosterDuty) -> list[Any]:
    return [one.username, one.duty.value, one.begins_at, one.ends_at]


def _log(
    connection: sa.Connection, actor: Actor, now: float, action: str, details: Mapping[str, Any]
) -> None:
    entry = AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id="roster",
        details=details,
    )
    add_log(connection, entry)
