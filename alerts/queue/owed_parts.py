"""Pictures and films that raised events still owe, kept in their producer's spool.

Written in the transactions of the messages themselves: what a producer took and was killed over is
known at its next start, and its alert does not wait for it without a word.
"""

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
class OwedEvidence:
    """A raised event, and the part of its evidence of which nothing was said yet."""

    event: Event
    part: str


def owe(db: sqlite3.Connection, event_id: str, parts: Iterable[str], entry: str) -> None:
    """Note what is to follow the raised event of an entry, in the caller's transaction."""
    db.executemany(
        "INSERT INTO owed_evidence VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(event_id, part, entry) for part in parts],
    )


def settle(db: sqlite3.Connection, event_id: str, parts: Iterable[str]) -> None:
    """Forget what a message brings or says will not come, in the caller's transaction."""
    db.executemany(
        "DELETE FROM owed_evidence WHERE event_id = ? AND part = ?",
        [(event_id, part) for part in parts],
    )


def all_owed(db: sqlite3.Connection) -> list[OwedEvidence]:
    """All of it, in the order in which the events were raised."""
    rows = db.execute("SELECT part, entry FROM owed_evidence ORDER BY rowid").fetchall()
    return [OwedEvidence(event=decode(json.loads(entry)).event, part=part) for part, entry in rows]
