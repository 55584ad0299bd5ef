"""An archive from before the first release: read where its tables are ours, else refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.conftest import PostgresServer
from tests.alerts.desk import take
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.backup import put_back
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.errors import ArchiveError, ArchiveTooNew, ArchiveTooOld
from thapcanh.alerts.store.releases import downgrade
from thapcanh.alerts.store.schema_version import newest_revision, revision_of

FIRST = "0001_initial"  # its tables are those of the last schema before it
LAST, OLDER, NEWER = "0020_device_signals", "0013_lived_days", "9999_from_later"


def with_revision(url: str, revision: str) -> None:
    """An archive with two alerts, marked as made at a revision."""
    archive = Archive(url)
    take(archive, 1, zone_id="a", event_id="event-1")
    take(archive, 2, zone_id="b", event_id="event-2")
    archive.close()
    if revision != newest_revision():
        mark(url, revision)


def mark(url: str, revision: str) -> None:
    database = Database(url)
    database.downgrade(FIRST)
    with database.altering() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
    database.close()


def alerts_in(url: str) -> int:
    archive = Archive(url)
    try:
        assert archive.verify_chain().ok
        return len(archive.alerts().items)
    finally:
        archive.close()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A copy of an archive in a folder whose name is no plain ASCII."""
    path = tmp_path / "bản sao 100%" / "archive.sqlite"
    with_revision(sqlite_url(path), newest_revision())
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A living archive with two alerts that a restore may replace."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "archive.sqlite")
        with_revision(url, newest_revision())
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    with_revision(url, newest_revision())
    yield url
    server.drop(url)


def test_the_last_schema_before_the_first_release_is_read_and_renamed(archive_url: str) -> None:
    with_revision(archive_url, LAST)
    assert alerts_in(archive_url) == 2
    database = Database(archive_url)
    with database.reading() as connection:
        assert revision_of(connection) == newest_revision()
    database.close()


def test_an_earlier_one_is_refused_in_one_sentence(archive_url: str) -> None:
    with_revision(archive_url, OLDER)
    with pytest.raises(ArchiveTooOld) as caught:
        Archive(archive_url)
    said = str(caught.value)
    assert archive_url.rpartition("/")[2] in said
    assert OLDER in said
    assert LAST in said, "the way out"
    assert "\n" not in said
    assert not caught.value.retry_helps


@pytest.mark.parametrize(("revision", "kind"), [(OLDER, ArchiveTooOld), (NEWER, ArchiveTooNew)])
def test_what_is_not_read_is_not_taken_back_either(
    archive_url: str, revision: str, kind: type[ArchiveError]
) -> None:
    with_revision(archive_url, revision)
    database = Database(archive_url)
    with pytest.raises(kind, match=revision):
        downgrade(database, newest_revision())
    database.close()


def test_a_backup_of_the_last_schema_comes_back(backup: Path, target: str) -> None:
    mark(sqlite_url(backup), LAST)
    put_back(backup, target, aside="before")
    assert alerts_in(target) == 2
    database = Database(target)
    with database.reading() as connection:
        assert revision_of(connection) == newest_revision()
    database.close()


@pytest.mark.parametrize(("revision", "kind"), [(OLDER, ArchiveTooOld), (NEWER, ArchiveTooNew)])
def test_a_backup_that_is_not_read_is_refused_before_anything_is_touched(
    backup: Path, target: str, revision: str, kind: type[ArchiveError]
) -> None:
    mark(sqlite_url(backup), revision)
    before = backup.read_bytes()
    with pytest.raises(kind, match=revision) as caught:
        put_back(backup, target, aside="before")
    assert str(backup) in str(caught.value)
    assert alerts_in(target) == 2
    assert backup.read_bytes() == before


def test_a_restore_changes_nothing_in_the_backup(backup: Path, target: str) -> None:
    """Its seals hold for a second restore."""
    before = backup.read_bytes()
    put_back(backup, target, aside="before")
    assert backup.read_bytes() == before
    assert [each.name for each in backup.parent.iterdir()] == [backup.name]
