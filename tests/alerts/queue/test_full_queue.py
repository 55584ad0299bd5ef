"""A queue whose server may use no more memory: it is read empty, and takes events again."""

import time

import pytest

from tests.alerts.conftest import QueueServer
from tests.alerts.queue.test_queue import fill, raw_client
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueBusy


def test_a_queue_that_is_full_of_what_is_stored_takes_events_again(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    """Workers kept their events for up to two days, until what was stored was old enough to go."""
    now = time.time()
    queue.ensure_group()
    with raw_client(queue_server.url) as client:
        used = client.info("memory")["used_memory"]
        ids = [
            client.xadd(redis_keys.EVENTS, {"a": "x" * 100_000}, id=int((now - ago * 600) * 1000))
            for ago in range(80, 0, -1)
        ]
        full = client.info("memory")["used_memory"]
        client.config_set("maxmemory", (used + full) // 2 + (full - used) // 4)
        with pytest.raises(QueueBusy):
            queue.add({"a": "1"})
        assert queue.trim(now) == 0, "none is stored"
        queue.read_new("centre-1", 100)
        queue.ack([one.decode() for one in ids[:60]])
        assert 40 <= queue.trim(now) <= 60, "the oldest, and none that is not stored"
        assert client.xrange(redis_keys.EVENTS, ids[60], ids[60])
        queue.add({"a": "1"})


def test_a_queue_that_is_full_is_joined_and_emptied(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    """To make the group that is there already needs memory: a centre that began could not begin."""
    ids = fill(queue, 3)
    with raw_client(queue_server.url) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(QueueBusy):
            queue.ensure_group()
        client.config_set("maxmemory", 0)
        queue.ensure_group()
        client.config_set("maxmemory", 1)
        queue.ensure_group()
    taken = queue.read_new("centre-1", 5)
    assert [one.stream_id for one in taken] == ids
    assert not queue.stream.mended(0.0)
    assert (
        len(queue.claim("centre-2", 0, "0-0")[1]) == len(queue.read_own("centre-2", 5, "0-0")) == 3
    )
    queue.ack(ids)
    assert queue.trim(time.time() + 60) == 2


def test_an_unreadable_entry_holds_up_nothing_where_its_copy_finds_no_room(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    ids = fill(queue, 2)
    queue.ensure_group()
    first, second = queue.read_new("centre-1", 5)
    with raw_client(queue_server.url) as client:
        client.config_set("maxmemory", 1)
        queue.bury(first, "unreadable")
        assert queue.depth().pending == 1
        client.config_set("maxmemory", 0)
    queue.bury(second, "unreadable")
    assert [one.fields["dead_id"] for one in queue.dead()] == ids[1:]
