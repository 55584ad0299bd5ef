"""Two processes with one part: the second is refused, and the part is never without an owner."""

import dataclasses
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.ingest.fake_clock import FakeClock
from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.alerts.queue.workers.part_claim import PartClaim, PartOwner, this_process
from thapcanh.alerts.store.errors import QueueUnreachable

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

FAR = PartOwner(host="far", machine="another", pid=77, began=5)


def claim(server: "QueueServer", owner: PartOwner | None = None, ttl_s: float = 60.0) -> PartClaim:
    return PartClaim(
        QueueAddress(url=server.url), "worker-0", owner=owner, ttl_s=ttl_s, clock=FakeClock()
    )


def test_the_second_with_one_index_is_told_of_the_first(queue_server: "QueueServer") -> None:
    stop = threading.Event()
    first, second = claim(queue_server, FAR), claim(queue_server)
    assert first.take(stop) is None
    assert second.take(stop) == FAR
    assert first.renew() is None
    first.release()
    assert second.take(stop) is None
    assert first.renew() == this_process()


def test_a_process_that_died_here_is_replaced_at_once(queue_server: "QueueServer") -> None:
    dead = dataclasses.replace(this_process(), pid=2**22 + 1)
    reborn = dataclasses.replace(this_process(), began=1)  # its number was given again
    stop = threading.Event()
    for before in (dead, reborn):
        assert claim(queue_server, before).renew() is None
        assert claim(queue_server).take(stop) is None
        claim(queue_server).release()
    assert this_process().is_alive
    assert this_process().pid == os.getpid()


def test_a_host_that_died_is_replaced_when_its_claim_has_run_out(
    queue_server: "QueueServer",
) -> None:
    assert claim(queue_server, FAR, ttl_s=0.3).take(threading.Event()) is None
    here = PartClaim(QueueAddress(url=queue_server.url), "worker-0", ttl_s=0.3)
    assert here.take(threading.Event()) is None


def test_parts_do_not_stand_in_each_others_way(queue_server: "QueueServer") -> None:
    other = PartClaim(QueueAddress(url=queue_server.url), "worker-1", owner=FAR, ttl_s=60.0)
    assert other.renew() is None
    assert claim(queue_server).renew() is None


def test_a_queue_that_does_not_answer_is_named(queue_server: "QueueServer") -> None:
    queue_server.stop()
    with pytest.raises(QueueUnreachable):
        claim(queue_server).take(threading.Event())
    queue_server.start()
