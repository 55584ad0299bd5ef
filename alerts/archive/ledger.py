"""What only the holder of the ledger may do: number changes, seal log entries, number alerts.

Every function takes the connection of a `Database.writing()` transaction, which is alone among
writers until it commits; therefore numbers have no holes and are seen in the order of commits.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa

from alerts.action_log import LogRow, entry_hash
from alerts.archive.records import ChangeKind
from alerts.archive.tables import action_log, alert, alert_change, alert_number, ledger
from alerts.plain_text import plain
from alerts.roles import SYSTEM

_LOCAL = timezone(timedelta(hours=7))  # Asia/Ho_Chi_Minh has no summer time
_LOG_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What is to be written in the action log."""

    at: float
    action: str
    object_id: str
    actor: str = SYSTEM
    role: str = SYSTEM
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """What is to be told to the screens."""

    alert_id: str
    version: int
    kind: ChangeKind
    reason: str
    at: float


def add_change(connection: sa.Connection, line: ChangeLine) -> int:
    """Write a change and return its number."""
    seq = connection.execute(
        sa.update(ledger).values(change_seq=ledger.c.change_seq + 1).returning(ledger.c.change_seq)
    ).scalar_one()
    connection.execute(
        sa.insert(alert_change).values(
            seq=seq,
            alert_id=line.alert_id,
            version=line.version,
            kind=line.kind.value,
            reason=line.reason,
            at=line.at,
        )
    )
    return int(seq)


def add_log(connection: sa.Connection, line: LogLine) -> int:
    """Seal an entry, append it to the chain, and return its number."""
    previous = connection.execute(sa.select(ledger.c.log_seq, ledger.c.log_hash)).one()
    seq = int(previous.log_seq) + 1
    entry: dict[str, Any] = {
        "seq": seq,
        "at": line.at,
        "actor": line.actor,
        "role": line.role,
        "action": line.action,
        "object_id": line.object_id,
        "reason": line.reason,
        "note": line.note,
        "details": json.dumps(dict(line.details), sort_keys=True, ensure_ascii=False),
    }
    seal = entry_hash(entry, previous.log_hash)
    connection.execute(
        sa.insert(action_log).values(**entry, prev_hash=previous.log_hash, hash=seal)
    )
    connection.execute(sa.update(ledger).values(log_seq=seq, log_hash=seal))
    if line.note:  # what officers wrote is searched too
        words = alert.c.words + " " + plain(line.note)
        noted = sa.update(alert).where(alert.c.id == line.object_id)
        connection.execute(noted.values(words=words))
    return seq


class LogOf:
    """The action log as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def log_head(self) -> tuple[int, str]:
        """Number and hash of the last entry, as the writer remembers them."""
        query = sa.select(ledger.c.log_seq, ledger.c.log_hash)
        row = self._connection.execute(query).one()
        return int(row.log_seq), str(row.log_hash)

    def log_rows(self) -> Iterator[LogRow]:
        """All entries in order, a page at a time."""
        query = sa.select(action_log).order_by(action_log.c.seq).limit(_LOG_PAGE)
        rows = self._connection.execute(query).all()
        while rows:
            yield from (LogRow(**row._mapping) for row in rows)
            after = action_log.c.seq > rows[-1].seq
            rows = self._connection.execute(query.where(after)).all()


def next_number(connection: sa.Connection, now: float) -> str:
    """The number by which people speak of an alert, counted anew each local day."""
    day = datetime.fromtimestamp(now, UTC).astimezone(_LOCAL).strftime("%Y%m%d")
    last = connection.execute(
        sa.update(alert_number)
        .where(alert_number.c.day == day)
        .values(last=alert_number.c.last + 1)
        .returning(alert_number.c.last)
    ).scalar_one_or_none()
    if last is None:
        last = 1
        connection.execute(sa.insert(alert_number).values(day=day, last=last))
    return f"CB-{day}-{last:06d}"
