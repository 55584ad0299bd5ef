"""Spool: saved events not known to be queued, in an SQLite file that survives power loss.

Any thread appends; the publisher's thread reads and confirms.
"""

import json
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.alerts.queue import open_events, pending_parts, waiting_rows
from thapcanh.alerts.queue.message import Entry, EvidenceRef, Message, encode
from thapcanh.alerts.queue.pending_parts import PendingEvidence
from thapcanh.alerts.queue.spool_file import SpoolFile
from thapcanh.alerts.store.errors import SpoolBroken, SpoolError
from thapcanh.detection.event import Event

_CHECKED_ROWS = 1000  # so many confirmed rows at once are looked for in the queue


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolSettings:
    """Size limit, and seconds of service for which confirmed rows stay."""

    max_bytes: int = 1 << 30
    keep_confirmed_s: float = 6 * 3600.0  # unless the archive has them: then they go at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolDepth:
    """Number of waiting events, and since when the oldest waits."""

    count: int
    oldest_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """An event that is to be saved, and has no number yet."""

    event: Event
    evidence: tuple[EvidenceRef, ...] = ()
    evidence_error: str | None = None
    evidence_only: bool = False
    owes: tuple[str, ...] = ()
    """Parts of its evidence that follow in messages of their own."""
    settles: tuple[str, ...] = ()
    """Such parts that this message brings, or says will not come."""


@dataclass(slots=True, kw_only=True)
class _Ticket:
    """Drafts that wait for the disk, then what became of them."""

    drafts: tuple[OutboxItem, ...]
    now: float
    gone: tuple[int, ...] = ()
    messages: list[Message] = field(default_factory=list)
    error: SpoolError | None = None
    is_done: bool = False


