"""Export position of each receiver of the action log, in the archive."""

from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.tables import metadata

siem_position = sa.Table(
    "siem_position",
    metadata,
    sa.Column("receiver", sa.Text(), primary_key=True),
    sa.Column("seq", sa.BigInteger(), nullable=False),
    sa.Column("hash", sa.Text(), nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPosition:
    """Last entry that a receiver has: number and seal."""

    seq: int
    hash: str


BEGINNING = LogPosition(seq=0, hash="")


class SiemPositionRepository:
    """Repository of positions, and of following entries."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def position(self, receiver: str) -> LogPosition:
        query = sa.select(siem_position.c.seq, siem_position.c.hash)
        with self._db.reading() as connection:
            row = connection.execute(query.where(siem_position.c.receiver == receiver)).first()
            if row is None:
                return BEGINNING
            existing = sa.select(action_log.c.hash).where(action_log.c.seq == row.seq)
            is_same = connection.execute(existing).scalar_one_or_none() == row.hash
        return LogPosition(seq=row.seq, hash=row.hash) if is_same else BEGINNING

    def keep(self, receiver: str, position: LogPosition, now: float) -> None:
        values = {"seq": position.seq, "hash": position.hash, "at": now}
        matching = sa.update(siem_position).where(siem_position.c.receiver == receiver)
        with self._db.writing() as connection:
            if not connection.execute(matching.values(values)).rowcount:
                connection.execute(sa.insert(siem_position).values(receiver=receiver, **values))

    def head(self) -> int:
        """Return the number of the newest entry."""
        with self._db.reading() as connection:
            return AuditLogQuery(connection).log_head()[0]

    def entries_after(self, seq: int, limit: int) -> list[LogRow]:
        """Return the following entries, oldest first."""
        query = sa.select(action_log).where(action_log.c.seq > seq)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(action_log.c.seq).limit(limit)).all()
        return [LogRow(**row._mapping) for row in rows]
