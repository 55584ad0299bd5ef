"""Writer of changes, log entries and numbers, for the holder of the ledger.

Every function takes the connection of a `Database.writing()` transaction, the only writer until its
commit; so numbers have no gaps and appear in commit order.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.action_log import LogRow, entry_hash
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.log_tables import (
    action_log,
    alert_change,
    alert_number,
    incident_change,
    ledger,
)
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.alerts.store.roles import SYSTEM, Actor
from thapcanh.config.local_time import LOCAL_TZ

_LOG_PAGE = 1000
HEAD = "thapcanh_log_head"
"""In a connection's info while it writes: the head as it is now, read once as it begins."""
_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
CHANNEL = "thapcanh_changes"
PROCESS = secrets.token_hex(8)  # who rang: its own changes a process knows already


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Entry for the action log."""

    at: float
    action: str
    object_id: str
    actor: str = SYSTEM
    role: str = SYSTEM
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """Change of an alert for screens."""

    alert_id: str
    version: int
    kind: ChangeKind
    reason: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChangeRecord:
    """Change of an incident for screens."""

    incident_id: str
    version: int
    kind: str
    reason: str
    at: float


def add_incident_change(connection: sa.Connection, line: IncidentChangeRecord) -> int:
    """Write a change of an incident and return its number, which is of the alerts' row."""
    seq = next_change_seq(connection)
    connection.execute(sa.insert(incident_change).values(seq=seq, **asdict(line)))
    return seq


def next_change_seq(connection: sa.Connection) -> int:
    """Take the next number of the sequence of changes."""
    retained = connection.info.get(HEAD, {})
    seq = int((retained or log_head(connection))["change_seq"]) + 1
    connection.execute(sa.update(ledger).values(change_seq=seq))
    if retained:
        retained["change_seq"] = seq
    _announce(connection)
    return seq


def add_change(connection: sa.Connection, line: ChangeRecord) -> int:
    page = AuditLogWriter(connection)
    seq = page.add_change(line)
    page.write()
    return seq


def add_log(connection: sa.Connection, line: AuditEntry) -> int:
    """Seal an entry, append it to the chain, and return its number."""
    page = AuditLogWriter(connection)
    seq = page.add_log(line)
    page.write()
    return seq


