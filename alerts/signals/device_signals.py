"""The log of devices' signals: one row each, found again by the sender's key."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts.signals.signal_table import device_signal
from alerts.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """One signal as it came, and what it became part of. Times are UTC unix seconds."""

    id: str
    device_id: str
    key: str
    body_sha256: str
    kind: str
    told_at: float
    received_at: float
    ahead_s: float | None
    place: str | None
    value: str | None
    folded: int
    event_id: str | None


class SignalRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, device_id: str, key: str) -> SignalRecord | None:
        """A signal by its sender's key."""
        query = sa.select(device_signal).where(
            device_signal.c.device_id == device_id, device_signal.c.key == key
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def add(self, record: SignalRecord) -> None:
        """Write one down; raises `ArchiveRefused` where its key is taken."""
        values = {name: getattr(record, name) for name in SignalRecord.__dataclass_fields__}
        with self._db.writing() as connection:
            connection.execute(sa.insert(device_signal).values(values))

    def forget(self, before: float) -> int:
        """Drop what was received before a time."""
        gone = sa.delete(device_signal).where(device_signal.c.received_at < before)
        with self._db.writing() as connection:
            return connection.execute(gone).rowcount


def _record(row: sa.Row[Any]) -> SignalRecord:
    return SignalRecord(**row._mapping)
