"""Queue to archive on real servers: everything once, through every failure between the two."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from alerts import keys
from alerts.archive import Archive, CameraFacts, TakenIn, sqlite_url
from alerts.consumer import Consumer, ConsumerSettings
from alerts.errors import ArchiveRefused, ArchiveUnreachable
from alerts.fake_events import fake_event, fake_message
from alerts.publisher import Backoff, Publisher
from alerts.queue import Queue
from alerts.spool import Spool
from alerts.wire import encode
from detection.event import Phase

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

Until = Callable[..., None]
QUICK = Backoff(first_s=0.01, longest_s=0.05)
SETTINGS = ConsumerSettings(sweep_every_s=0.1, claim_idle_s=0.05)


def facts(_: str) -> CameraFacts:
    return CameraFacts(name="Cổng", agency="pc07")


class Centre:
    """A consumer on an archive, with what it told."""

    def __init__(self, queue: Queue, archive: Archive, **changes: Any) -> None:
        self.told: list[TakenIn] = []
        self.archive = archive
        options: dict[str, Any] = {"settings": SETTINGS, "backoff": QUICK, **changes}
        self.consumer = Consumer(queue, archive, facts, notify=self.told.append, **options)

    def __enter__(self) -> "Centre":
        self.consumer.start()
        self.consumer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.consumer.stop()
        self.consumer.stop()

    def detections(self) -> int:
        return sum(alert.detections for alert in self.archive.alerts().items)


@pytest.fixture
def centre(queue: Queue, sqlite_archive: Archive) -> Centre:
    return Centre(queue, sqlite_archive)


def send(queue: Queue, *seqs: int) -> list[str]:
    return [queue.add(encode(fake_message(seq))) for seq in seqs]


def test_an_event_becomes_an_alert_and_is_told_after_its_commit(
    queue: Queue, sqlite_archive: Archive, until: Until
) -> None:
    found: list[bool] = []

    def notify(taken: TakenIn) -> None:
        assert taken.alert_id is not None
        found.append(sqlite_archive.alert(taken.alert_id) is not None)

    consumer = Consumer(queue, sqlite_archive, facts, notify=notify)
    consumer.start()
    send(queue, 1)
    until(lambda: found == [True])
    until(lambda: queue.depth().pending == 0)
    consumer.stop()
    stats = consumer.stats()
    assert (stats.stored, stats.failures, stats.last_error) == (1, 0, None)
    assert stats.last_stored_at is not None
    (alert,) = sqlite_archive.alerts().items
    assert alert.camera_name == "Cổng"
    assert alert.steps.queued <= alert.steps.stored


def test_what_was_sent_before_the_centre_ever_ran_arrives(
    queue: Queue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    with centre:
        until(lambda: centre.detections() == 3)


def test_duplicates_and_disorder_change_nothing(queue: Queue, centre: Centre, until: Until) -> None:
    send(queue, 3, 1, 1, 2, 3, 2, 1)
    with centre:
        until(lambda: centre.consumer.stats().duplicates == 4)
    assert len(centre.told) == 3
    (alert,) = centre.archive.alerts().items
    assert alert.detections == 3
    assert centre.archive.gaps(4e9) == []


def test_what_cannot_be_read_goes_to_the_dead_letters_and_stops_nothing(
    queue: Queue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    client = redis.Redis.from_url(queue_server.url, protocol=2)
    send(queue, 1)
    client.xadd(keys.EVENTS, {"what": "is this"})
    client.xadd(keys.EVENTS, {b"\xff": b"\xfe"})
    queue.add({**encode(fake_message(2)), "data": "{}"})
    queue.add(encode(fake_message(1, fake_event(9))))  # takes the place of message 1
    send(queue, 2)
    with centre:
        until(lambda: centre.detections() == 2)
        until(lambda: queue.depth().pending == 0)
    client.close()
    assert centre.consumer.stats().dead == queue.dead_count() == 4
    reasons = [each.fields["dead_reason"] for each in queue.dead()]
    assert "claim one place" in reasons[0]
    assert all("not an event" in reason for reason in reasons[1:])


def test_a_restart_finishes_what_was_given_and_not_finished(
    queue: Queue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    queue.ensure_group()
    assert len(queue.read_new("centre-1", 2)) == 2  # and then this centre died
    with centre:
        until(lambda: centre.detections() == 3)
        until(lambda: queue.depth().pending == 0)


def test_what_lies_with_a_dead_centre_is_taken_over(
    queue: Queue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    queue.ensure_group()
    queue.read_new("centre-dead", 10)
    with centre:
        until(lambda: centre.detections() == 3)
        until(lambda: queue.depth().pending == 0)
    assert centre.consumer.stats().claimed == 3


def test_a_queue_killed_while_it_is_read_is_waited_for(
    queue: Queue, queue_server: "QueueServer", centre: Centre, until: Until
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
    queue: Queue, queue_server: "QueueServer", centre: Centre, until: Until
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
    queue: Queue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    client = redis.Redis.from_url(queue_server.url, protocol=2)
    with centre:
        send(queue, 1)
        until(lambda: centre.detections() == 1)
        client.xgroup_destroy(keys.EVENTS, keys.GROUP)
        client.close()
        send(queue, 2)
        until(lambda: centre.detections() == 2)


def test_a_queue_that_hangs_is_waited_for(
    queue: Queue, queue_server: "QueueServer", centre: Centre, until: Until
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

    def take_in(self, *what: Any, **how: Any) -> TakenIn:
        if self._script:
            raise self._script.pop(0)
        return self._archive.take_in(*what, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


def test_an_archive_that_is_away_loses_nothing_and_keeps_the_order(
    queue: Queue, sqlite_archive: Archive, until: Until
) -> None:
    away: list[Exception] = [ArchiveUnreachable("gone")] * 20
    failing: Any = Failing(sqlite_archive, away)
    send(queue, 1, 2, 3)
    centre = Centre(queue, failing)
    with centre:
        until(lambda: centre.consumer.stats().stored == 3)
    assert queue.dead_count() == 0
    assert [taken.change_seq for taken in centre.told] == [1, 2, 3]


@pytest.mark.parametrize("error", [ArchiveRefused("no"), RuntimeError("a fault of ours")])
def test_an_entry_that_is_refused_again_and_again_makes_way(
    queue: Queue, sqlite_archive: Archive, until: Until, error: Exception
) -> None:
    class RefusesTheSecond:
        def take_in(self, message: Any, **how: Any) -> TakenIn:
            if message.producer_seq == 2:
                raise error
            return sqlite_archive.take_in(message, **how)

    refusing: Any = RefusesTheSecond()
    send(queue, 1, 2, 3)
    consumer = Consumer(queue, refusing, facts, settings=SETTINGS, backoff=QUICK)
    consumer.start()
    until(lambda: consumer.stats().stored == 2)
    consumer.stop()
    assert queue.dead_count() == 1
    assert queue.dead()[0].fields["producer_seq"] == "2"
    assert queue.depth().pending == 0


def test_a_notice_that_fails_does_not_bring_the_entry_back(
    queue: Queue, sqlite_archive: Archive, until: Until
) -> None:
    def notify(_: TakenIn) -> None:
        raise RuntimeError("nobody listens")

    consumer = Consumer(queue, sqlite_archive, facts, notify=notify, backoff=QUICK)
    send(queue, 1, 2)
    consumer.start()
    until(lambda: consumer.stats().stored == 2)
    consumer.stop()
    assert consumer.stats().duplicates == 0
    assert queue.depth().pending == 0


def test_two_centres_share_the_work_and_make_one_alert(
    queue: Queue, tmp_path: Path, until: Until
) -> None:
    url = sqlite_url(tmp_path / "shared.db")
    first, second = (Centre(queue, Archive(url), name=f"centre-{number}") for number in (1, 2))
    with first, second:
        send(queue, *range(1, 41))
        until(lambda: first.detections() == 40)
    assert len(first.archive.alerts().items) == 1
    assert first.archive.verify_chain().ok
    first.archive.close()
    second.archive.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield spool
    spool.close()


def test_from_spool_to_archive_with_the_queue_killed_again_and_again(
    queue: Queue,
    queue_server: "QueueServer",
    spool: Spool,
    archive: Archive,
    until: Until,
) -> None:
    """At least once on the way, at most once in the archive, on SQLite and PostgreSQL."""
    count = 60
    publisher = Publisher(spool, queue, backoff=QUICK)
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
        spool.append(dataclasses.replace(fake_event(seq), phase=Phase.UPDATED), 1.0)