class Spool:
    """Spool of one worker. Raises `SpoolFull` without space, `SpoolBroken` if irreparable."""

    def __init__(self, path: Path, source: str, *, settings: SpoolSettings | None = None) -> None:
        self.appended = threading.Event()  # set on every append; its reader clears it
        self._path = path
        self._source = source
        self._settings = settings or SpoolSettings()
        self._file = SpoolFile(path, self._settings.max_bytes)
        self._lock = self._file.lock
        self._tickets: deque[_Ticket] = deque()
        self._began: tuple[float, float] | None = None

    @property
    def path(self) -> Path:
        """Path of its file on a local disk; other files of this worker are beside it."""
        return self._path

    @property
    def source(self) -> str:
        return self._source

    @property
    def epoch(self) -> int:
        """Number of this file; it changes only when the sequence restarts."""
        return self._file.epoch

    @property
    def set_aside(self) -> Path | None:
        """Path of an unreadable file that was set aside, for the alarm."""
        return self._file.set_aside

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
        draft = OutboxItem(
            event=event,
            evidence=tuple(evidence),
            evidence_error=evidence_error,
            evidence_only=evidence_only,
        )
        (message,) = self.append_all([draft], now)
        return message

    def append_all(
        self, drafts: Sequence[OutboxItem], now: float, gone: Iterable[int] = ()
    ) -> list[Message]:
        """Save events durably, all or none, and return them numbered.

        `gone` are rows of `keep_waiting` that they replace. Concurrent appends share one disk sync.
        """
        ticket = _Ticket(drafts=tuple(drafts), now=now, gone=tuple(gone))
        self._tickets.append(ticket)
        with self._lock:
            if not ticket.is_done:
                self._write_tickets()
        if ticket.error is not None:
            raise ticket.error
        self.appended.set()
        return ticket.messages

    def _write_tickets(self) -> None:
        tickets = [self._tickets.popleft() for _ in range(len(self._tickets))]
        try:
            written = self._file.write(lambda db: [self._insert(db, ticket) for ticket in tickets])
            for ticket, messages in zip(tickets, written, strict=True):
                ticket.messages = messages
        except SpoolError as error:
            for ticket in tickets:
                ticket.error = error
        finally:
            for ticket in tickets:
                if not ticket.messages and ticket.error is None:  # a fault of ours on the way
                    ticket.error = SpoolBroken("the event could not be written")
                ticket.is_done = True

    def _insert(self, db: sqlite3.Connection, ticket: _Ticket) -> list[Message]:
        first = _next_seq(db)
        messages = []
        for seq, draft in enumerate(ticket.drafts, first):
            message = Message(
                event=draft.event,
                source=self._source,
                producer_epoch=self._file.epoch,
                producer_seq=seq,
                spooled_at=ticket.now,
                evidence=draft.evidence,
                evidence_error=draft.evidence_error,
                evidence_only=draft.evidence_only,
            )
            text = json.dumps(encode(message))
            db.execute(
                "INSERT INTO outbox (seq, entry, spooled_at) VALUES (?, ?, ?)",
                (seq, text, ticket.now),
            )
            open_events.note(db, message, text)
            pending_parts.owe(db, draft.event.event_id, draft.owes, text)
            pending_parts.settle(db, draft.event.event_id, draft.settles)
            messages.append(message)
        waiting_rows.drop(db, ticket.gone)
        return messages

    def keep_waiting(self, bodies: Sequence[str], gone: Iterable[int] = ()) -> list[int]:
        """Save rows durably for later events and delete `gone` ones; return their numbers."""
        rows = tuple(gone)

        def exchanged(db: sqlite3.Connection) -> list[int]:
            waiting_rows.drop(db, rows)
            return waiting_rows.put(db, bodies)

        return self._file.write(exchanged)

    def waiting(self) -> list[tuple[int, str]]:
        """Return the waiting rows in order, also from before a restart."""
        return self._file.read(waiting_rows.all_waiting)

    def oldest(self, limit: int = 100) -> list[tuple[int, Entry]]:
        """Return the first unconfirmed entries with their numbers, in order."""
        sql = "SELECT seq, entry FROM outbox WHERE stream_id IS NULL ORDER BY seq LIMIT ?"
        rows = self._file.read(lambda db: db.execute(sql, (limit,)).fetchall())
        return [(seq, json.loads(entry)) for seq, entry in rows]

    def confirm(self, queued: Iterable[tuple[int, str]], monotonic_s: float) -> None:
        """Mark (sequence, stream id) pairs as queued, and delete old confirmed rows.

        Not synced: after a power cut they are sent again with their ids. Ages use a clock of the
        file, never the date, which may be corrected by a day.
        """

        def mark(db: sqlite3.Connection) -> None:
            served_s = self._served_s(db, monotonic_s)
            rows = [(stream_id, served_s, seq) for seq, stream_id in queued]
            db.executemany("UPDATE outbox SET stream_id = ?, confirmed_at = ? WHERE seq = ?", rows)
            db.execute(
                "DELETE FROM outbox WHERE confirmed_at < ?",
                (served_s - self._settings.keep_confirmed_s,),
            )

        self._file.write(mark, durably=False)

    def _served_s(self, db: sqlite3.Connection, monotonic_s: float) -> float:
        """Return seconds on the file's own clock, which continues from the newest row."""
        if self._began is None:
            (newest_s,) = db.execute("SELECT max(confirmed_at) FROM outbox").fetchone()
            self._began = (newest_s or 0.0, monotonic_s)
        newest_s, start_s = self._began
        return newest_s + monotonic_s - start_s

    def confirmed(self, before_seq: int | None = None) -> list[tuple[int, str]]:
        """Return (sequence, stream id) of confirmed entries.

        The newest page, or the one before a sequence number, in order.
        """
        sql = (
            "SELECT seq, stream_id FROM outbox WHERE stream_id IS NOT NULL AND seq < ?"
            " ORDER BY seq DESC LIMIT ?"
        )
        before = (1 << 62) if before_seq is None else before_seq
        newest_first = self._file.read(
            lambda db: db.execute(sql, (before, _CHECKED_ROWS)).fetchall()
        )
        return newest_first[::-1]

    def oldest_confirmed(self) -> list[tuple[int, str]]:
        """Return (sequence, stream id) of the oldest confirmed page."""
        sql = "SELECT seq, stream_id FROM outbox WHERE stream_id IS NOT NULL ORDER BY seq LIMIT ?"
        return self._file.read(lambda db: db.execute(sql, (_CHECKED_ROWS,)).fetchall())

    def forget(self, seqs: Iterable[int]) -> None:
        """Delete rows known to be in the archive."""
        rows = [(seq,) for seq in seqs]
        self._file.write(lambda db: db.executemany("DELETE FROM outbox WHERE seq = ?", rows))

    def unconfirm(self, seqs: Iterable[int]) -> None:
        """Mark rows that the queue lost as unsent; they keep their ids."""
        rows = [(seq,) for seq in seqs]
        self._file.write(
            lambda db: db.executemany(
                "UPDATE outbox SET stream_id = NULL, confirmed_at = NULL WHERE seq = ?", rows
            )
        )
        self.appended.set()

    def open_events(self) -> list[Event]:
        """Return the events raised and not cleared, also from before a restart."""
        return self._file.read(open_events.all_open)

    def pending_evidence(self) -> list[PendingEvidence]:
        """Return the pending evidence of raised events, also from before a restart."""
        return self._file.read(pending_parts.all_pending)

    def depth(self) -> SpoolDepth:
        """Return what waits, for status and alarms."""
        count, oldest_at = self._file.read(
            lambda db: db.execute(
                "SELECT count(*), min(spooled_at) FROM outbox WHERE stream_id IS NULL"
            ).fetchone()
        )
        return SpoolDepth(count=count, oldest_at=oldest_at)

    def close(self) -> None:
        """Close the file; calling twice is fine."""
        self._file.close()


def _next_seq(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return 1 if row is None else int(row[0]) + 1
