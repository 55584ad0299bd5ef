"""Many rows like one that is there, made by the database itself: as fast as its disk."""

import sqlite3
from collections.abc import Mapping


def copy_row(
    database: sqlite3.Connection,
    table: str,
    count: int,
    varied: Mapping[str, str],
    like: str = "1",
) -> None:
    """Insert so many copies of the first row for which `like` holds.

    `varied` are the columns that differ: SQL expressions in which `i` counts from 1.
    """
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(varied.get(column, column) for column in columns)
    database.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"  # noqa: S608
        f" INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n,"
        f" (SELECT * FROM {table} WHERE {like} LIMIT 1)"
    )
