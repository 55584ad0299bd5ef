"""Backup of a running archive, and its restoration.

SQLite uses its backup interface; PostgreSQL's rows are copied in one transaction at each side and
compared before commit.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.coordination.leadership import LOCK
from thapcanh.alerts.store.database import Database, read_only_url, sqlite_url
from thapcanh.alerts.store.errors import ArchiveRefused, ArchiveUnreachable
from thapcanh.alerts.store.schema_version import VERSION_TABLE, revision_by_name, revision_of
from thapcanh.config.files import rename, whole_file

SQLITE_PREFIX = "sqlite:///"
_ROWS = 1000  # a statement
_HASHES = 1 << 256


def copy_archive(url: str, target: Path) -> None:
    """Copy a running archive into an SQLite file, as one snapshot.

    Raise `ArchiveError`.
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
    """Restore a copy; return the name under which the earlier content is retained.

    Raise `ArchiveError`, without changes, if this program cannot read the copy.
    """
    _check_readable(copy)
    if not url.startswith(SQLITE_PREFIX):
        schema = _copy_rows(read_only_url(copy), url, aside=aside)
        return f"the schema {schema}" if schema else None
    target = Path(url.removeprefix(SQLITE_PREFIX))
    target.parent.mkdir(parents=True, exist_ok=True)
    retained = None
    for suffix in ("-wal", "-shm", ""):
        part = target.with_name(target.name + suffix)
        if part.exists():
            retained = part.with_name(f"{target.name}.{aside}{suffix}")
            rename(part, retained)
    with whole_file(target) as draft:
        shutil.copyfile(copy, draft)
    return None if retained is None else str(retained)


def _copy_into(source: Database, target: Database, *, aside: str | None = None) -> str | None:
    """Copy every row, compare both sides, and then commit.

    Content of a PostgreSQL target is moved into the schema `aside`, whose name is returned; None if
    it was empty. Raise `ArchiveRefused` if there is nothing to copy, the target may not be
    replaced, or a centre runs on it.
    """
    with source.reading() as reading:
        revision = revision_by_name(reading, source.shown)
        if revision is None:
            raise ArchiveRefused(f"archive {source.shown}: there are no tables in it")
        with target.altering() as writing:
            retained = _made_room(writing, target, aside)
            target.upgrade_within(writing, revision)
            _copy_all(reading, writing, source.shown, revision)
    return retained


def _check_readable(copy: Path) -> None:
    database = Database(read_only_url(copy))
    try:
        with database.reading() as connection:
            revision_by_name(connection, str(copy))
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
        return _copy_into(source, target, aside=aside)
    finally:
        source.close()
        target.close()


@dataclass(slots=True)
class _Content:
    """Digest of a table, independent of row order."""

    rows: int = 0
    hashes: int = 0  # the sum of each row's sha256

    def add(self, values: Sequence[Any]) -> None:
        digest = hashlib.sha256(repr(tuple(values)).encode("utf-8", "surrogatepass")).digest()
        self.rows += 1
        self.hashes = (self.hashes + int.from_bytes(digest)) % _HASHES


def _made_room(writing: sa.Connection, target: Database, aside: str | None) -> str | None:
    if not target.is_sqlite:
        nobody_leads = writing.execute(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))).scalar()
        if not nobody_leads:
            raise ArchiveRefused(
                f"a centre runs on archive {target.shown}: stop every centre first"
            )
    if revision_of(writing) is None:
        return None
    if aside is None or target.is_sqlite:
        raise ArchiveRefused(f"archive {target.shown} is not empty")
    _move_aside(writing, aside)
    return aside


def _move_aside(connection: sa.Connection, schema: str) -> None:
    """Move the tables of a PostgreSQL archive into a schema of their own."""
    quote = connection.dialect.identifier_preparer.quote
    names = sa.inspect(connection).get_table_names()
    connection.execute(sa.schema.CreateSchema(schema))
    for name in names:
        connection.execute(sa.text(f"ALTER TABLE {quote(name)} SET SCHEMA {quote(schema)}"))


def _copy_all(reading: sa.Connection, writing: sa.Connection, shown: str, revision: str) -> None:
    tables = _tables(reading)
    existing = {table.name: table for table in _tables(writing)}
    if existing.keys() != {table.name for table in tables}:
        raise ArchiveRefused(f"archive {shown} has other tables than {revision}")
    for table in reversed(tables):  # what the revision itself put there
        writing.execute(sa.delete(existing[table.name]))
    for table in tables:
        target = existing[table.name]
        sent = _copy(reading, table, writing, target)
        if sent != _content(writing, target, [column.name for column in table.columns]):
            raise ArchiveRefused(f"table {table.name} did not arrive as it is; nothing was changed")
    if writing.dialect.name == "postgresql":
        _set_sequences(writing, tables)


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """Return all tables but the revision's, referenced ones first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _copy(
    reading: sa.Connection, table: sa.Table, writing: sa.Connection, target: sa.Table
) -> _Content:
    """Copy rows; columns that refer to the same table are filled in afterwards."""
    later = [one for one in table.columns if _refers_to_own(one)]
    content = _Content()
    for rows in _batches(reading, sa.select(table).order_by(*table.primary_key.columns)):
        found: list[dict[str, Any]] = []
        for row in rows:
            content.add(row)
            found.append({**row._mapping, **{one.name: None for one in later}})
        _write(writing, sa.insert(target), found, table.name)
    for column in later:
        _fill_in(reading, column, writing, target)
    return content


def _fill_in(
    reading: sa.Connection, column: sa.Column[Any], writing: sa.Connection, target: sa.Table
) -> None:
    (key,) = column.table.primary_key.columns
    query = sa.select(key.label("own_key"), column.label("other")).where(column.is_not(None))
    change = (
        sa.update(target)
        .where(target.c[key.name] == sa.bindparam("own_key"))
        .values({column.name: sa.bindparam("other")})
    )
    for rows in _batches(reading, query):
        _write(writing, change, [dict(row._mapping) for row in rows], target.name)


def _write(
    writing: sa.Connection, statement: sa.Executable, rows: list[dict[str, Any]], table: str
) -> None:
    try:
        writing.execute(statement, rows)
    except sa.exc.DataError as error:  # SQLite takes what PostgreSQL does not: letters that are NUL
        words = " ".join(str(error.orig).split())
        raise ArchiveRefused(f"table {table} cannot be copied: {words}") from error


def _content(connection: sa.Connection, table: sa.Table, columns: Sequence[str]) -> _Content:
    content = _Content()
    for rows in _batches(connection, sa.select(*(table.c[name] for name in columns))):
        for row in rows:
            content.add(row)
    return content


def _batches(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
    result = connection.execute(query, execution_options={"yield_per": _ROWS})
    yield from result.partitions(_ROWS)


def _refers_to_own(column: sa.Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _set_sequences(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Set PostgreSQL's sequences after the highest copied number."""
    for table in tables:
        for column in table.primary_key.columns:
            sequence = connection.execute(
                sa.select(sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name))
            ).scalar()
            highest = connection.execute(
                sa.select(sa.func.max(sa.table(table.name, sa.column(column.name)).c[column.name]))
            ).scalar()
            if sequence is not None and highest is not None:
                connection.execute(sa.select(sa.func.setval(sequence, highest)))
