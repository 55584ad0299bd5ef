"""Every table is sealed because it exists: walked by the metadata, row by row, column by column."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.alerts.every_table import every_table
from tests.alerts.made_rows import row_of, value_of
from tests.made_archives import archive_at
from thapcanh.alerts.evidence import consistency
from thapcanh.alerts.evidence.consistency import Everything, verify_on
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.schema_version import VERSION_TABLE
from thapcanh.alerts.store.seals.declared_seals import tables_of
from thapcanh.alerts.store.seals.sealed_tables import (
    UNSEALED,
    UNSEALED_COLUMNS,
    is_sealed,
    sealed_columns,
)

SEALED = [table for table in every_table() if is_sealed(table)]
_REASON_LETTERS = 20  # fewer give no reason


def test_every_table_of_an_archive_is_sealed_or_left_out_with_a_reason(archive: Archive) -> None:
    """A table that a migration makes and no module declares would be neither."""
    with archive.database.reading() as connection:
        made = set(sa.inspect(connection).get_table_names()) - {VERSION_TABLE}
    assert made == {table.name for table in every_table()}
    assert made >= UNSEALED.keys()
    assert len(SEALED) + len(UNSEALED) == len(made)
    assert all(len(reason) >= _REASON_LETTERS for reason in UNSEALED.values())
    for name, left_out in UNSEALED_COLUMNS.items():
        (table,) = [one for one in SEALED if one.name == name]
        assert {one.name for one in table.columns} > left_out.keys()
        assert all(len(reason) >= _REASON_LETTERS for reason in left_out.values())
        assert not {one.name for one in table.primary_key.columns} & left_out.keys()


def test_a_new_table_is_sealed_without_being_told() -> None:
    made = sa.Table("made_tomorrow", sa.MetaData(), sa.Column("id", sa.Text(), primary_key=True))
    assert is_sealed(made)
    assert [one.name for one in sealed_columns(made)] == ["id"]


def test_tables_are_made_again_only_where_they_changed(archive: Archive) -> None:
    """Their queries are compiled once, and a migration's column is in the next reading."""
    with archive.database.altering() as connection:
        before = {one.name: one for one in tables_of(connection)}
        assert all(one is before[one.name] for one in tables_of(connection))
        connection.exec_driver_sql("ALTER TABLE unit ADD COLUMN made_tomorrow INTEGER")
        after = {one.name: one for one in tables_of(connection)}
        connection.rollback()
    assert "made_tomorrow" in after.pop("unit").columns
    assert "made_tomorrow" not in before["unit"].columns
    assert all(one is before[one.name] for one in after.values())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Two rows of everything, written as the centre writes; each test takes back what it does."""
    if request.param == "sqlite":
        archive = archive_at(tmp_path_factory.mktemp("filled") / "archive.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        archive = Archive(server.new_archive())
    with archive.database.writing() as connection:
        for table in every_table():
            if table.name not in {"ledger", "action_log", "evidence"}:
                connection.execute(sa.insert(table), [row_of(table, one) for one in (1, 2)])
        add_log(connection, AuditEntry(at=1.0, action="filled", object_id="x1", details={}))
    yield archive.database
    archive.close()


class _TakeBackError(Exception):
    """Ends a transaction of which nothing may stay."""


class Altering:
    """Goes past the log, and takes back what it did."""

    def __init__(self, database: Database, store: FolderStore) -> None:
        self._database = database
        self._store = store
        with database.reading() as connection:
            self.tables = tables_of(connection)  # they stay, only rows are altered

    def verified_after(self, *statements: sa.Executable) -> Everything:
        with suppress(_TakeBackError), self._database.altering() as connection:
            connection.exec_driver_sql(
                "PRAGMA defer_foreign_keys = ON"
                if self._database.is_sqlite
                else "SET LOCAL session_replication_role = replica"
            )
            for statement in statements:
                assert connection.execute(statement).rowcount in {1, -1}, statement
            found = verify_on(connection, self._store, set())
            raise _TakeBackError
        return found


@pytest.fixture(autouse=True)
def seals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What acts and counters say of made rows is another test's."""
    monkeypatch.setattr(consistency, "faults_by_acts", lambda *_: ())
    monkeypatch.setattr(consistency, "faults_of_counters", lambda _: ())


@pytest.fixture(scope="module")
def altering(filled: Database, tmp_path_factory: pytest.TempPathFactory) -> Altering:
    return Altering(filled, FolderStore(tmp_path_factory.mktemp("evidence")))


def test_what_the_centre_writes_agrees(altering: Altering) -> None:
    found = altering.verified_after()
    assert found.ok, found.disagreements
    assert found.rows == 2 * (len(SEALED) - 1)  # evidence has its files' test


def _alterations(table: sa.Table) -> Iterator[sa.Executable]:
    """A row more, a row less, and each column with another value and with none."""
    mine = sa.and_(*(one == value_of(one, 1) for one in table.primary_key.columns))
    yield sa.insert(table).values(row_of(table, 3))
    yield sa.delete(table).where(mine)
    for one in sealed_columns(table):
        yield sa.update(table).where(mine).values({one.name: value_of(one, 4)})
    for one in sealed_columns(table):
        if one.nullable:
            yield sa.update(table).where(mine).values({one.name: None})


ALTERATIONS = {one.name: list(_alterations(one)) for one in SEALED if one.name != "evidence"}
ROUNDS = max(map(len, ALTERATIONS.values()))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_each_alteration_of_a_sealed_table_is_found_by_itself(
    altering: Altering, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One alteration of every table at a time: a row's seal says nothing of other tables."""
    monkeypatch.setattr(consistency, "tables_of", lambda _: altering.tables)
    made = {name: some[number] for name, some in ALTERATIONS.items() if number < len(some)}
    found = altering.verified_after(*made.values())
    # a row that comes back names its file too, which nobody wrote
    rows = [one.what for one in found.disagreements if not one.what.startswith("document ")]
    altered = [one.partition(":")[0] for one in rows]
    unnoticed = [str(made[name]) for name in made.keys() - set(altered)]
    assert not unnoticed
    assert sorted(set(altered)) == sorted(made)
