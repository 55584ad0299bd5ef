"""A worker's own user chooses an id at the end of time: nothing is lost, and it is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from tests.alerts.centre import QUICK, Centre, send
from tests.alerts.conftest import until
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue import event_stream, redis_keys
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.store.errors import QueueRefused
from thapcanh.app.worker.worker_key_command import acl_rules

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

NOW = 1_790_000_000.0
LAST = "18446744073709551615-18446744073709551615"
YEAR_2100 = "4102444800000-0"


@pytest.fixture
def hostile(queue_server: "QueueServer", queue: EventQueue) -> Iterator[Any]:
    """A worker's own user of the queue, with the rights that enrolment gives it."""
    queue.ensure_group()
    admin: Any = redis.Redis.from_url(queue_server.url, protocol=2)
    admin.execute_command("ACL", "SETUSER", "worker-9", *acl_rules("worker-9", "word"))
    host = queue_server.url.removeprefix("redis://")
    client: Any = redis.Redis.from_url(f"redis://worker-9:word@{host}", protocol=2)
    yield client
    client.close()
    admin.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield made
    made.close()


@pytest.fixture
def centre(queue: EventQueue, archive: Archive) -> Centre:
    return Centre(queue, archive)


def test_an_error_within_a_transaction_is_raised(queue: EventQueue, hostile: Any) -> None:
    hostile.xadd(redis_keys.EVENTS, {"source": "worker-9"}, id=LAST)
    with pytest.raises(QueueRefused, match="exhausted"):
        queue.add(encode(fake_message(1)))


@pytest.mark.parametrize("chosen", [LAST, YEAR_2100])
def test_one_entry_at_the_end_of_time_stops_no_event(
    queue: EventQueue, hostile: Any, centre: Centre, spool: Spool, chosen: str
) -> None:
    """What was read, what was not, and what comes after it: each event once."""
    send(queue, 1)
    assert len(queue.read_new("centre-1", 10)) == 1  # given to a centre that died
    send(queue, 2)
    hostile.xadd(redis_keys.EVENTS, {"source": "worker-9"}, id=chosen)
    assert queue.stream.is_used_up()
    others = [fake_message(n, event_id=f"event-{n}", camera_id="roof") for n in (3, 4)]
    spool.append_all([OutboxItem(event=one.event) for one in others], NOW)
    publisher = EventPublisher(spool, queue, backoff=QUICK, check_every_s=0.05)
    publisher.start()
    try:
        with centre:
            until(lambda: centre.consumer.stats().stored == 4)
            until(lambda: publisher.stats().last_error is None)
            until(lambda: (queue.depth().unread, queue.depth().pending) == (0, 0))
    finally:
        publisher.stop()
    assert not queue.stream.is_used_up()
    trouble = queue.stream.last_trouble()
    assert trouble is not None
    assert "'worker-9'" in trouble
    assert centre.detections() == 4
    assert [one.fields["source"] for one in queue.dead()] == ["worker-9"]


def test_entries_keep_their_ids_when_the_stream_is_made_anew(
    queue: EventQueue, hostile: Any
) -> None:
    """By them a publisher knows what is stored: another id would be sent again."""
    ids = send(queue, *range(1, 1201))
    hostile.xadd(redis_keys.EVENTS, {"source": "worker-9"}, id=YEAR_2100)
    later = queue.add(encode(fake_message(1201)))  # after it, in the year 2100
    assert queue.stream.mended(0.0)
    assert queue.has([*ids, YEAR_2100, later]) == [True] * 1200 + [False] * 2
    seqs = [one.fields.get("producer_seq") for one in queue.read_new("centre-1", 2000)]
    assert len(seqs) == 1202
    assert queue.depth().unread == 0
    assert not queue.stream.mended(0.5)  # not looked at again so soon
    assert not queue.stream.mended(10.0)


def test_what_is_confirmed_is_not_moved(queue: EventQueue, hostile: Any) -> None:
    send(queue, 1, 2, 3)
    first, second, _ = queue.read_new("centre-1", 10)
    queue.ack([first.stream_id])
    hostile.xadd(redis_keys.EVENTS, {"source": "worker-9"}, id=LAST)
    assert queue.stream.mended(0.0)
    again = queue.read_new("centre-1", 10)
    assert [one.stream_id for one in again][:2] == [second.stream_id, again[1].stream_id]
    assert len(again) == 3


def test_an_entry_of_thousands_of_fields_does_not_stop_the_mending(
    queue: EventQueue, hostile: Any
) -> None:
    send(queue, 1)
    hostile.xadd(redis_keys.EVENTS, {f"f{n}": "x" for n in range(20_000)}, id=LAST)
    assert queue.stream.mended(0.0)
    assert len(queue.read_new("centre-1", 10)) == 1


def test_a_stream_whose_ids_are_right_is_left_alone(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not queue.stream.is_used_up()
    assert not queue.stream.mended(0.0)
    send(queue, 1)
    assert queue.stream.last_trouble() is None
    monkeypatch.setattr(event_stream, "AHEAD_MS", -60_000)  # now lies in the future
    assert queue.stream.is_used_up()


def test_what_a_worker_takes_out_of_the_stream_is_sent_again_by_the_others(
    queue: EventQueue, hostile: Any, centre: Centre, spool: Spool
) -> None:
    """No rule of an ACL forbids `MAXLEN`; a spool keeps what no archive has."""
    spool.append_all([OutboxItem(event=fake_message(1).event)], NOW)
    publisher = EventPublisher(
        spool, queue, backoff=QUICK, check_every_s=0.05, finished_before=queue.finished_before
    )
    publisher.start()
    try:
        until(lambda: queue.depth().length == 1)
        hostile.xadd(redis_keys.EVENTS, {"source": "worker-9"}, maxlen=1, approximate=False)
        with centre:
            until(lambda: centre.consumer.stats().stored == 1)
    finally:
        publisher.stop()
    assert publisher.stats().lost_and_resent == 1
