"""An upgrade reports how far it is, ends when it is to, and leaves a whole archive when killed."""

import gzip
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.alerts.store.small_archive import ARCHIVES
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store import database as database_module
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.errors import UpgradeStopped
from thapcanh.alerts.store.schema_version import newest_revision, revision_of, revisions_after
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress, UpgradeState

OLDEST = "0010_evidence_gone"
MOMENTS = (1, 50, 100)  # reports: as it compares, migrates and seals
ROUNDS = 40_000_000
LONG = {  # one statement that takes seconds, and reads no table
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rounds})"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT count(*) FROM generate_series(1, {rounds}) AS n WHERE n % 7 = 3",
}
KILLED = """
import os, signal, sys
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.upgrade.progress import UpgradeProgress

left = int(sys.argv[2])

def report(state):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

Database(sys.argv[1]).upgrade(progress=UpgradeProgress(report))
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(gzip.decompress((ARCHIVES / f"{OLDEST}.sqlite.gz").read_bytes()))
    return path


def revision(url: str) -> str | None:
    with closing(Database(url)) as database, database.reading() as connection:
        return revision_of(connection)


def is_whole(url: str) -> bool:
    """Whether a start brings it up to date, and its log holds."""
    archive = Archive(url)
    try:
        return archive.verify_chain().ok and len(archive.alerts().items) == 5
    finally:
        archive.close()


def reports_of(url: str) -> list[UpgradeState]:
    found: list[UpgradeState] = []
    with closing(Database(url)) as database:
        database.upgrade(progress=UpgradeProgress(found.append))
    return found


def test_every_table_and_every_migration_is_a_part_of_the_progress(old: Path) -> None:
    """As in: bringing the archive from 0010 to 0028, 40 of 197 parts."""
    found = reports_of(sqlite_url(old))
    parts = [state.part for state in found]
    assert {state.before for state in found} == {OLDEST}
    assert {state.after for state in found} == {newest_revision()}
    assert [one for one in parts if one[:4].isdigit()] == revisions_after(OLDEST, "head")
    assert parts[0] == "action_log"
    assert {"alert", "event", "incident"} < set(parts)
    done = [state.done for state in found]
    assert done == sorted(done)
    assert all(state.done < state.total for state in found)
    assert found[-1].done == found[-1].total - 1, "the last part is the last"


def test_an_upgrade_that_has_nothing_to_do_reports_nothing(old: Path) -> None:
    reports_of(sqlite_url(old))
    assert reports_of(sqlite_url(old)) == []


@pytest.mark.parametrize("after", MOMENTS)
def test_an_upgrade_ends_when_it_is_to_and_leaves_the_archive_as_it_was(
    after: int, old: Path
) -> None:
    """SIGTERM in an upgrade waited for its end, and was killed after 20 s."""
    url = sqlite_url(old)
    found: list[UpgradeState] = []
    progress = UpgradeProgress(found.append, lambda: len(found) >= after)
    with closing(Database(url)) as database, pytest.raises(UpgradeStopped, match=OLDEST):
        database.upgrade(progress=progress)
    assert len(found) == after
    assert revision(url) == OLDEST
    assert is_whole(url)


@pytest.mark.parametrize("after", MOMENTS)
def test_an_upgrade_that_is_killed_in_the_middle_leaves_the_archive_whole(
    after: int, old: Path
) -> None:
    url = sqlite_url(old)
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(after)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert revision(url) == OLDEST
    assert is_whole(url)


def test_one_long_statement_reports_that_it_goes_on(archive_url: str) -> None:
    """Its rows come at once: the database itself shows that it works."""
    with closing(Database(archive_url)) as database, database.altering() as connection:
        found: list[UpgradeState] = []
        enough = threading.Event()

        def report(state: UpgradeState) -> None:
            found.append(state)
            if len(found) == 3:
                enough.set()

        progress = UpgradeProgress(report, enough.is_set)
        with progress.following(connection, connection.engine):
            rounds = ROUNDS
            while not enough.is_set():
                statement = LONG[connection.dialect.name].format(rounds=rounds)
                try:
                    connection.execute(sa.text(statement))
                except sa.exc.DBAPIError:
                    break
                rounds *= 2
        assert enough.is_set()


def test_one_long_statement_ends_when_the_upgrade_is_to(archive_url: str) -> None:
    stop = threading.Event()
    progress = UpgradeProgress(lambda _: stop.set(), stop.is_set)
    with closing(Database(archive_url)) as database, database.altering() as connection:
        statement = LONG[connection.dialect.name].format(rounds=ROUNDS * 10_000)
        with progress.following(connection, connection.engine), pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text(statement))
    assert stop.is_set()


def test_a_centre_that_waits_for_another_ones_upgrade_sees_its_progress(
    postgres: PostgresServer,
) -> None:
    """It waits for a lock, and uses nothing of its machine: it was killed after 30 s."""
    url = postgres.new_database()
    Archive(url).close()
    working, stop = threading.Event(), threading.Event()
    lock = sa.select(sa.func.pg_advisory_xact_lock(database_module._MIGRATION_LOCK))

    def other() -> None:
        with closing(Database(url)) as database, database.altering() as connection:
            connection.execute(lock)
            working.set()
            while not stop.is_set():
                statement = LONG["postgresql"].format(rounds=1_000_000)
                connection.execute(sa.text(statement))

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert working.wait(PATIENCE_S)
        found: list[UpgradeState] = []

        def report(state: UpgradeState) -> None:
            found.append(state)
            if len(found) > 2:
                stop.set()

        with closing(Database(url)) as database:
            database.upgrade(progress=UpgradeProgress(report))
        assert len(found) > 2
    finally:
        stop.set()
        thread.join()
