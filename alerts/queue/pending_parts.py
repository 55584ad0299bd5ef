"""Pending evidence of raised events, in their producer's spool."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.queue.message import decode
from thapcanh.detection.event import Event

SCHEMA = """
CREATE TABLE IF NOT EXISTS owed_evidence (
    event_id TEXT, part TEXT, entry TEXT NOT NULL, PRIMARY KEY (event_id, part)
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEvidence:
    """Raised event, and a part of its evidence that was not reported yet."""

    event: Event
    part: str


def owe(db: sqlite3.Connection, event_id: str, parts: Iterable[str], entry: str) -> None:
    """Record what is to follow an entry's raised event, in the caller's transaction."""
    db.executemany(
        "INSERT INTO owed_evidence VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(event_id, part, entry) for part in parts],
    )


def settle(db: sqlite3.Connection, event_id: str, parts: Iterable[str]) -> None:
    """Remove parts that a message brings or cancels, in the caller's transaction."""
    db.executemany(
        "DELETE FROM owed_evidence WHERE event_id = ? AND part = ?",
        [(event_id, part) for part in parts],
    )


def all_pending(db: sqlite3.Connection) -> list[PendingEvidence]:
    """Return all pending parts, in order of raising."""
    rows = db.execute("SELECT part, entry FROM owed_evidence ORDER BY rowid").fetchall()
    return [
        PendingEvidence(event=decode(json.loads(entry)).event, part=part) for part, entry in rows
    ]
