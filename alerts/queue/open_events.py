"""Open events of a producer, in its spool's file.

Written in the message's transaction, so that after a crash the producer knows what to clear.
"""

import json
import sqlite3

from thapcanh.alerts.queue.message import Message, decode
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.detection.event import Event, EventPhase

SCHEMA = "CREATE TABLE IF NOT EXISTS open_event (event_id TEXT PRIMARY KEY, entry TEXT NOT NULL);"


def note(db: sqlite3.Connection, message: Message, entry: str) -> None:
    """Record a message and its entry's text, in the caller's transaction."""
    if message.evidence_only or message.event.kind == SELF_TEST:
        return
    if message.event.phase is EventPhase.CLEARED:
        db.execute("DELETE FROM open_event WHERE event_id = ?", (message.event.event_id,))
        return
    db.execute(
        "INSERT INTO open_event (event_id, entry) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING",
        (message.event.event_id, entry),
    )


def all_open(db: sqlite3.Connection) -> list[Event]:
    """Return the first message of each open event."""
    rows = db.execute("SELECT entry FROM open_event ORDER BY rowid").fetchall()
    return [decode(json.loads(entry)).event for (entry,) in rows]
