"""Which centres are expected: each that spoke, with its silence and its clock, until removed."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.coordination.centres import (
    DISCARDED_AFTER_S,
    SILENT_S,
    centre,
    expected_centres,
    note_alive,
    remove_centre,
)
from thapcanh.alerts.store.database import Database


@pytest.fixture
def shared(postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.new_archive()
    with closing(Archive(url)) as archive:
        yield archive.database
    postgres.give_back(url)


def _age(database: Database, name: str, seconds: float) -> None:
    with database.writing() as connection:
        older = sa.update(centre).where(centre.c.name == name)
        connection.execute(older.values(seen_at=centre.c.seen_at - seconds))


def test_a_dead_standby_centre_is_missing_and_not_forgotten(shared: Database) -> None:
    for name in ("a", "b"):
        note_alive(shared, name)
    assert not any(one.is_missing for one in expected_centres(shared))
    _age(shared, "b", SILENT_S)
    assert [(one.name, one.is_missing) for one in expected_centres(shared)] == [
        ("a", False),
        ("b", True),
    ]
    note_alive(shared, "b")
    assert not any(one.is_missing for one in expected_centres(shared))
    _age(shared, "b", DISCARDED_AFTER_S + 1.0)
    assert [one.name for one in expected_centres(shared)] == ["a"]


def test_a_centre_lives_while_another_holds_the_ledger(shared: Database) -> None:
    with ThreadPoolExecutor(1) as others, shared.writing():
        others.submit(note_alive, shared, "a").result(PATIENCE_S)
        assert [one.name for one in expected_centres(shared)] == ["a"]


def test_a_centre_whose_clock_is_three_hours_off_is_told(shared: Database) -> None:
    note_alive(shared, "a")
    note_alive(shared, "b", lambda: time.time() + 3 * 3600.0)
    right, wrong = expected_centres(shared)
    assert (right.clock_is_off, wrong.clock_is_off) == (False, True)
    assert wrong.ahead_s == pytest.approx(3 * 3600.0, abs=60.0)


def test_a_removed_centre_is_expected_no_more_and_the_log_says_so(shared: Database) -> None:
    note_alive(shared, "a")
    assert remove_centre(shared, "a", 5.0)
    assert not remove_centre(shared, "a", 6.0)
    assert expected_centres(shared) == []
    with shared.reading() as connection:
        acts = "SELECT object_id FROM action_log WHERE action = 'centre_removed'"
        assert connection.exec_driver_sql(acts).scalars().all() == ["a"]
