"""Signing of the log's end: checked when a transaction starts, signed before it ends."""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import HEAD, AuditEntry, add_log, log_head
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.seals.log_key import NOT_SIGNED, LogEnd, LogKey, log
from thapcanh.alerts.store.seals.written_rows import ARCHIVE

_HEAD = sa.select(ledger.c.change_seq, ledger.c.log_seq, ledger.c.log_hash, ledger.c.log_signature)


class LogSigning:
    """Owned by the transaction's thread; without a key it does nothing."""

    def __init__(self, key: LogKey | None) -> None:
        self._key = key
        self._end: LogEnd | None = None
        self._signed: LogEnd | None = None
        self._fault: Mapping[str, Any] | None = None

    def begin(self, connection: sa.Connection) -> int:
        """Check the end that this transaction continues; record what nobody signed.

        Return the number of the last entry before this transaction.
        """
        found = connection.execute(_HEAD).one()
        head, signature = dict(found._mapping), found.log_signature
        del head["log_signature"]
        connection.info[HEAD].update(head)
        self._check(_end(head), signature)
        self._tell(connection)
        return int(connection.info[HEAD]["log_seq"])

    def end(self, connection: sa.Connection) -> None:
        end = _end(connection.info[HEAD])
        if self._key is not None and end != self._end:
            self._sign(connection, self._key, end)

    def begin_migration(self, connection: sa.Connection) -> None:
        """Check the end before a migration, with tables of any version."""
        names = _columns(connection)
        if not names:
            self._check(LogEnd(seq=0, hash=""), None)
            return
        requested = [one for one in _HEAD.selected_columns if one.name in names]
        head = dict(connection.execute(sa.select(*requested)).one()._mapping)
        self._check(_end(head), head.get("log_signature"))

    def end_migration(self, connection: sa.Connection) -> None:
        """Record what nobody signed, and sign the end after the migration."""
        self._tell(connection)
        if self._key is not None and "log_signature" in _columns(connection):
            self._sign(connection, self._key, _end(log_head(connection)))

    def committed(self) -> None:
        """Remember the signed end after the commit."""
        if self._key is not None and self._signed is not None:
            self._key.remember(self._signed)

    def _check(self, end: LogEnd, signature: str | None) -> None:
        self._end = end
        self._fault = None if self._key is None else self._key.fault(end, signature)

    def _tell(self, connection: sa.Connection) -> None:
        if self._fault is None:
            return
        log.error(
            "the action log's end at entry %d is not signed by this site's key, which signed entry "
            "%d last: somebody else wrote into the archive, or it was put back past `restore`; "
            "run thapcanh verify --everything",
            *(self._fault["end"], self._fault["signed"]),
        )
        entry = AuditEntry(
            at=time.time(), action=NOT_SIGNED, object_id=ARCHIVE, details=self._fault
        )
        add_log(connection, entry)

    def _sign(self, connection: sa.Connection, key: LogKey, end: LogEnd) -> None:
        connection.execute(sa.update(ledger).values(log_signature=key.signature(end)))
        self._signed = end


def _columns(connection: sa.Connection) -> set[str]:
    """Return the ledger's columns in the database; empty without an archive."""
    there = sa.inspect(connection)
    if not there.has_table(ledger.name):
        return set()
    return {str(one["name"]) for one in there.get_columns(ledger.name)}


def _end(head: Mapping[str, Any]) -> LogEnd:
    return LogEnd(seq=int(head["log_seq"]), hash=str(head["log_hash"]))
