"""A copy of the archive that is whole although the centre goes on writing, and its way back.

SQLite copies itself page by page through its own backup interface. A PostgreSQL archive is backed
up by PostgreSQL's own tools, which every site that runs one has: here it is refused with that word.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from alerts.errors import ArchiveRefused, ArchiveUnreachable

_PREFIX = "sqlite:///"


def sqlite_path(url: str) -> Path:
    """The file of an archive's URL; raises `ArchiveRefused` for another database."""
    if not url.startswith(_PREFIX):
        raise ArchiveRefused(
            "this archive is not SQLite: back it up with pg_dump, restore it with pg_restore"
        )
    return Path(url.removeprefix(_PREFIX))


def copy_archive(url: str, target: Path) -> None:
    """Copy a living archive; the copy is one moment of it. Raises `ArchiveUnreachable`."""
    source = sqlite_path(url)
    if not source.exists():
        raise ArchiveUnreachable(f"there is no archive at {source}")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30.0)) as living,
            closing(sqlite3.connect(target)) as copy,
        ):
            living.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise ArchiveUnreachable(f"archive {source}: {error}") from error
    if verdict != "ok":
        raise ArchiveUnreachable(f"the copy of archive {source} is damaged: {verdict}")


def evidence_index(copy: Path) -> list[tuple[str, str, int]]:
    """(path, sha256, bytes) of every evidence file of a copied archive that was not deleted."""
    sql = "SELECT path, sha256, bytes FROM evidence WHERE deleted_at IS NULL ORDER BY path"
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:
        return [(str(path), str(sha), int(size)) for path, sha, size in database.execute(sql)]


def put_back(copy: Path, url: str, *, aside: str) -> Path | None:
    """Put a copy in the archive's place; what stood there is kept under another name."""
    target = sqlite_path(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    for suffix in ("-wal", "-shm", ""):
        part = target.with_name(target.name + suffix)
        if part.exists():
            kept = part.with_name(f"{target.name}.{aside}{suffix}")
            part.rename(kept)
    draft = target.with_name(f"{target.name}.new")
    shutil.copyfile(copy, draft)
    draft.replace(target)
    return kept
