"""The queue behind Sentinels: a primary that dies costs no event, and what is wrong is named."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.centre import QUICK, Centre
from tests.alerts.conftest import queue_binaries
from tests.alerts.queue.fake_events import fake_event, fake_message
from tests.alerts.sentinel_servers import PASSWORD, SERVICE, WatchedQueue, watched_queue
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.alerts.queue.redis_client import PrimaryFinder, QueueAddress
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.workers.part_claim import PartClaim
from thapcanh.alerts.store.errors import (
    GroupMissing,
    QueueBusy,
    QueueError,
    QueueRefused,
    QueueUnreachable,
)
from thapcanh.app.process.free_port import free_port

Until = Callable[..., None]
SETTINGS = QueueSettings(socket_timeout_s=2.0, replicas=1)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedQueue]:
    (binary, *_) = queue_binaries().values()
    with watched_queue(binary, tmp_path_factory.mktemp("watched")) as started:
        yield started


def refusal(address: QueueAddress) -> QueueError:
    queue = EventQueue(address, settings=SETTINGS)
    with pytest.raises(QueueError) as caught:
        queue.add(encode(fake_message()))
    queue.close()
    for secret in (PASSWORD, "wr0ng"):
        assert secret not in str(caught.value) + repr(queue) + repr(address)
    return caught.value


def test_the_primary_is_found_by_the_name_of_its_service(watched: WatchedQueue) -> None:
    queue = EventQueue(watched.address(), settings=SETTINGS)
    queue.ping()
    primary = queue.replication.primary()
    assert primary.address in {f"127.0.0.1:{one.port}" for one in watched.servers}
    assert primary.replicas >= 1
    assert PartClaim(watched.address(), "worker-7").renew() is None
    queue.close()


def test_one_sentinel_that_answers_is_enough(watched: WatchedQueue) -> None:
    known = watched.address().sentinels
    dead = f"redis://127.0.0.1:{free_port()}"
    queue = EventQueue(watched.address(sentinels=(dead, known[1])), settings=SETTINGS)
    queue.ping()
    queue.close()


def test_no_sentinel_that_answers_is_named(watched: WatchedQueue) -> None:
    silent = tuple(f"redis://127.0.0.1:{free_port()}" for _ in range(2))
    error = refusal(watched.address(sentinels=silent))
    assert isinstance(error, QueueUnreachable)
    assert "none of its 2 sentinels answers" in str(error)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        error = refusal(watched.address(sentinels=(f"redis://127.0.0.1:{port}",)))
    assert isinstance(error, QueueUnreachable)


def test_a_service_that_nobody_knows_is_named_beside_those_that_are(watched: WatchedQueue) -> None:
    error = refusal(watched.address(url=f"redis://:{PASSWORD}@thapcan/0"))
    assert isinstance(error, QueueRefused)
    assert "knows no service 'thapcan'" in str(error)
    assert repr(SERVICE) in str(error)


def test_each_wrong_password_is_told_as_whose_it_is(watched: WatchedQueue) -> None:
    sentinels = tuple(
        one.replace("sentinel-s3cret", "wr0ng") for one in watched.address().sentinels
    )
    error = refusal(watched.address(sentinels=sentinels))
    assert isinstance(error, QueueRefused)
    assert "the sentinel redis://:<secret>@127.0.0.1" in str(error)
    error = refusal(watched.address(url=f"redis://:wr0ng@{SERVICE}/0"))
    assert isinstance(error, QueueRefused)
    assert "sentinel" not in str(error)


def test_too_few_replicas_leave_events_where_they_are_and_the_stream_as_it_is(
    watched: WatchedQueue, tmp_path: Path, until: Until
) -> None:
    """Each attempt left its entries in the stream once more, for as long as replicas were away."""
    queue = EventQueue(watched.address(), settings=QueueSettings(socket_timeout_s=4.0, replicas=3))
    queue.ensure_group()
    before = queue.depth().length
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    spool.append(fake_event(1), time.time())
    publisher = EventPublisher(spool, queue, backoff=QUICK)
    publisher.start()
    until(lambda: publisher.stats().failures >= 2)
    publisher.stop()
    assert " of 3 replicas" in str(publisher.stats().last_error)
    assert spool.depth().count == 1
    assert queue.depth().length == before + 1
    spool.close()
    queue.close()


def test_a_primary_that_is_read_only_is_named(
    watched: WatchedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Sentinels name one in the middle of a failover."""
    queue = EventQueue(watched.address(), settings=SETTINGS)
    replica = next(one for one in watched.servers if not _is_primary(one.port, queue))
    queue.close()
    named = ("127.0.0.1", replica.port)
    monkeypatch.setattr(PrimaryFinder, "discover_master", lambda *_: named)
    queue = EventQueue(watched.address(), settings=SETTINGS)
    with pytest.raises(QueueBusy, match=f"primary 127.0.0.1:{replica.port} is read only"):
        queue.add(encode(fake_message()))
    queue.close()


def _is_primary(port: int, queue: EventQueue) -> bool:
    return queue.replication.primary().address == f"127.0.0.1:{port}"


def test_a_primary_killed_under_load_costs_no_event_and_doubles_none(
    watched: WatchedQueue, sqlite_archive: Archive, tmp_path: Path, until: Until
) -> None:
    queue = EventQueue(watched.address(), settings=SETTINGS)
    reader = EventQueue(watched.address(), settings=SETTINGS)
    spool = Spool(tmp_path / "spool.sqlite", "worker-9")
    publisher = EventPublisher(spool, queue, backoff=QUICK, check_every_s=0.2)
    enough = threading.Event()
    sent: list[int] = []

    def load() -> None:
        while not enough.wait(0.02):
            seq = len(sent) + 1
            spool.append(fake_event(seq, id=f"load-{seq}", event_id="load"), time.time())
            sent.append(seq)

    maker = threading.Thread(target=load)
    with Centre(reader, sqlite_archive) as centre:
        until(lambda: _is_all_stored(reader))
        earlier = centre.detections()
        publisher.start()
        maker.start()
        until(lambda: centre.consumer.stats().stored >= 100)
        before = queue.replication.primary().address
        next(one for one in watched.servers if before.endswith(f":{one.port}")).end()
        until(lambda: _moved(queue, before), 60.0)
        at = len(sent)
        until(lambda: len(sent) >= at + 50)
        enough.set()
        maker.join()
        until(lambda: spool.depth().count == 0, 60.0)
        until(lambda: centre.detections() >= earlier + len(sent), 60.0)
    publisher.stop()
    assert centre.detections() == earlier + len(sent)
    assert centre.archive.gaps(4e9) == []
    assert publisher.stats().failures > 0
    for each in (queue, reader, spool):
        each.close()


def _is_all_stored(queue: EventQueue) -> bool:
    try:
        depth = queue.depth()
    except GroupMissing:
        return False
    return (depth.unread, depth.pending) == (0, 0)


def _moved(queue: EventQueue, before: str) -> bool:
    try:
        return queue.replication.primary().address != before
    except QueueError:
        return False
