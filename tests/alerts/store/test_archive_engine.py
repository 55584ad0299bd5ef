"""Opening a database: migrations forward and back, newer ones, broken ones, secrets."""

import _sqlite3
import ctypes
import os
import sqlite3
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.alerts.every_table import every_table
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.errors import (
    ArchiveError,
    ArchiveRefused,
    ArchiveTooNew,
    ArchiveUnreachable,
)
from thapcanh.alerts.store.tables import metadata

if TYPE_CHECKING:
    from tests.alerts.conftest import PostgresServer


def table_names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(sa.inspect(connection).get_table_names())


def test_the_migrations_make_exactly_the_tables_of_the_code(archive_url: str) -> None:
    every_table()
    database = Database(archive_url)
    database.upgrade()
    with database.reading() as connection:
        here = connection.dialect.name

        def is_made_here(item: Any, *_: object) -> bool:
            return bool(item.info.get("dialect", here) == here)

        context = MigrationContext.configure(connection, opts={"include_object": is_made_here})
        differences: list[Any] = list(compare_metadata(context, metadata))
    database.close()
    assert differences == []


def test_down_and_up_again(archive_url: str) -> None:
    database = Database(archive_url)
    database.upgrade()
    database.upgrade()
    database.downgrade("base")
    assert table_names(database) == {"alembic_version"}
    database.upgrade()
    assert {"alert", "user_account"} <= table_names(database)
    database.close()
    Archive(archive_url).close()


