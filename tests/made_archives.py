"""Archives for tests: the migrations run once in a process, and each test has a copy of the tables.

Tests of the migrations themselves open an `Archive` on an empty database.
"""

import tempfile
from functools import cache
from pathlib import Path

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url


def archive_at(path: Path) -> Archive:
    """The archive in an SQLite file; a file that is not there begins empty and up to date."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return Archive(sqlite_url(path))


@cache
def _migrated() -> bytes:
    """The file that the migrations make."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        Archive(sqlite_url(path)).close()
        return path.read_bytes()
