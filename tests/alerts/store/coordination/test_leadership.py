"""One of several centres leads: PostgreSQL's lock, a lease by its own clock, no overlap."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer, until
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.coordination.centres import (
    LivingCentre,
    centre,
    living_centres,
    note_alive,
)
from thapcanh.alerts.store.coordination.leadership import LeaderElection, LeaderTimes, SoleLeader
from thapcanh.alerts.store.coordination.session import (
    ArchiveSession,
    application_of,
    centre_name,
    is_shared,
)
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.schema_version import newest_revision

TIMES = LeaderTimes(ask_every_s=0.02, lease_s=0.6, settle_s=0.7, idle_ms=2000)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def utc(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(timeout_s)


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    made = postgres.new_database()
    yield made
    postgres.drop(made)


@contextmanager
def running(url: str, name: str) -> Iterator[LeaderElection]:
    election = LeaderElection(url, name, times=TIMES)
    election.start()
    try:
        yield election
    finally:
        election.stop()
        election.stop()


def test_one_leads_and_the_next_one_when_it_stops(url: str) -> None:
    with running(url, "a") as first, ExitStack() as stack:
        until(lambda: first.leads)
        second = stack.enter_context(running(url, "b"))
        database = Database(url)
        stack.callback(database.close)
        both = [LivingCentre(name="a", leads=True), LivingCentre(name="b", leads=False)]
        until(lambda: living_centres(database) == both)
        assert not second.leads
        first.stop()
        assert not first.leads
        until(lambda: second.leads)
        assert (first.term, second.term) == (1, 1)
        alone = [LivingCentre(name="b", leads=True)]
        until(lambda: living_centres(database) == alone)


def test_a_leader_whose_session_is_ended_stops_and_one_leads_again(url: str) -> None:
    with running(url, "a") as first:
        until(lambda: first.leads)
        with running(url, "b") as second:
            database = Database(url)
            until(lambda: len(living_centres(database)) == 2)
            database.close()
            for term in range(2, 5):
                _end_sessions(url)
                _until_led_again(first, second, term)
            assert not (first.leads and second.leads)


def test_a_leader_that_gets_no_answer_stops_before_another_begins(url: str) -> None:
    clock = SetClock()
    times = LeaderTimes(lease_s=3.0, settle_s=3.5, idle_ms=600_000)
    hanging = LeaderElection(url, "a", times=times, clock=clock)
    waiting = LeaderElection(url, "b", times=times, clock=clock)
    hanging.turn()
    assert not hanging.leads  # another's lease may not be over
    clock.at += 3.5
    hanging.turn()
    assert hanging.leads
    waiting.turn()
    assert not waiting.leads
    _end_sessions(url)  # as the server does when it hears nothing of the leader
    until(lambda: _has_lock(waiting))
    assert hanging.leads  # it knows nothing of that yet
    for _ in range(40):
        assert not (hanging.leads and waiting.leads)
        clock.at += 0.1
        waiting.turn()
    assert waiting.leads
    assert not hanging.leads
    hanging.turn()  # it learns that its session is over, and does not lead
    assert not hanging.leads
    waiting.stop()
    hanging.stop()


def test_the_next_leader_ends_what_the_one_before_was_writing_and_nothing_else(
    postgres: PostgresServer,
) -> None:
    archive = postgres.new_archive()
    times = LeaderTimes(idle_ms=600_000)
    first, second = (LeaderElection(archive, name, times=times) for name in ("a", "b"))
    with ExitStack() as stack:
        stack.callback(postgres.give_back, archive)
        frozen, reader, waiting = (
            Database(archive, application=application_of(name)) for name in ("a", "a", "c")
        )
        for owned in (frozen, reader, waiting):
            stack.callback(owned.close)
        for election in (first, second):
            stack.callback(election.stop)
        read = stack.enter_context(reader.reading())
        read.execute(sa.select(ledger.c.id))
        stack.enter_context(pytest.raises(ArchiveUnreachable))
        writing = stack.enter_context(frozen.writing())
        first.turn()
        second.turn()
        others = stack.enter_context(ThreadPoolExecutor(1))
        done = others.submit(_write_nothing, waiting)
        _end_leading_session(archive)
        until(lambda: _has_lock(second))
        done.result(PATIENCE_S)
        assert read.execute(sa.select(ledger.c.id)).scalar_one() == 1
        writing.execute(sa.select(ledger.c.id))


def test_a_centre_takes_the_lead_from_one_that_does_not_write_the_archives_schema(
    postgres: PostgresServer,
) -> None:
    archive, schema = postgres.new_archive(), newest_revision()
    older, newer = LeaderElection(archive, "a"), LeaderElection(archive, "b", schema=schema)
    with ExitStack() as stack:
        stack.callback(postgres.give_back, archive)
        for election in (older, newer):
            stack.callback(election.stop)
        database = stack.enter_context(closing(Database(archive)))
        note_alive(database, "a")
        older.turn()
        newer.turn()
        assert newer.term == 0, "the other one writes this schema too"
        with database.altering() as connection:  # as a program of before 0033
            connection.execute(sa.update(centre).values(schema=None))
        until(lambda: _has_lock(newer))
        older.turn()
        assert not older.leads


def test_a_leader_leaves_the_lead_when_another_program_brings_the_archive_further(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    archive = postgres.new_archive()
    election = LeaderElection(archive, "a", schema=newest_revision(), times=TIMES)
    with closing(Database(archive)) as database:
        until(lambda: _leads(election))
        with database.altering() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_next'")
        election.turn()
        assert not election.leads
        until(lambda: not any(one.leads for one in living_centres(database)))  # its session ends
    assert any("9999_next" in record.getMessage() for record in caplog.records)
    election.stop()
    postgres.drop(archive)


def test_an_archive_that_is_away_makes_nobody_the_leader(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.new_database()
    postgres.drop(url)
    election = LeaderElection(url, "a", clock=SetClock())
    election.turn()
    election.turn()
    assert not election.leads
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1  # once, however often it is asked
    assert "not-asked" not in told[0]


def test_a_file_has_one_centre_that_always_leads() -> None:
    sole = SoleLeader()
    sole.start()
    sole.stop()
    assert sole.leads
    assert not is_shared("sqlite:///archive.sqlite")
    assert is_shared("postgresql://watch@10.0.0.5/archive")


def test_a_name_fits_into_what_postgresql_keeps() -> None:
    assert centre_name("abc123").endswith("-abc123")
    assert len(f"thapcanh centre {centre_name('abcdef012345')}") <= 63
    assert centre_name("") != centre_name("abc123")


def test_the_server_ends_a_session_that_it_hears_nothing_of(url: str) -> None:
    session = ArchiveSession(url, "a", idle_ms=1000)  # its opening takes a while, too
    database = Database(url)
    until(lambda: living_centres(database) == [])
    with pytest.raises(sa.exc.SQLAlchemyError):
        session.scalar(sa.select(1))
    session.close()
    session.close()
    database.close()


def _until_led_again(first: LeaderElection, second: LeaderElection, term: int) -> None:
    until(lambda: first.term + second.term >= term and (first.leads or second.leads))


def _end_sessions(url: str) -> None:
    """End those of all centres, once there is one: a busy machine may be between two."""
    until(lambda: bool(_ended(url)))


def _leads(election: LeaderElection) -> bool:
    election.turn()
    return election.leads


def _has_lock(election: LeaderElection) -> bool:
    election.turn()
    return election.term == 1


def _write_nothing(database: Database) -> None:
    with database.writing():
        """The ledger was free."""


def _end_leading_session(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def _ended(url: str) -> list[tuple[bool]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'thapcanh centre %' AND datname = current_database()"
        ).fetchall()
