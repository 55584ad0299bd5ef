"""File of the spool: SQLite, checked, and recreated when damaged.

An unreadable file is set aside and a new one gets a new epoch; events are never refused for it. One
thread at a time.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from thapcanh.alerts.queue import open_events, pending_parts, waiting_rows
from thapcanh.alerts.store.errors import SpoolBroken, SpoolError, SpoolFull
from thapcanh.config.files import rename

log = logging.getLogger(__name__)

T = TypeVar("T")

_PAGE_BYTES = 4096
_BUSY_MS = 5000
_WHOLE = "copy it again, whole and with the -wal file beside it"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (epoch INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT NOT NULL,
    spooled_at REAL NOT NULL,
    stream_id TEXT,
    confirmed_at REAL
);
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (seq) WHERE stream_id IS NULL;
CREATE INDEX IF NOT EXISTS outbox_confirmed ON outbox (confirmed_at);
"""


class SpoolFile:
    """SQLite file. Raises `SpoolFull` without space, `SpoolBroken` if irreparable."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.lock = threading.RLock()
        self.epoch = 0  # of the file: changes only when the sequence begins again
        self.set_aside: Path | None = None  # where an unreadable file went
        self._path = path
        self._max_bytes = max_bytes
        self._db = self._open_or_create()

    def close(self) -> None:
        """Close the file; calling twice is fine."""
        with self.lock:
            self._db.close()

    def write(self, work: Callable[[sqlite3.Connection], T], *, durably: bool = True) -> T:
        """Run one transaction; with `durably` it survives an immediate power cut."""

        def transaction(db: sqlite3.Connection) -> T:
            db.execute(f"PRAGMA synchronous = {'FULL' if durably else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return result

        return self.read(transaction)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self.lock:
            try:
                return work(self._db)
            except sqlite3.DatabaseError as error:
                if not _is_corrupt(error):
                    raise _named(error, self._path) from error
                log.error("spool %s is damaged (%s): set aside, begun again", self._path, error)
            self._db.close()
            self._db = self._create_again()
            return work(self._db)

    def _open_or_create(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if not _is_corrupt(error):
                raise _named(error, self._path) from error
            log.error("spool %s cannot be read (%s): set aside", self._path, error)
        return self._create_again()

    def _create_again(self) -> sqlite3.Connection:
        self.set_aside = _move_aside(self._path)
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            raise SpoolBroken(f"spool {self._path} cannot be made: {error}") from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
        )
        try:
            _prepare(db, self._max_bytes)
            self.epoch = _epoch(db)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db


def read_epoch(path: Path) -> int:
    """Return the epoch of an intact spool without changing it.

    Raise `SpoolBroken` otherwise, since opening would set it aside.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            named = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            is_spool = {"spool", "outbox"} <= {name for (name,) in named}
            row = db.execute("SELECT epoch FROM spool").fetchone() if is_spool else None
    except sqlite3.Error as error:
        raise SpoolBroken(f"{path} cannot be read: {error}; {_WHOLE}") from None
    if verdict != "ok":
        raise SpoolBroken(f"{path} is damaged; {_WHOLE}")
    if row is None:
        raise SpoolBroken(f"{path} is no worker's spool")
    return int(row[0])


def _prepare(db: sqlite3.Connection, max_bytes: int) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA max_page_count = {max(16, max_bytes // _PAGE_BYTES)}")
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
    db.executescript(_SCHEMA + open_events.SCHEMA + pending_parts.SCHEMA + waiting_rows.SCHEMA)


def _epoch(db: sqlite3.Connection) -> int:
    """Return the microseconds of the sequence's start: unique per worker, and rising."""
    row = db.execute("SELECT epoch FROM spool").fetchone()
    if row is None:
        row = (time.time_ns() // 1000,)
        db.execute("INSERT INTO spool (epoch) VALUES (?)", row)
    return int(row[0])


def _is_corrupt(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "malformed" in str(error)


def _named(error: sqlite3.DatabaseError, path: Path) -> SpoolError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == sqlite3.SQLITE_FULL:
        return SpoolFull(f"spool {path} is full: free disk space, or wait for the queue")
    return SpoolBroken(f"spool {path} cannot be used: {error}")


def _move_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns() // 1000}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            rename(part, aside.with_name(aside.name + suffix))
    return aside