def test_an_upgrade_keeps_what_is_there(archive_url: str) -> None:
    archive = Archive(archive_url)
    archive.take_in(fake_message(1), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    before = archive.alerts()
    archive.close()
    again = Archive(archive_url)
    assert again.alerts() == before
    assert again.verify_chain().ok
    again.close()


def test_two_centres_that_start_at_once_migrate_once(archive_url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            Archive(archive_url).close()
        except ArchiveError as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_new_file_that_another_program_still_makes_is_waited_for(tmp_path: Path) -> None:
    """SQLite's timeout does not hold for the turn to the write-ahead log."""
    file = tmp_path / "archive.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    released = threading.Timer(0.2, other.execute, ["COMMIT"])
    released.start()
    Archive(sqlite_url(file)).close()
    released.join()
    other.close()


def test_a_database_of_a_newer_program_is_refused(archive_url: str) -> None:
    database = Database(archive_url)
    database.upgrade()
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_from_later'")
    database.close()
    with pytest.raises(ArchiveTooNew, match="newer program") as caught:
        Archive(archive_url)
    assert not caught.value.retry_helps


def test_sqlite_is_durable_and_checks_its_keys(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "new" / "archive.db"))
    with database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_broken_key_is_refused_by_both(archive: Archive) -> None:
    with pytest.raises(ArchiveRefused):
        archive.add_session("token", "nobody", "csrf", 1.0, 2.0)


def test_a_transaction_that_fails_leaves_nothing(archive: Archive) -> None:
    def fail_half_way() -> None:
        with archive._db.writing() as connection:
            connection.exec_driver_sql("UPDATE ledger SET change_seq = 77")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert archive.last_seq() == 0


def test_a_file_that_is_not_a_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(os.urandom(8192))
    with pytest.raises(ArchiveError, match=r"archive\.db"):
        Archive(sqlite_url(path))


def test_nobody_at_the_address_means_retry_and_shows_no_password() -> None:
    with pytest.raises(ArchiveUnreachable) as caught:
        Archive("postgresql://watch:s3cret-word@127.0.0.1:9/archive")
    assert caught.value.retry_helps
    assert "s3cret-word" not in str(caught.value)
    assert "<secret>" in str(caught.value)


def test_connections_that_postgresql_closed_are_made_again(
    postgres: "PostgresServer",
) -> None:
    url = postgres.new_database()
    archive = Archive(url)
    archive.take_in(fake_message(1), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    with psycopg.connect(url, autocommit=True) as other:
        closed = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert closed
    archive.take_in(fake_message(2), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    assert archive.last_seq() == 3
    archive.close()


def test_a_database_that_dies_within_a_change_is_waited_for(postgres: "PostgresServer") -> None:
    archive = Archive(postgres.new_database())
    itself = "SELECT pg_terminate_backend(pg_backend_pid())"
    with (
        pytest.raises(ArchiveUnreachable),  # not "unexpected", for which an event would be blamed
        archive._db.writing() as connection,
    ):
        connection.exec_driver_sql(itself)
    archive.take_in(fake_message(1), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    assert archive.last_seq() == 2
    archive.close()


def test_a_missing_table_is_waited_for_rather_than_blamed_on_the_event(archive: Archive) -> None:
    with archive._db.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE episode_event RENAME TO elsewhere")
    with pytest.raises(ArchiveUnreachable):
        archive.take_in(fake_message(1), queued_at=1.0, now=1.0, camera=lambda _: None)
    with archive._db.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO episode_event")
    archive.take_in(fake_message(1), queued_at=1.0, now=1.0, camera=lambda _: None)


@pytest.mark.parametrize("url", ["nothing", "mongodb://user:s3cret-word@host/x"])
def test_what_is_not_a_database_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ArchiveRefused) as caught:
        Archive(url)
    assert "s3cret-word" not in str(caught.value)


def test_a_writer_that_never_ends_is_told_to_the_next_one(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thapcanh.alerts.store.database.BUSY_S", 0.05)
    told = pytest.raises(ArchiveUnreachable, match="another thread writes")
    with sqlite_archive.database.writing(), told:
        sqlite_archive.mark_pushed(["an-alert"], 1.0)
    sqlite_archive.mark_pushed(["an-alert"], 1.0)


def test_writers_of_one_process_do_not_starve_each_other(sqlite_archive: Archive) -> None:
    """SQLite's own wait looked again too seldom: an acknowledgement waited 9 s behind a backlog."""
    written, enough = [0], threading.Event()

    def write_on() -> None:
        while not enough.is_set():
            sqlite_archive.mark_pushed(["an-alert"], 1.0)
            written[0] += 1

    busy = threading.Thread(target=write_on)
    busy.start()
    waits = []
    for _ in range(20):
        before = written[0]
        sqlite_archive.mark_pushed(["another"], 1.0)
        waits.append(written[0] - before)
    enough.set()
    busy.join()
    assert sum(waits) < 20 * 50


def test_a_database_of_another_encoding_is_refused_by_one_line(postgres: "PostgresServer") -> None:
    """The centre ended with a traceback of the driver's, and was started again for ever."""
    url = postgres.new_database(like="template0", options="ENCODING SQL_ASCII LOCALE 'C'")
    try:
        with pytest.raises(ArchiveRefused, match=r"encoding is SQL_ASCII; make it anew with"):
            Archive(url)
    finally:
        postgres.drop(url)


def _sqlite_bytes() -> int:
    """What SQLite holds in this process, by its own count."""
    count = getattr(ctypes.CDLL(_sqlite3.__file__), "sqlite3_memory_used", None)
    if count is None:
        pytest.skip("SQLite is hidden in the interpreter and cannot be asked")
    count.restype = ctypes.c_int64
    return int(count())


def _connection_used(database: Database) -> int:
    with database.reading() as connection:
        return id(connection.connection.driver_connection)


def test_what_idle_connections_hold_of_the_file_is_given_back(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "archive.sqlite"))
    try:
        before = _sqlite_bytes()
        with database.altering() as connection:
            connection.execute(sa.text("CREATE TABLE page (words TEXT)"))
            rows = [{"words": "x" * 3000}] * 1500
            connection.execute(sa.text("INSERT INTO page VALUES (:words)"), rows)
        with ExitStack() as stack:  # each has read more than it may keep
            for connection in [stack.enter_context(database.reading()) for _ in range(4)]:
                connection.execute(sa.text("SELECT sum(length(words)) FROM page")).one()
                for number in range(40):
                    connection.execute(
                        sa.select(sa.literal_column(str(number), sa.Integer)).select_from(
                            sa.table("page")
                        )
                    )
        held = _sqlite_bytes() - before
        assert len({_connection_used(database) for _ in range(5)}) == 1  # the others rest
        database.give_memory_back()
        opened: list[object] = []
        sa.event.listen(database._engine, "connect", lambda *each: opened.append(each))
        database.give_memory_back()
        assert not opened, "it opened anew what it had closed, to close it again"
        assert held > 6_000_000
        assert _sqlite_bytes() - before < 0.05 * held  # one connection with what it prepared
        with ExitStack() as stack:  # and it is as good as before
            for connection in [stack.enter_context(database.reading()) for _ in range(4)]:
                assert connection.execute(sa.text("SELECT count(*) FROM page")).scalar() == 1500
    finally:
        database.close()
