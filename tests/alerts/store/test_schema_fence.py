"""An archive that another program brought to its schema is read here, and not written."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer, until
from tests.alerts.desk import take
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store import database as database_module
from thapcanh.alerts.store.coordination.centres import expected_centres, note_alive
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError, ArchiveTooNew
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.schema_version import newest_revision

_BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
_NEXT = "UPDATE alembic_version SET version_num = '9999_next'"
_OLDER = "0027_member_index"  # the next migration changes the table of tokens


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    made = postgres.new_database()
    yield made
    postgres.drop(made)


def test_a_program_stops_writing_when_another_has_brought_the_archive_further(
    archive: Archive,
) -> None:
    take(archive, 1, zone_id="a", event_id="event-1")
    with archive.database.altering() as connection:
        connection.exec_driver_sql(_NEXT)
    with pytest.raises(ArchiveTooNew, match="9999_next") as caught:
        take(archive, 2, zone_id="b", event_id="event-2")
    assert newest_revision() in str(caught.value)
    assert len(archive.alerts().items) == 1, "what is there can be read"
    assert not archive.database.is_written_here()


@pytest.mark.parametrize("writes", ["", "0028_token_maker"])
def test_postgresql_refuses_a_program_that_does_not_ask_for_the_schema(
    url: str, writes: str
) -> None:
    with closing(Archive(url)) as archive, psycopg.connect(url, autocommit=True) as older:
        older.execute("SELECT set_config('thapcanh.schema', %s, false)", [writes])
        before = archive.last_seq()
        with pytest.raises(psycopg.errors.RaiseException, match="update it"):
            older.execute("UPDATE ledger SET change_seq = change_seq + 1")
        assert archive.last_seq() == before
        take(archive, 1, zone_id="a", event_id="event-1")
        assert archive.last_seq() > before


def _older_archive(url: str) -> None:
    with closing(Archive(url)) as archive:
        archive.database.downgrade(_OLDER)


def test_a_starting_centre_waits_for_the_writer_of_an_older_one(url: str) -> None:
    _older_archive(url)
    with psycopg.connect(url) as writer, ThreadPoolExecutor(1) as starting:
        writer.execute("SELECT id FROM ledger FOR UPDATE")
        opened = starting.submit(Archive, url)
        _until_blocked(url, writer)
        writer.execute("SET LOCAL lock_timeout = '1s'")
        writer.execute("UPDATE api_token SET name = name")  # what the migration changes
        writer.execute("UPDATE ledger SET log_seq = log_seq")
        writer.commit()
        with closing(opened.result(PATIENCE_S)) as archive:
            assert archive.database.is_written_here()


def test_a_starting_centre_deadlocked_with_writers_that_waited_for_the_ledger(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under load there was always one, and the tenth try was the last."""
    monkeypatch.setattr(database_module, "_MIGRATION_TRIES", 1)
    _older_archive(url)
    ends = threading.Event()

    def write() -> int:
        count = 0
        with psycopg.connect(url) as writer:
            while not ends.is_set():
                writer.execute("SELECT id FROM ledger FOR UPDATE")
                writer.execute("SELECT pg_sleep(0.02)")
                writer.commit()
                count += 1
        return count

    with ThreadPoolExecutor(4) as office:
        writers = [office.submit(write) for _ in range(4)]
        try:
            with closing(Archive(url)) as archive:
                assert archive.database.is_written_here()
        finally:
            ends.set()
        assert all(one.result(PATIENCE_S) for one in writers)


def test_a_starting_centre_begins_again_where_a_reader_and_it_wait_for_each_other(
    url: str,
) -> None:
    _older_archive(url)
    with psycopg.connect(url) as reader, ThreadPoolExecutor(1) as starting:
        reader.execute("SELECT * FROM centre")
        opened = starting.submit(Archive, url)
        _until_blocked(url, reader)
        try:  # whichever of them PostgreSQL ends
            reader.execute("SELECT * FROM api_token")
        except psycopg.errors.DeadlockDetected:
            reader.rollback()
        reader.commit()
        with closing(opened.result(PATIENCE_S)) as archive:
            assert archive.database.is_written_here()


def test_a_centre_of_another_program_is_outdated_and_named(postgres: PostgresServer) -> None:
    url = postgres.new_archive()
    with closing(Database(url)) as database:
        note_alive(database, "a")
        assert [one.is_outdated for one in expected_centres(database)] == [False]
        with database.altering() as connection:
            connection.exec_driver_sql(_NEXT)
        assert [one.is_outdated for one in expected_centres(database)] == [True]
        with pytest.raises(ArchiveError), database.writing() as connection:
            connection.execute(sa.update(ledger).values(log_seq=0))
    postgres.drop(url)


def test_the_centres_of_an_archive_that_is_still_to_be_updated_are_known(url: str) -> None:
    with closing(Archive(url)) as archive:
        note_alive(archive.database, "a")
        archive.database.downgrade(_OLDER)
        found = expected_centres(archive.database)
        assert [(one.name, one.is_outdated) for one in found] == [("a", False)]


def _until_blocked(url: str, holder: psycopg.Connection) -> None:
    with psycopg.connect(url, autocommit=True) as watcher:

        def is_blocked() -> bool:
            asked = watcher.execute(_BLOCKED, [holder.info.backend_pid]).fetchone()
            return asked is not None and asked[0] > 0

        until(is_blocked)
