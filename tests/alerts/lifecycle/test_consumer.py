"""Queue to archive on real servers: everything once, whatever comes and in whatever order."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from tests.alerts.centre import QUICK, Centre, facts, send
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer
from thapcanh.alerts.lifecycle.message_intake import CameraLookup
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.message import Message, encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.database import sqlite_url

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

Until = Callable[..., None]


@pytest.fixture
def centre(queue: EventQueue, sqlite_archive: Archive) -> Centre:
    return Centre(queue, sqlite_archive)


def test_an_event_becomes_an_alert_and_is_told_after_its_commit(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    found: list[bool] = []

    def notify(stored: Sequence[IngestResult]) -> None:
        found.extend(sqlite_archive.alert(taken.alert_id or "") is not None for taken in stored)

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
    queue: EventQueue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    with centre:
        until(lambda: centre.detections() == 3)


def test_duplicates_and_disorder_change_nothing(
    queue: EventQueue, centre: Centre, until: Until
) -> None:
    send(queue, 3, 1, 1, 2, 3, 2, 1)
    with centre:
        until(lambda: centre.consumer.stats().duplicates == 4)
    assert len(centre.told) == 3
    (alert,) = centre.archive.alerts().items
    assert alert.detections == 3
    assert centre.archive.gaps(4e9) == []


def test_what_cannot_be_read_goes_to_the_dead_letters_and_stops_nothing(
    queue: EventQueue, queue_server: "QueueServer", centre: Centre, until: Until
) -> None:
    client = redis.Redis.from_url(queue_server.url, protocol=2)
    send(queue, 1)
    client.xadd(redis_keys.EVENTS, {"what": "is this"})
    client.xadd(redis_keys.EVENTS, {b"\xff": b"\xfe"})
    queue.add({**encode(fake_message(2)), "data": "{}"})
    queue.add(encode(fake_message(1, fake_event(9))))  # takes the place of message 1
    send(queue, 2)
    with centre:
        until(lambda: centre.detections() == 2)
        until(lambda: queue.depth().pending == 0)
    client.close()
    assert centre.consumer.stats().dead == len(queue.dead()) == 4
    reasons = [each.fields["dead_reason"] for each in queue.dead()]
    assert "claim one place" in reasons[0]
    assert all("not an event" in reason for reason in reasons[1:])


def test_a_restart_finishes_what_was_given_and_not_finished(
    queue: EventQueue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    queue.ensure_group()
    assert len(queue.read_new("centre-1", 2)) == 2  # and then this centre died
    with centre:
        until(lambda: centre.detections() == 3)
        until(lambda: queue.depth().pending == 0)


def test_what_lies_with_a_dead_centre_is_taken_over(
    queue: EventQueue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2, 3)
    queue.ensure_group()
    queue.read_new("centre-dead", 10)
    with centre:
        until(lambda: centre.detections() == 3)
        until(lambda: queue.depth().pending == 0)
    assert centre.consumer.stats().claimed == 3


def test_a_notice_that_fails_does_not_bring_the_entry_back(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    def notify(_: Sequence[IngestResult]) -> None:
        raise RuntimeError("nobody listens")

    consumer = Consumer(queue, sqlite_archive, facts, notify=notify, backoff=QUICK)
    send(queue, 1, 2)
    consumer.start()
    until(lambda: consumer.stats().stored == 2)
    consumer.stop()
    assert consumer.stats().duplicates == 0
    assert queue.depth().pending == 0


def test_two_centres_share_the_work_and_make_one_alert(
    queue: EventQueue, tmp_path: Path, until: Until
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


class CountingArchive(Archive):
    """Knows how many messages came in each transaction."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.groups: list[int] = []

    def take_in_all(
        self,
        messages: Sequence[tuple[Message, float]],
        *,
        now: float,
        camera: CameraLookup,
        opens_incidents: bool = True,
    ) -> list[IngestResult]:
        stored = super().take_in_all(
            messages, now=now, camera=camera, opens_incidents=opens_incidents
        )
        self.groups.append(len(messages))
        return stored


def test_what_waits_is_stored_together_so_that_a_backlog_drains(
    queue: EventQueue, tmp_path: Path, until: Until
) -> None:
    """One transaction a message held a slow disk to 30 messages a second."""
    archive = CountingArchive(sqlite_url(tmp_path / "counting.db"))
    send(queue, *range(1, 246))
    with Centre(queue, archive) as centre:
        until(lambda: centre.detections() == 245)
        until(lambda: queue.depth().pending == 0)
    assert archive.groups == [200, 45]
    changes = [told.change_seq or 0 for told in centre.told]
    assert changes == sorted(set(changes)), "in their order; those of incidents lie between"
    assert len(changes) == 245
    archive.close()


def test_one_that_cannot_be_stored_does_not_take_its_neighbours_along(
    queue: EventQueue, centre: Centre, until: Until
) -> None:
    send(queue, 1, 2)
    queue.add(encode(fake_message(2, fake_event(2, id="a-liar", event_id="another"))))
    queue.add({"id": "x", "data": "{"})
    send(queue, 3, 4)
    with centre:
        until(lambda: centre.detections() == 4)
        until(lambda: queue.depth().pending == 0)
    assert (centre.consumer.stats().stored, centre.consumer.stats().dead) == (4, 2)
    assert len(queue.dead()) == 2


def test_the_centre_whose_turn_it_is_finishes_what_another_began(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    """As after a kill: entries were given out under the one name and never confirmed."""
    turn = {"a": False, "b": False}
    first = Centre(queue, sqlite_archive, may_take=lambda: turn["a"])
    second = Centre(queue, sqlite_archive, may_take=lambda: turn["b"])
    queue.ensure_group()
    send(queue, 1, 2)
    assert len(queue.read_new("centre-1", 10)) == 2
    with first, second:
        send(queue, 3)
        turn["b"] = True
        until(lambda: second.consumer.stats().stored == 3)
        until(lambda: queue.depth().pending == 0)
        turn["b"] = False
        until(lambda: not second.consumer.stats().connected)
        send(queue, 4)
        turn["a"] = True
        until(lambda: first.consumer.stats().stored == 1)
        assert second.consumer.stats().stored == 3
    assert first.detections() == 4
