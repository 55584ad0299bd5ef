"""A storm of fires: each alert meets the few incidents that may take it, and no query reads all."""

import math
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.alerts.arrivals import NOW
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents import machine_incidents
from thapcanh.alerts.incidents.incident_tables import incident_member
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.change_feed import incident_changes_after
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.distance import distance_m

FIRES = 120
_SIDE_M = 1500.0
_DEGREE_M = 111_195.0
_EAST_M = _DEGREE_M * math.cos(math.radians(21.0))


def _places() -> list[tuple[float, float]]:
    """So close that some are one place, and most are not."""
    chance = random.Random(5)
    return [
        (
            21.0 + chance.uniform(0, _SIDE_M) / _DEGREE_M,
            105.8 + chance.uniform(0, _SIDE_M) / _EAST_M,
        )
        for _ in range(FIRES)
    ]


def _burn(archive: Archive, numbers: range, places: list[tuple[float, float]]) -> None:
    def facts(camera_id: str) -> CameraFacts:
        lat, lon = places[int(camera_id.removeprefix("cam-"))]
        return CameraFacts(name=camera_id, lat=lat, lon=lon)

    messages = [
        fake_message(
            number + 1,
            fake_event(
                id=f"m{number}", event_id=f"e{number}", camera_id=f"cam-{number}",
                captured_at=NOW + number, inferred_at=NOW + number,
            ),
        )
        for number in numbers
    ]  # fmt: skip
    batch = [(one, NOW + numbers[0]) for one in messages]
    archive.take_in_all(batch, now=NOW + numbers[0], camera=facts)


def _expected(places: list[tuple[float, float]]) -> list[int]:
    """Of each fire the number of the first one whose incident it joins, one by one, in order."""
    first: list[int] = []
    for number, place in enumerate(places):
        near = (
            other
            for other in range(number)
            if first[other] == other
            and distance_m(places[other], place) <= machine_incidents.ONE_PLACE_M
        )
        first.append(next(near, number))
    return first


def test_fires_at_one_place_are_one_incident_however_many_burn(archive: Archive) -> None:
    places = _places()
    for begins in range(0, FIRES, 40):
        _burn(archive, range(begins, begins + 40), places)
    with archive.database.reading() as connection:
        query = sa.text(
            "SELECT m.incident_id, a.camera_id FROM incident_member m "
            "JOIN alert a ON a.id = m.member_id"
        )
        rows = connection.execute(query).all()
    incident_of = {int(camera.removeprefix("cam-")): of for of, camera in rows}
    wanted = _expected(places)
    assert len(set(wanted)) < FIRES - 10
    assert len(set(incident_of.values())) == len(set(wanted))
    assert all(incident_of[one] == incident_of[first] for one, first in enumerate(wanted))


@contextmanager
def _told_to_sqlite() -> Iterator[list[tuple[str, Any]]]:
    told: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and incident_member.name in statement:
            told.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_no_query_of_a_storm_reads_all_members(tmp_path: Path) -> None:
    """SQLite has no statistics, and took the index that began with the type of a member."""
    places = _places()
    with closing(Archive(sqlite_url(tmp_path / "archive.sqlite"))) as archive:
        _burn(archive, range(40), places)
        with _told_to_sqlite() as told:
            _burn(archive, range(40, 80), places)
            incident_changes_after(archive.database, 0, 250)
        with archive.database.reading() as connection:
            plans = [
                row[-1]
                for statement, parameters in told
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
    assert len(told) >= 4
    name = incident_member.name
    assert [one for one in plans if f"SCAN {name}" in one or "(type=?" in one] == []


def test_the_numbers_of_a_year_of_incidents_are_found(archive: Archive) -> None:
    """PostgreSQL refused the export of a year with more than 65,535."""
    ids = [f"incident-{number}" for number in range(66_000)]
    assert IncidentRepository(archive.database).numbers(ids) == {}
