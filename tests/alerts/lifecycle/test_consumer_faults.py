"""The consumer while queue or archive fail, on real servers: everything once, in order."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from tests.alerts.centre import QUICK, SETTINGS, Centre, facts, send
from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import ArchiveRefused, ArchiveUnreachable
from thapcanh.detection.event import EventPhase

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

Until = Callable[..., None]


@pytest.fixture
def centre(queue: EventQueue, sqlite_archive: Archive) -> Centre:
    return Centre(queue, sqlite_archive)


def test_a_queue_killed_while_it_is_read_is_waited_for(
    queue: EventQueue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    with centre:
        send(queue, 1)
        until(lambda: centre.detections() == 1)
        queue_server.kill()
        until(lambda: centre.consumer.stats().failures > 0)
        assert not centre.consumer.stats().connected
        queue_server.start()
        send(queue, 2)
        until(lambda: centre.detections() == 2)
        assert centre.consumer.stats().connected


def test_a_queue_that_came_back_empty_is_given_its_group_again(
    queue: EventQueue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    with centre:
        send(queue, 1)
        until(lambda: centre.detections() == 1)
        queue_server.kill()
        queue_server.lose_data()
        queue_server.start()
        send(queue, 2)
        until(lambda: centre.detections() == 2)


def test_a_group_that_was_destroyed_is_made_again(
    queue: EventQueue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    client = redis.Redis.from_url(queue_server.url, protocol=2)
    with centre:
        send(queue, 1)
        until(lambda: centre.detections() == 1)
        client.xgroup_destroy(redis_keys.EVENTS, redis_keys.GROUP)
        client.close()
        send(queue, 2)
        until(lambda: centre.detections() == 2)


def test_a_queue_that_hangs_is_waited_for(
    queue: EventQueue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    with centre:
        send(queue, 1)
        until(lambda: centre.detections() == 1)
        queue_server.freeze()
        until(lambda: centre.consumer.stats().failures > 0)
        queue_server.thaw()
        send(queue, 2)
        until(lambda: centre.detections() == 2)


class Failing:
    """An archive that fails where the script says, then works."""

    def __init__(self, archive: Archive, script: list[Exception]) -> None:
        self._archive = archive
        self._script = script

    def take_in(self, *what: Any, **how: Any) -> IngestResult:
        if self._script:
            raise self._script.pop(0)
        return self._archive.take_in(*what, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


def test_an_archive_that_is_away_loses_nothing_and_keeps_the_order(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    away: list[Exception] = [ArchiveUnreachable("gone")] * 20
    failing: Any = Failing(sqlite_archive, away)
    send(queue, 1, 2, 3)
    centre = Centre(queue, failing)
    with centre:
        until(lambda: centre.consumer.stats().stored == 3)
    assert len(queue.dead()) == 0
    assert [taken.change_seq for taken in centre.told] == [1, 2, 3]


def test_one_refusal_after_an_outage_buries_nothing(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    """While the archive is away the queue counts each reading of what waits: those are no tries."""
    script: list[Exception] = [*[ArchiveUnreachable("gone")] * 20, ArchiveRefused("just once")]
    failing: Any = Failing(sqlite_archive, script)
    send(queue, 1, 2, 3)
    with Centre(queue, failing) as centre:
        until(lambda: centre.consumer.stats().stored == 3)
    assert len(queue.dead()) == 0


@pytest.mark.parametrize("error", [ArchiveRefused("no"), RuntimeError("a fault of ours")])
def test_an_entry_that_is_refused_again_and_again_makes_way(
    queue: EventQueue, sqlite_archive: Archive, until: Until, error: Exception
) -> None:
    class RefusesTheSecond:
        def take_in(self, message: Any, **how: Any) -> IngestResult:
            if message.producer_seq == 2:
                raise error
            return sqlite_archive.take_in(message, **how)

    refusing: Any = RefusesTheSecond()
    send(queue, 1, 2, 3)
    consumer = Consumer(queue, refusing, facts, settings=SETTINGS, backoff=QUICK)
    consumer.start()
    until(lambda: consumer.stats().stored == 2)
    consumer.stop()
    assert len(queue.dead()) == 1
    assert queue.dead()[0].fields["producer_seq"] == "2"
    assert queue.depth().pending == 0


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield spool
    spool.close()


def test_from_spool_to_archive_with_the_queue_killed_again_and_again(
    queue: EventQueue,
    queue_server: "QueueServer",
    spool: Spool,
    archive: Archive,
    until: Until,
) -> None:
    """At least once on the way, at most once in the archive, on SQLite and PostgreSQL."""
    count = 60
    publisher = EventPublisher(spool, queue, backoff=QUICK)
    centre = Centre(queue, archive)
    written = threading.Thread(target=_write, args=(spool, count))
    publisher.start()
    with centre:
        written.start()
        for part in (1, 2, 3):
            until(lambda part=part: centre.consumer.stats().stored >= 10 * part, 20.0)
            queue_server.kill()
            queue_server.start()
        until(lambda: centre.consumer.stats().stored == count, 20.0)
        written.join()
    publisher.stop()
    assert spool.depth().count == 0
    assert sum(alert.detections for alert in archive.alerts().items) == count
    assert len(archive.alerts().items) == 1
    assert archive.gaps(4e9) == []
    assert archive.verify_chain().ok
    assert len(centre.told) == count


def _write(spool: Spool, count: int) -> None:
    for seq in range(1, count + 1):
        spool.append(dataclasses.replace(fake_event(seq), phase=EventPhase.UPDATED), 1.0)
