"""How many statements a batch of events costs on PostgreSQL: each is a round trip to a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from tests.alerts.arrivals import NOW
from tests.alerts.conftest import PostgresServer
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.event_rows import raised_by
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message
from thapcanh.detection.event import EventPhase

SMALL, LARGE = 2, 60
MOST = 44  # of a batch, whatever its size


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Iterator[Archive]:
    url = postgres.new_archive()
    archive = Archive(url)
    yield archive
    archive.close()
    postgres.drop(url)


@contextmanager
def _counting() -> Iterator[list[str]]:
    """Statements as they leave for the server; many rows of one statement are one."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def _facts(camera_id: str) -> CameraFacts:
    number = int(camera_id.rpartition("-")[2])
    return CameraFacts(name=camera_id, lat=21.0 + number / 100, lon=105.8)  # a kilometre apart


_OWN = ("again", "camera")  # what a test says of a fire beside the event's own facts


class _Site:
    """Fires on cameras of their own, whose messages one worker numbers."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._seq = 0

    def take(self, fires: range, phase: EventPhase, after_s: float, **changes: Any) -> int:
        """Take one message of each fire in one batch; return how many statements that took."""
        batch = [self._message(fire, phase, after_s, **changes) for fire in fires]
        with _counting() as told:
            taken = self._archive.take_in_all(
                [(one, NOW + after_s) for one in batch], now=NOW + after_s, camera=_facts
            )
        assert not any(one.duplicate for one in taken)
        assert all(one.alert_id for one in taken)
        return len(told)

    def _message(self, fire: int, phase: EventPhase, after_s: float, **changes: Any) -> Message:
        self._seq += 1
        return fake_message(
            self._seq,
            id=f"message-{self._seq}",
            event_id=f"fire-{fire}-{changes.get('again', '')}",
            camera_id=changes.get("camera", f"camera-{fire}"),
            zone_id=f"zone-{fire}",
            phase=phase,
            captured_at=FIRST_AT + after_s,
            **{name: value for name, value in changes.items() if name not in _OWN},
        )


def test_a_storm_of_fires_costs_no_more_statements_than_one(on_postgres: Archive) -> None:
    """New, seen again, over, and burning again later: none of it asks once an event."""
    site = _Site(on_postgres)
    site.take(range(1000, 1001), EventPhase.RAISED, 0.0)  # the worker, the day's numbers
    few, many = range(SMALL), range(100, 100 + LARGE)
    kinds = {
        "new fire": (EventPhase.RAISED, 1.0, {}),
        "seen again": (EventPhase.UPDATED, 2.0, {}),
        "over": (EventPhase.CLEARED, 3.0, {}),
        "burning again": (EventPhase.RAISED, 4000.0, {"again": "later"}),
    }
    for name, (phase, after_s, changes) in kinds.items():
        small = site.take(few, phase, after_s, **changes)
        large = site.take(many, phase, after_s, **changes)
        assert large <= small <= MOST, name
    with on_postgres.database.reading() as connection:
        numbers = connection.execute(sa.select(incident.c.number).order_by(incident.c.id))
        found = [int(number.rpartition("-")[2]) for number in numbers.scalars()]
    assert sorted(found) == list(range(1, SMALL + LARGE + 2))
    assert on_postgres.verify_chain().broken_seq is None
    assert on_postgres.last_seq() == len(_change_numbers(on_postgres))  # no hole among them


def test_smoke_that_is_doubted_costs_no_more_statements_either(on_postgres: Archive) -> None:
    site = _Site(on_postgres)
    doubted = {"kind": "smoke", "priority": 2, "belief": 0.5}
    site.take(range(1000, 1001), EventPhase.RAISED, 0.0, **doubted)
    small = site.take(range(SMALL), EventPhase.RAISED, 1.0, **doubted)
    large = site.take(range(100, 100 + LARGE), EventPhase.RAISED, 1.0, **doubted)
    assert large <= small <= MOST


def test_panels_that_tell_of_their_zones_all_the_time_cost_no_more_statements(
    on_postgres: Archive,
) -> None:
    """Each of their signals had the batch written, and read all that its alert had heard before."""
    site = _Site(on_postgres)
    site.take(range(1000, 1001), EventPhase.RAISED, 0.0)
    steps = ((EventPhase.RAISED, 1), (EventPhase.UPDATED, 1), (EventPhase.UPDATED, 2))
    for after_s, (phase, zone) in enumerate((*steps, (EventPhase.CLEARED, 2)), 1):
        told = {"rule_id": "device", "reason": f"device signal: {zone} · value {after_s}"}
        small = site.take(range(SMALL), phase, after_s, **told)
        large = site.take(range(100, 100 + LARGE), phase, after_s, **told)
        assert large <= small, (phase, zone)


def test_whose_events_a_batch_tells_of_is_asked_once(on_postgres: Archive) -> None:
    site = _Site(on_postgres)
    site.take(range(LARGE), EventPhase.RAISED, 0.0)
    site.take(range(LARGE), EventPhase.UPDATED, 1.0)
    with _counting() as told:
        found = raised_by(on_postgres.database, [f"fire-{fire}-" for fire in range(2 * LARGE)])
    assert found == {f"fire-{fire}-": "worker-1" for fire in range(LARGE)}
    assert len(told) == 1


def _change_numbers(archive: Archive) -> list[int]:
    tables = "SELECT seq FROM alert_change UNION ALL SELECT seq FROM incident_change ORDER BY seq"
    with archive.database.reading() as connection:
        return [int(seq) for seq in connection.execute(sa.text(tables)).scalars()]


def test_a_flood_at_one_camera_costs_no_more_statements_than_one(on_postgres: Archive) -> None:
    """Each alert after the first joins the incident that the first one opened."""
    site = _Site(on_postgres)
    site.take(range(1000, 1001), EventPhase.RAISED, 0.0)
    costs = [
        site.take(range(first, first + count), EventPhase.RAISED, after_s, camera="camera-7")
        for first, count, after_s in ((0, SMALL, 1.0), (100, LARGE, 2.0), (200, SMALL, 3.0))
    ]
    assert costs[1] <= costs[2]
    with on_postgres.database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(incident)).scalar() == 2
