"""Accepted data that becomes events later, stored in the spool's file.

Its sender got a reply, so it must survive a crash.
"""

import sqlite3
from collections.abc import Iterable

SCHEMA = "CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);"


def put(db: sqlite3.Connection, bodies: Iterable[str]) -> list[int]:
    """Add rows in the caller's transaction; return their numbers, which grow."""
    sql = "INSERT INTO waiting (body) VALUES (?) RETURNING id"
    return [int(db.execute(sql, (body,)).fetchone()[0]) for body in bodies]


def drop(db: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Delete rows in the caller's transaction."""
    db.executemany("DELETE FROM waiting WHERE id = ?", [(row,) for row in rows])


def all_waiting(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """Return numbers and bodies in order."""
    return [
        (int(row), str(body))
        for row, body in db.execute("SELECT id, body FROM waiting ORDER BY id")
    ]
