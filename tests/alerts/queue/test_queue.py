"""The queue's door against real servers: group, pending entries, dead letters, trimming, status."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis

from tests.alerts.queue.fake_events import fake_message
from tests.patience import PATIENCE_S
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.message import decode, encode
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.alerts.store.errors import GroupMissing, QueueBusy, QueueRefused, QueueUnreachable

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

FAR = 4e9  # a time at which every entry is old


def fill(queue: EventQueue, count: int) -> list[str]:
    return [queue.add(encode(fake_message(seq))) for seq in range(1, count + 1)]


def read_seqs(queue: EventQueue, consumer: str = "centre-1") -> list[int]:
    return [decode(each.fields).producer_seq for each in queue.read_new(consumer, 100)]


def test_entries_arrive_in_order_and_say_when_they_were_queued(queue: EventQueue) -> None:
    ids = fill(queue, 3)
    queue.ensure_group()
    delivered = queue.read_new("centre-1", 100)
    assert [each.stream_id for each in delivered] == ids
    assert [decode(each.fields) for each in delivered] == [fake_message(n) for n in (1, 2, 3)]
    assert delivered[0].queued_at == int(ids[0].split("-")[0]) / 1000


def test_a_group_made_late_skips_nothing(queue: EventQueue) -> None:
    fill(queue, 2)
    queue.ensure_group()
    queue.ensure_group()
    assert read_seqs(queue) == [1, 2]


def test_without_a_group_the_error_says_so(queue: EventQueue) -> None:
    with pytest.raises(GroupMissing):
        queue.read_new("centre-1", 1)
    with pytest.raises(GroupMissing):
        queue.depth()


def test_what_is_not_confirmed_is_given_again_to_its_own_reader(queue: EventQueue) -> None:
    ids = fill(queue, 3)
    queue.ensure_group()
    read_seqs(queue)
    queue.ack([ids[0]])
    assert [each.stream_id for each in queue.read_own("centre-1", 10, "0-0")] == ids[1:]
    assert queue.read_own("centre-2", 10, "0-0") == []


def test_what_lies_with_a_dead_reader_is_taken_over(queue: EventQueue) -> None:
    ids = fill(queue, 2)
    queue.ensure_group()
    read_seqs(queue, "centre-dead")
    assert queue.claim("centre-1", 60_000, "0-0") == ("0-0", [])
    start, claimed = queue.claim("centre-1", 0, "0-0")
    assert (start, [each.stream_id for each in claimed]) == ("0-0", ids)


def test_a_dead_letter_keeps_its_content_and_its_reason(queue: EventQueue) -> None:
    (stream_id,) = fill(queue, 1)
    queue.ensure_group()
    (delivery,) = queue.read_new("centre-1", 1)
    queue.bury(delivery, "no sense")
    assert queue.depth().pending == 0
    assert len(queue.dead()) == 1
    (dead,) = queue.dead()
    assert dead.fields["dead_id"] == stream_id
    assert dead.fields["dead_reason"] == "no sense"
    assert dead.fields["id"] == "message-1"


def test_an_entry_that_is_not_text_does_not_fail_the_read(
    queue: EventQueue, queue_server: "QueueServer"
) -> None:
    with raw_client(queue_server.url) as client:
        client.xadd(redis_keys.EVENTS, {b"\xff\xfe": b"\x80\x81"})
    fill(queue, 1)
    queue.ensure_group()
    first, second = queue.read_new("centre-1", 10)
    assert first.fields == {"\\xff\\xfe": "\\x80\\x81"}
    assert decode(second.fields) == fake_message(1)


def test_it_is_known_how_long_no_reader_has_asked(queue: EventQueue) -> None:
    assert queue.unasked_for_s() is None
    fill(queue, 1)
    assert queue.unasked_for_s() is None
    queue.ensure_group()
    assert queue.unasked_for_s() is None
    queue.read_new("centre-1", 100)
    silent_s = queue.unasked_for_s()
    assert silent_s is not None
    time.sleep(0.05)
    assert (queue.unasked_for_s() or 0.0) >= silent_s + 0.03


def test_depth_tells_unread_and_unfinished(queue: EventQueue) -> None:
    queue.ensure_group()
    fill(queue, 3)
    queue.read_new("centre-1", 1)
    depth = queue.depth()
    assert (depth.length, depth.unread, depth.pending) == (3, 2, 1)


def test_trimming_stops_before_what_any_group_still_needs(
    queue: EventQueue, queue_server: "QueueServer"
) -> None:
    ids = fill(queue, 5)
    queue.ensure_group()
    assert queue.trim(FAR) == 0  # nothing was read
    with raw_client(queue_server.url) as client:
        client.xgroup_create(redis_keys.EVENTS, "slow", id="0")
        client.xreadgroup("slow", "s", {redis_keys.EVENTS: ">"}, count=2)
        queue.read_new("centre-1", 5)
        queue.ack(ids)
        assert queue.trim(FAR) == 0  # slow has two unfinished, from the first on
        client.xack(redis_keys.EVENTS, "slow", *ids[:2])
        assert queue.trim(FAR) == 1  # it may still need the third; the second marks its place
    assert queue.has(ids) == [False, True, True, True, True]


def test_trimming_keeps_what_is_young(queue: EventQueue) -> None:
    ids = fill(queue, 3)
    queue.ensure_group()
    queue.read_new("centre-1", 5)
    queue.ack(ids)
    now = int(ids[-1].split("-")[0]) / 1000
    assert queue.trim(now) == 0
    assert queue.trim(now + queue.settings.keep_s + 1) == 2


def test_trimming_without_a_stream_says_so(queue: EventQueue) -> None:
    with pytest.raises(GroupMissing):
        queue.trim(FAR)


def test_a_queue_that_was_killed_still_has_what_it_confirmed(
    queue: EventQueue, queue_server: "QueueServer"
) -> None:
    ids = fill(queue, 20)
    queue.ensure_group()
    queue.read_new("centre-1", 5)
    queue_server.kill()
    with pytest.raises(QueueUnreachable):
        queue.ping()
    queue_server.start()
    assert queue.has(ids) == [True] * 20
    assert len(queue.read_own("centre-1", 100, "0-0")) == 5


def test_a_server_that_hangs_is_noticed_within_the_socket_timeout(
    queue_server: "QueueServer",
) -> None:
    queue = EventQueue(queue_server.url, settings=QueueSettings(socket_timeout_s=0.3))
    queue.ensure_group()
    queue_server.freeze()
    with pytest.raises(QueueUnreachable):
        queue.add(encode(fake_message()))
    queue_server.thaw()
    queue.close()


def test_a_blocking_read_ends_before_the_socket_would_time_out(queue: EventQueue) -> None:
    queue.ensure_group()
    assert queue.read_new("centre-1", 1) == []
    assert queue.settings.block_ms < queue.settings.socket_timeout_s * 500


def test_a_full_server_is_busy_not_broken(queue: EventQueue, queue_server: "QueueServer") -> None:
    with raw_client(queue_server.url) as client:
        client.config_set("maxmemory", "1mb")
        client.config_set("maxmemory-policy", "noeviction")
    with pytest.raises(QueueBusy):
        fill(queue, 5000)


def test_a_missing_replica_is_not_a_confirmation(queue_server: "QueueServer") -> None:
    queue = EventQueue(queue_server.url, settings=QueueSettings(replicas=1, socket_timeout_s=4.0))
    with pytest.raises(QueueBusy, match="0 of 1 replicas"):
        queue.add(encode(fake_message()))
    queue.close()


def test_a_wrong_password_is_refused_and_never_shown(queue_server: "QueueServer") -> None:
    with raw_client(queue_server.url) as client:
        client.config_set("requirepass", "right")
    url = queue_server.url.replace("redis://", "redis://:wr0ng-s3cret@")
    queue = EventQueue(url)
    with pytest.raises(QueueRefused) as caught:
        queue.ping()
    assert not caught.value.retry_helps
    for shown in (str(caught.value), repr(queue)):
        assert "wr0ng-s3cret" not in shown
        assert "<secret>" in shown
    queue.close()
    bare = EventQueue(queue_server.url)
    with pytest.raises(QueueRefused):
        bare.ping()
    bare.close()


def test_what_is_not_a_redis_url_is_refused_without_its_password() -> None:
    with pytest.raises(QueueRefused) as caught:
        EventQueue("amqp://user:wr0ng-s3cret@host")
    assert "wr0ng-s3cret" not in str(caught.value)


def test_redis_py_does_not_resend_by_itself() -> None:
    """A lost reply must reach us as an error: redis-py 8 would send again ten times."""
    commands: list[bytes] = []
    with mute_server(commands) as port:
        queue = EventQueue(
            f"redis://127.0.0.1:{port}", settings=QueueSettings(socket_timeout_s=0.2)
        )
        with pytest.raises(QueueUnreachable):
            queue.add(encode(fake_message()))
        queue.close()
    assert b"".join(commands).count(b"XADD") == 1


@contextmanager
def raw_client(url: str) -> Iterator[Any]:
    client = redis.Redis.from_url(url, protocol=2)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def mute_server(received: list[bytes]) -> Iterator[int]:
    """Accepts, answers the greeting, and says nothing to anything else."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5.0)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5.0)
                while data := connection.recv(65536):
                    received.append(data)
                    if b"XADD" not in data:
                        greeting = b"+PONG\r\n" if b"PING" in data else b"+OK\r\n"
                        connection.sendall(greeting * data.count(b"*"))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE_S)
