"""An archive's rows from one database into another: SQLite and PostgreSQL, in both directions.

The source is read in one transaction, so the copy is one moment of a living archive. Tables are
read from the databases themselves at the source's revision: an older archive is copied as it is.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from alerts.archive.database import Database
from alerts.archive.schema_version import VERSION_TABLE, known_revision, revision_of
from alerts.errors import ArchiveRefused

_ROWS = 1000  # a statement


def copy_into(source: Database, target: Database) -> int:
    """Copy every row into a database without tables; return how many rows.

    Raises `ArchiveRefused` when there is nothing to copy, or the target is not empty.
    """
    with source.reading() as reading:
        revision = known_revision(reading, source.shown)
        if revision is None:
            raise ArchiveRefused(f"archive {source.shown}: there are no tables in it")
        with target.reading() as there:
            if revision_of(there) is not None:
                raise ArchiveRefused(f"archive {target.shown} is not empty")
        target.upgrade(revision)
        tables = _tables(reading)
        with target.writing() as writing:
            known = {table.name: table for table in _tables(writing)}
            if known.keys() != {table.name for table in tables}:
                raise ArchiveRefused(f"archive {source.shown} has other tables than {revision}")
            for table in reversed(tables):  # what the revision itself put there
                writing.execute(sa.delete(known[table.name]))
            rows = sum(_copy(reading, table, writing, known[table.name]) for table in tables)
            if not target.is_sqlite:
                _set_sequences(writing, tables)
    return rows


def move_aside(database: Database, schema: str) -> bool:
    """Keep the tables of a PostgreSQL archive in a schema of their own; false where none are."""
    with database.altering() as connection:
        names = sa.inspect(connection).get_table_names()
        if VERSION_TABLE not in names:
            return False
        connection.execute(sa.schema.CreateSchema(schema))
        _move(connection, names, sa.inspect(connection).default_schema_name or "public", schema)
    return True


def move_back(database: Database, schema: str) -> None:
    """Undo `move_aside`: drop what stands in the tables' place."""
    with database.altering() as connection:
        here = sa.inspect(connection).default_schema_name or "public"
        partial = sa.MetaData()
        partial.reflect(connection)
        partial.drop_all(connection)
        _move(connection, sa.inspect(connection).get_table_names(schema), schema, here)
        connection.execute(sa.schema.DropSchema(schema))


def _move(connection: sa.Connection, names: Sequence[str], old: str, new: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    for name in names:
        connection.execute(
            sa.text(f"ALTER TABLE {quote(old)}.{quote(name)} SET SCHEMA {quote(new)}")
        )


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """All tables but the revision's, those that others refer to first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _copy(reading: sa.Connection, table: sa.Table, writing: sa.Connection, target: sa.Table) -> int:
    order = list(table.primary_key.columns)
    result = reading.execution_options(yield_per=_ROWS).execute(sa.select(table).order_by(*order))
    copied = 0
    for rows in result.partitions(_ROWS):
        found: list[dict[str, Any]] = [dict(row._mapping) for row in rows]
        writing.execute(sa.insert(target), found)
        copied += len(found)
    return copied


def _set_sequences(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """PostgreSQL's own numbers go on after the highest that was copied."""
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