def add_act(
    connection: sa.Connection,
    actor: Actor,
    what: tuple[str, str],
    now: float,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Append an action on an object to the log; return its number."""
    action, object_id = what
    entry = AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=object_id,
        details=details or {},
    )
    return add_log(connection, entry)


def add_log_once(connection: sa.Connection, line: AuditEntry) -> int | None:
    """Append an entry unless its action on its object is in the log already."""
    existing = sa.select(action_log.c.seq).where(
        action_log.c.object_id == line.object_id, action_log.c.action == line.action
    )
    if connection.execute(existing.limit(1)).first() is not None:
        return None
    return add_log(connection, line)


class AuditLogWriter:
    """Changes and log entries of one transaction: numbered and sealed now, written together."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._kept: dict[str, Any] = connection.info.get(HEAD, {})
        head = self._kept or log_head(connection)
        self._change_seq, self._log_seq = int(head["change_seq"]), int(head["log_seq"])
        self._log_hash = str(head["log_hash"])
        self._changes: list[dict[str, Any]] = []
        self._incident_changes: list[dict[str, Any]] = []
        self._told: list[OutgoingEvent] = []
        self._entries: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def add_change(self, line: ChangeRecord) -> int:
        self._change_seq += 1
        self._changes.append(
            {
                "seq": self._change_seq,
                "alert_id": line.alert_id,
                "version": line.version,
                "kind": line.kind.value,
                "reason": line.reason,
                "at": line.at,
            }
        )
        return self._change_seq

    def add_incident_change(self, line: IncidentChangeRecord, reported: OutgoingEvent) -> int:
        """Add a change of an incident, published as `reported`; return its number."""
        self._change_seq += 1
        self._incident_changes.append(
            {
                "seq": self._change_seq,
                "incident_id": line.incident_id,
                "version": line.version,
                "kind": line.kind,
                "reason": line.reason,
                "at": line.at,
            }
        )
        self._told.append(reported)
        return self._change_seq

    def add_log(self, line: AuditEntry) -> int:
        """Add a log entry, sealed to the one before; return its number."""
        self._log_seq += 1
        entry = _entry(self._log_seq, line)
        seal = entry_hash(entry, self._log_hash)
        self._entries.append({**entry, "prev_hash": self._log_hash, "hash": seal})
        self._log_hash = seal
        return self._log_seq

    def next_number(self, now: float) -> str:
        """Return an alert's number for people, counted anew each local day."""
        day = _local_day(now)
        if day not in self._numbers:
            last = sa.select(alert_number.c.last).where(alert_number.c.day == day)
            self._numbers[day] = self._connection.execute(last).scalar_one_or_none() or 0
        self._numbers[day] += 1
        return f"CB-{day}-{self._numbers[day]:06d}"

    def write(self, alerts: Mapping[str, Any] | None = None) -> None:
        """Write everything added so far.

        `alerts`: rows by id written just now, which need not be read again.
        """
        if self._changes:
            self._connection.execute(sa.insert(alert_change), self._changes)
            outbox.add_alert_changes(self._connection, self._changes, alerts or {})
        if self._incident_changes:
            self._connection.execute(sa.insert(incident_change), self._incident_changes)
            outbox.add(self._connection, self._told)
        has_changes = bool(self._changes or self._incident_changes)
        if has_changes:
            _announce(self._connection)
        if self._entries:
            self._connection.execute(sa.insert(action_log), self._entries)
        if has_changes or self._entries:
            head = {
                "change_seq": self._change_seq,
                "log_seq": self._log_seq,
                "log_hash": self._log_hash,
            }
            self._connection.execute(sa.update(ledger).values(head))
            self._kept.update(head)
        for day, last in self._numbers.items():
            self._write_number(day, last)
        self._changes, self._incident_changes, self._told = [], [], []
        self._entries, self._numbers = [], {}

    def _write_number(self, day: str, last: int) -> None:
        same = alert_number.c.day == day
        existing = self._connection.execute(sa.update(alert_number).where(same).values(last=last))
        if not existing.rowcount:
            self._connection.execute(sa.insert(alert_number).values(day=day, last=last))


@lru_cache(16)
def _local_day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).astimezone(LOCAL_TZ).strftime("%Y%m%d")


def log_head(connection: sa.Connection) -> dict[str, Any]:
    """Return the last change's number, and the log's end."""
    query = sa.select(ledger.c.change_seq, ledger.c.log_seq, ledger.c.log_hash)
    return dict(connection.execute(query).one()._mapping)


def _entry(seq: int, line: AuditEntry) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": line.at,
        "actor": line.actor,
        "role": line.role,
        "action": line.action,
        "object_id": line.object_id,
        "reason": line.reason,
        "note": line.note,
        "details": _as_json(dict(line.details)),
    }


class AuditLogQuery:
    """Action log in one transaction's view."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def log_head(self) -> tuple[int, str]:
        """Return number and hash of the last entry, as the writer remembers them."""
        query = sa.select(ledger.c.log_seq, ledger.c.log_hash)
        row = self._connection.execute(query).one()
        return int(row.log_seq), str(row.log_hash)

    def log_rows(self) -> Iterator[LogRow]:
        """Yield all entries in order, a page at a time."""
        query = sa.select(action_log).order_by(action_log.c.seq).limit(_LOG_PAGE)
        rows = self._connection.execute(query).all()
        while rows:
            yield from (LogRow(**row._mapping) for row in rows)
            after = action_log.c.seq > rows[-1].seq
            rows = self._connection.execute(query.where(after)).all()


def _announce(connection: sa.Connection) -> None:
    """Notify the other centres when this transaction commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, PROCESS)))
