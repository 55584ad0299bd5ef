"""Events that are saved but not yet known to be queued: an SQLite file that survives a power cut.

Any thread appends; the publisher's thread reads the oldest and confirms them. A row is numbered
when it is appended and keeps its number for ever, also over restarts: the centre sees each hole.
Confirmed rows stay for a while, so that a queue that lost them can be given them again. A file that
cannot be read is set aside and a new one begun, with a new epoch; events are never refused for it.
"""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from alerts import open_events
from alerts.errors import SpoolBroken, SpoolError, SpoolFull
from alerts.wire import Entry, EvidenceRef, Message, encode
from detection.event import Event

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PAGE_BYTES = 4096
_BUSY_MS = 5000
_CHECKED_ROWS = 1000  # so many confirmed rows at once are looked for in the queue
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolSettings:
    """How large the file may grow, and how long confirmed rows stay for a queue that lost them."""

    max_bytes: int = 1 << 30
    keep_confirmed_s: float = 6 * 3600.0  # unless the archive has them: then they go at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolDepth:
    """What waits: how many events, and since when the oldest does."""

    count: int
    oldest_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """An entry that waits to be queued, with its number."""

    seq: int
    entry: Entry


class Spool:
    """One worker's spool. Raises `SpoolFull` when there is no room, `SpoolBroken` past repair."""

    def __init__(self, path: Path, source: str, *, settings: SpoolSettings | None = None) -> None:
        self.appended = threading.Event()  # set on every append; its reader clears it
        self.set_aside: Path | None = None  # where an unreadable file went, for the alarm
        self._path = path
        self._source = source
        self._settings = settings or SpoolSettings()
        self._lock = threading.RLock()
        self._epoch = 0
        self._db = self._open_or_begin_anew()

    @property
    def source(self) -> str:
        """The worker whose spool this is."""
        return self._source

    @property
    def epoch(self) -> int:
        """The number of this file: changes only when the sequence begins anew."""
        return self._epoch

    def append(
        self,
        event: Event,
        now: float,
        *,
        evidence: Sequence[EvidenceRef] = (),
        evidence_error: str | None = None,
        evidence_only: bool = False,
    ) -> Message:
        """Save an event durably and return it with its number."""

        def insert(db: sqlite3.Connection) -> Message:
            seq = _next_seq(db)
            message = Message(
                event=event,
                source=self._source,
                producer_epoch=self._epoch,
                producer_seq=seq,
                spooled_at=now,
                evidence=tuple(evidence),
                evidence_error=evidence_error,
                evidence_only=evidence_only,
            )
            entry = encode(message)
            db.execute(
                "INSERT INTO outbox (seq, entry, spooled_at) VALUES (?, ?, ?)",
                (seq, json.dumps(entry), now),
            )
            open_events.note(db, message, entry)
            return message

        message = self._write(insert)
        self.appended.set()
        return message

    def oldest(self, limit: int = 100) -> list[Spooled]:
        """The first events not yet confirmed, in their order."""
        sql = "SELECT seq, entry FROM outbox WHERE stream_id IS NULL ORDER BY seq LIMIT ?"
        rows = self._read(lambda db: db.execute(sql, (limit,)).fetchall())
        return [Spooled(seq=seq, entry=json.loads(entry)) for seq, entry in rows]

    def confirm(self, queued: Iterable[tuple[int, str]], now: float) -> None:
        """Mark (sequence, stream id) pairs as queued, and forget what was confirmed long ago."""
        rows = [(stream_id, now, seq) for seq, stream_id in queued]

        def mark(db: sqlite3.Connection) -> None:
            db.executemany("UPDATE outbox SET stream_id = ?, confirmed_at = ? WHERE seq = ?", rows)
            db.execute(
                "DELETE FROM outbox WHERE confirmed_at < ?",
                (now - self._settings.keep_confirmed_s,),
            )

        self._write(mark)

    def confirmed(self, before_seq: int | None = None) -> list[tuple[int, str]]:
        """(sequence, stream id) of what the queue said it took: a page of the newest, or of those
        before a sequence number; in their order."""
        sql = (
            "SELECT seq, stream_id FROM outbox WHERE stream_id IS NOT NULL AND seq < ?"
            " ORDER BY seq DESC LIMIT ?"
        )
        before = (1 << 62) if before_seq is None else before_seq
        newest_first = self._read(lambda db: db.execute(sql, (before, _CHECKED_ROWS)).fetchall())
        return newest_first[::-1]

    def oldest_confirmed(self) -> list[tuple[int, str]]:
        """(sequence, stream id) of a page of the oldest that the queue said it took."""
        sql = "SELECT seq, stream_id FROM outbox WHERE stream_id IS NOT NULL ORDER BY seq LIMIT ?"
        return self._read(lambda db: db.execute(sql, (_CHECKED_ROWS,)).fetchall())

    def forget(self, seqs: Iterable[int]) -> None:
        """Drop rows that are known to be in the archive."""
        rows = [(seq,) for seq in seqs]
        self._write(lambda db: db.executemany("DELETE FROM outbox WHERE seq = ?", rows))

    def unconfirm(self, seqs: Iterable[int]) -> None:
        """Put rows back that the queue has lost, to be sent again with their old ids."""
        rows = [(seq,) for seq in seqs]
        self._write(
            lambda db: db.executemany(
                "UPDATE outbox SET stream_id = NULL, confirmed_at = NULL WHERE seq = ?", rows
            )
        )
        self.appended.set()

    def open_events(self) -> list[Event]:
        """What was raised here and not cleared, also before a restart."""
        return self._read(open_events.all_open)

    def depth(self) -> SpoolDepth:
        """How much waits, for status and alarms."""
        count, oldest_at = self._read(
            lambda db: db.execute(
                "SELECT count(*), min(spooled_at) FROM outbox WHERE stream_id IS NULL"
            ).fetchone()
        )
        return SpoolDepth(count=count, oldest_at=oldest_at)

    def close(self) -> None:
        """Close the file; calling twice is fine."""
        with self._lock:
            self._db.close()

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def transaction(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return result

        return self._read(transaction)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                return work(self._db)
            except sqlite3.DatabaseError as error:
                if not _is_corrupt(error):
                    raise _named(error, self._path) from error
                logger.error("spool %s is damaged (%s): set aside, begun anew", self._path, error)
            self._db.close()
            self._db = self._begin_anew()
            return work(self._db)

    def _open_or_begin_anew(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if not _is_corrupt(error):
                raise _named(error, self._path) from error
            logger.error("spool %s cannot be read (%s): set aside", self._path, error)
        return self._begin_anew()

    def _begin_anew(self) -> sqlite3.Connection:
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
            _prepare(db, self._settings.max_bytes)
            self._epoch = _epoch(db)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db


def _prepare(db: sqlite3.Connection, max_bytes: int) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # an appended event survives a power cut
    db.execute(f"PRAGMA max_page_count = {max(16, max_bytes // _PAGE_BYTES)}")
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")
    db.executescript(_SCHEMA + open_events.SCHEMA)


def _epoch(db: sqlite3.Connection) -> int:
    """Microseconds at which the sequence began: unique for a worker, and growing."""
    row = db.execute("SELECT epoch FROM spool").fetchone()
    if row is None:
        row = (time.time_ns() // 1000,)
        db.execute("INSERT INTO spool (epoch) VALUES (?)", row)
    return int(row[0])


def _next_seq(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return 1 if row is None else int(row[0]) + 1


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
            part.rename(aside.with_name(aside.name + suffix))
    return aside
