"""Sealed log of one alert, and proof that it is in the chain."""

from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.store.action_log import FIRST_PREVIOUS, SEALED, LogRow, entry_hash
from thapcanh.alerts.store.audit_log import AuditEntry, AuditLogQuery, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log

REACH = 2  # neighbours on each side: between two acts on an alert stands the seal of the first one


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """Entries of an alert, whether each holds, and the end of the chain at that time."""

    rows: tuple[LogRow, ...]
    broken_seq: int | None
    why: str | None
    head_seq: int
    head_hash: str

    @property
    def ok(self) -> bool:
        """True if every entry is intact and follows the one before it."""
        return self.broken_seq is None


def proof_of(database: Database, alert_id: str) -> LogProof:
    """Check each entry of an alert's log, and its link to the entry before it."""
    with database.reading() as connection:
        matching = sa.select(action_log).where(action_log.c.object_id == alert_id)
        found = connection.execute(matching.order_by(action_log.c.seq)).all()
        rows = tuple(LogRow(**row._mapping) for row in found)
        seqs = {row.seq for row in rows}
        steps = [step for step in range(-REACH, REACH + 1) if step]
        context = sorted({seq + step for seq in seqs for step in steps} - seqs)
        chosen = sa.select(action_log).where(action_log.c.seq.in_(context))
        others = [LogRow(**row._mapping) for row in connection.execute(chosen)]
        head_seq, head_hash = AuditLogQuery(connection).log_head()
    broken = _first_fault(rows, {row.seq: row for row in (*rows, *others)}, head_seq)
    return LogProof(
        rows=rows,
        broken_seq=broken and broken[0],
        why=broken and broken[1],
        head_seq=head_seq,
        head_hash=head_hash,
    )


def seal_at(database: Database, seq: int) -> str | None:
    query = sa.select(action_log.c.hash).where(action_log.c.seq == seq)
    with database.reading() as connection:
        found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def note_in_log(database: Database, line: AuditEntry) -> LogRow:
    """Write down an action that changes no alert, such as an export; return its entry."""
    with database.writing() as connection:
        seq = add_log(connection, line)
        entry = connection.execute(sa.select(action_log).where(action_log.c.seq == seq)).one()
        return LogRow(**entry._mapping)


def _first_fault(
    rows: tuple[LogRow, ...], existing: dict[int, LogRow], head_seq: int
) -> tuple[int, str] | None:
    for row in rows:
        for seq in range(max(row.seq - REACH, 0), row.seq):
            fault = _link_fault(existing, seq)
            if fault is not None:
                return fault
        if row.hash != entry_hash({name: getattr(row, name) for name in SEALED}, row.prev_hash):
            return row.seq, "was changed"
        for seq in range(row.seq, min(row.seq + REACH, head_seq)):
            fault = _link_fault(existing, seq)
            if fault is not None:
                return fault
    return None


def _link_fault(existing: dict[int, LogRow], seq: int) -> tuple[int, str] | None:
    """Return what is wrong between this entry (0: the start) and the next, or None."""
    before, after = existing.get(seq), existing.get(seq + 1)
    if seq > 0 and before is None:
        return seq, "missing"
    if after is None:
        return seq + 1, "missing"
    if after.prev_hash != (FIRST_PREVIOUS if before is None else before.hash):
        return after.seq, "does not follow the entry before it"
    return None
