"""Every table of an archive goes into another database whole, from SQLite and from PostgreSQL.

The rows are made from the tables' own description, so a table or column that is added is filled
and compared too.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.made_archives import archive_at
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.backup import copy_archive, put_back
from thapcanh.alerts.store.coordination.leadership import LOCK, LeaderElection
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.errors import ArchiveRefused, ArchiveUnreachable
from thapcanh.alerts.store.schema_version import VERSION_TABLE
from thapcanh.alerts.store.tables import metadata

ROWS, MANY = 9, 1200  # of each table; of some, more than one statement holds
LARGEST = {"alert", "action_log"}
LARGE = 2**53 + 1  # no float is this number
Rows = dict[str, list[tuple[Any, ...]]]


def rows_in(table: sa.FromClause) -> int:
    return MANY if table.description in LARGEST else ROWS


def value_of(column: sa.Column[Any], number: int) -> Any:
    """A value that says where it stands; the last third has none where none may be."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        other = key.column
        if other.table is column.table:  # refers to a row that is written later
            return None if number % 3 == 2 else value_of(other, (number + 7) % rows_in(other.table))
        return value_of(other, number)
    if column.nullable and number % 3 == 2:
        return None
    if isinstance(column.type, sa.Boolean):
        return number % 2 == 0
    if isinstance(column.type, sa.Double):
        return 1_800_000_000.123457 + number / 7
    if isinstance(column.type, sa.BigInteger):
        return LARGE + number
    if isinstance(column.type, sa.Integer):
        return number + 1
    return f'{column.name} {number:04} Đường "Láng" 🔥\n{{"a": "ß"}}'


def fill(url: str) -> None:
    with closing(Database(url)) as database, database.altering() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
        if database.is_sqlite:
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for table in metadata.sorted_tables:
            made = [{c.name: value_of(c, n) for c in table.columns} for n in range(rows_in(table))]
            connection.execute(sa.insert(table), made)


def rows_of(url: str) -> Rows:
    """All rows of all tables that are there, in one order."""
    with closing(Database(url)) as database, database.reading() as connection:
        found = sa.MetaData()
        found.reflect(connection)
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in found.sorted_tables
            if table.name != VERSION_TABLE
        }


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "archive.sqlite"
    archive_at(path).close()
    fill(sqlite_url(path))
    assert not path.with_name(f"{path.name}-wal").exists(), "all of it is in the one file"
    return path


@pytest.fixture
def filled(filled_once: Path, tmp_path: Path) -> str:
    """An archive on SQLite with rows in every table."""
    path = tmp_path / "data" / "archive.sqlite"
    path.parent.mkdir()
    shutil.copyfile(filled_once, path)
    return sqlite_url(path)


@pytest.fixture
def server(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop(url)


def test_every_row_of_every_table_goes_to_postgresql_and_back(
    filled: str, server: str, tmp_path: Path
) -> None:
    before = rows_of(filled)
    assert before.keys() == metadata.tables.keys()
    assert all(len(rows) == rows_in(metadata.tables[name]) for name, rows in before.items())
    copy_archive(filled, tmp_path / "copy.sqlite")
    assert put_back(tmp_path / "copy.sqlite", server, aside="before") is None
    assert rows_of(server) == before
    copy_archive(server, tmp_path / "back.sqlite")
    assert rows_of(sqlite_url(tmp_path / "back.sqlite")) == before


def test_a_copy_that_ends_half_way_leaves_what_stood_there(
    filled: str, server: str, tmp_path: Path
) -> None:
    """An empty archive that looks like a whole one is a calm screen over lost alerts."""
    copy_archive(filled, tmp_path / "copy.sqlite")
    put_back(tmp_path / "copy.sqlite", server, aside="first")
    before = rows_of(server)
    ended: list[bool] = []

    def end(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO call ") and not ended:
            ended.append(_end_sessions(server))

    sa.event.listen(sa.Engine, "before_cursor_execute", end)
    try:
        with pytest.raises(ArchiveUnreachable):
            put_back(tmp_path / "copy.sqlite", server, aside="second")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", end)
    assert ended == [True]
    assert rows_of(server) == before
    assert put_back(tmp_path / "copy.sqlite", server, aside="second") == "the schema second"
    assert rows_of(server) == before


def test_letters_that_postgresql_does_not_hold_are_told_with_their_table(
    filled: str, server: str, tmp_path: Path
) -> None:
    with closing(Database(filled)) as database, database.altering() as connection:
        connection.execute(sa.text("UPDATE shelf SET reason = 'a' || char(0) WHERE covers_p1"))
    copy_archive(filled, tmp_path / "copy.sqlite")
    with pytest.raises(ArchiveRefused, match=r"table shelf cannot be copied: .*NUL"):
        put_back(tmp_path / "copy.sqlite", server, aside="before")
    assert rows_of(server) == {}


def test_a_copy_with_other_tables_is_refused_and_what_stood_there_stays(
    filled: str, server: str, tmp_path: Path
) -> None:
    copy_archive(filled, tmp_path / "copy.sqlite")
    Archive(server).close()
    before = rows_of(server)
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as database:
        database.execute("CREATE TABLE another (a INTEGER PRIMARY KEY)")
    with pytest.raises(ArchiveRefused, match="other tables"):
        put_back(tmp_path / "copy.sqlite", server, aside="before")
    assert rows_of(server) == before


def test_nothing_is_put_under_a_centre_that_runs(
    filled: str, server: str, tmp_path: Path, wait_for: Callable[..., None]
) -> None:
    copy_archive(filled, tmp_path / "copy.sqlite")
    Archive(server).close()
    before = rows_of(server)
    leader = LeaderElection(server, "one")
    leader.start()
    try:
        wait_for(lambda: _is_locked(server), 30)
        with pytest.raises(ArchiveRefused, match="stop every centre first"):
            put_back(tmp_path / "copy.sqlite", server, aside="before")
    finally:
        leader.stop()
    assert rows_of(server) == before


def _end_sessions(url: str) -> bool:
    """As when the server dies: whoever writes there now is cut off; whether anybody was."""
    query = (
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        return bool(connection.execute(query).fetchall())


def _is_locked(url: str) -> bool:
    with closing(psycopg.connect(url)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", (LOCK,)
        ).fetchone()
    return found is not None and found[0] > 0
