"""A copy of the archive that is whole although the centre goes on writing, and its way back.

A copy is always one SQLite file, whatever the archive is: so a site that outgrows SQLite restores
its backup into PostgreSQL, and back. SQLite copies itself page by page through its own backup
interface; from and into PostgreSQL rows are copied in one transaction, and compared before it ends.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from alerts.store.database import Database, read_only_url, sqlite_url
from alerts.store.errors import ArchiveUnreachable
from alerts.store.schema_version import known_revision
from alerts.store.transfer import copy_into
from config.files import rename, whole_file

SQLITE_PREFIX = "sqlite:///"


def copy_archive(url: str, target: Path) -> None:
    """Copy a living archive into an SQLite file; the copy is one moment of it.

    Raises `ArchiveError`.
    """
    if url.startswith(SQLITE_PREFIX):
        _copy_sqlite(Path(url.removeprefix(SQLITE_PREFIX)), target)
    else:
        _copy_rows(url, sqlite_url(target))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise ArchiveUnreachable(f"the copy {target} is damaged: {verdict}")


def evidence_index(copy: Path) -> list[tuple[str, str, int]]:
    """(path, sha256, bytes) of every evidence file of a copied archive that was not deleted."""
    sql = "SELECT path, sha256, bytes FROM evidence WHERE deleted_at IS NULL ORDER BY path"
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:
        return [(str(path), str(sha), int(size)) for path, sha, size in database.execute(sql)]


def put_back(copy: Path, url: str, *, aside: str) -> str | None:
    """Put a copy in the archive's place; what stood there is kept, and its name returned.

    Raises `ArchiveError`, and touches nothing, where this program does not read the copy.
    """
    _check_readable(copy)
    if not url.startswith(SQLITE_PREFIX):
        schema = _copy_rows(read_only_url(copy), url, aside=aside)
        return f"the schema {schema}" if schema else None
    target = Path(url.removeprefix(SQLITE_PREFIX))
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    for suffix in ("-wal", "-shm", ""):
        part = target.with_name(target.name + suffix)
        if part.exists():
            kept = part.with_name(f"{target.name}.{aside}{suffix}")
            rename(part, kept)
    with whole_file(target) as draft:
        shutil.copyfile(copy, draft)
    return None if kept is None else str(kept)


def _check_readable(copy: Path) -> None:
    database = Database(read_only_url(copy))
    try:
        with database.reading() as connection:
            known_revision(connection, str(copy))
    finally:
        database.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise ArchiveUnreachable(f"there is no archive at {source}")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30.0)) as living,
            closing(sqlite3.connect(target)) as copy,
        ):
            living.backup(copy)
    except sqlite3.Error as error:
        raise ArchiveUnreachable(f"archive {source}: {error}") from error


def _copy_rows(source_url: str, target_url: str, *, aside: str | None = None) -> str | None:
    source, target = Database(source_url), Database(target_url)
    try:
        return copy_into(source, target, aside=aside)
    finally:
        source.close()
        target.close()
