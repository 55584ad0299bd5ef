"""Several centres write into one PostgreSQL: no change is jumped over, and each bell rings."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from tests.alerts.conftest import PostgresServer, until
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.patience import PATIENCE_S
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.change_feed import incident_changes_after
from thapcanh.alerts.store import audit_log
from thapcanh.alerts.store.audit_log import ChangeRecord, add_change
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.coordination.change_listener import ChangeListener
from thapcanh.alerts.store.log_tables import alert_change


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    made = postgres.new_database()
    yield made
    postgres.drop(made)


@pytest.fixture
def centres(url: str) -> Iterator[tuple[Archive, Archive]]:
    """The archive as two centres have it open."""
    both = Archive(url), Archive(url)
    yield both
    for archive in both:
        archive.close()


def take(archive: Archive, number: int) -> None:
    message = fake_message(
        1,
        source=f"worker-{number}",
        id=f"m{number}",
        event_id=f"e{number}",
        camera_id=f"cam-{number}",
    )
    archive.take_in(
        message, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda id_: CameraFacts(name=id_)
    )


def told_after(archive: Archive, seq: int, limit: int = 500) -> tuple[list[int], int]:
    """The numbers of changes of alerts and incidents, and how far they reach, as screens are told.

    Two readings: the second one may see more than the first.
    """
    alerts = archive.changes_after(seq, limit)
    incidents = incident_changes_after(archive.database, seq, limit)
    reach = min(alerts.last_seq, incidents.last_seq)
    told = sorted(one.seq for page in (alerts, incidents) for one in page.items)
    return [one for one in told if one <= reach], reach


def test_a_transaction_that_commits_late_is_not_jumped_over(
    centres: tuple[Archive, Archive],
) -> None:
    """The slow one has its number first; the quick one must not be seen with a higher one."""
    slow, quick = centres
    take(slow, 0)
    seen = slow.last_seq()
    alert_id = slow.alerts().items[0].id
    has_number, may_commit = threading.Event(), threading.Event()

    def commit_late() -> int:
        line = ChangeRecord(
            alert_id=alert_id, version=2, kind=ChangeKind.UPDATED, reason="late", at=FIRST_AT
        )
        with slow.database.writing() as connection:
            number = add_change(connection, line)
            has_number.set()
            assert may_commit.wait(PATIENCE_S)
        return number

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(commit_late)
        assert has_number.wait(PATIENCE_S)
        overtaking = pool.submit(take, quick, 1)
        deadline = time.monotonic() + 0.5  # the quick one has time to overtake, if it could
        while time.monotonic() < deadline:
            assert told_after(quick, seen) == ([], seen)
        may_commit.set()
        assert late.result(PATIENCE_S) == seen + 1
        overtaking.result(PATIENCE_S)
    told, last = told_after(quick, seen)
    assert told == list(range(seen + 1, quick.last_seq() + 1))
    assert last == quick.last_seq() > seen + 1
    assert quick.changes_after(seen).items[0].reason == "late"


def test_a_reader_of_either_centre_gets_each_change_once_and_in_order(
    centres: tuple[Archive, Archive],
) -> None:
    over = threading.Event()
    spread = random.Random(7)
    pauses = [spread.random() * 0.004 for _ in range(60)]

    def write(first: int) -> None:
        for number in range(first, 60, 4):
            time.sleep(pauses[number])
            take(centres[number % 2], number)

    def read(archive: Archive) -> list[int]:
        seqs: list[int] = []
        at = 0
        while True:
            was_over = over.is_set()
            told, reach = told_after(archive, at, 7)
            seqs += told
            if was_over and reach == at:
                return seqs
            at = reach

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, archive) for archive in centres]
        writers = [pool.submit(write, first) for first in range(4)]
        wait(writers, 120)
        over.set()
        for writer in writers:
            writer.result(0)
        found = [reader.result(PATIENCE_S) for reader in readers]
    last = centres[0].last_seq()
    assert last >= 60
    assert found == [list(range(1, last + 1))] * 2


def test_a_centre_hears_what_another_changed_and_not_what_it_changed_itself(
    centres: tuple[Archive, Archive], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[float] = []
    listener = ChangeListener(url, "b", lambda: rung.append(time.monotonic()))
    listener.start()
    try:
        take(centres[0], 0)  # of this very process
        monkeypatch.setattr(audit_log, "PROCESS", "another centre")
        numbers = iter(range(1, 100_000))

        def is_heard() -> bool:
            take(centres[0], next(numbers))
            return bool(rung)

        until(is_heard)
    finally:
        listener.stop()
        listener.stop()
    with centres[0].database.reading() as connection:
        count = connection.execute(alert_change.select()).rowcount
    assert 0 < len(rung) <= count


def test_a_listener_goes_on_when_its_connection_was_cut(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    archive = Archive(url)
    monkeypatch.setattr(audit_log, "PROCESS", "another centre")
    heard = threading.Event()
    listener = ChangeListener(url, "b", heard.set)
    listener.start()
    numbers = iter(range(100_000))
    try:
        for _ in range(2):
            heard.clear()

            def rings() -> bool:
                take(archive, next(numbers))
                return heard.is_set()

            until(rings)
            with archive.database.altering() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'thapcanh centre b'"
                )
    finally:
        listener.stop()
        archive.close()
        postgres.drop(url)
