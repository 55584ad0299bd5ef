"""Spool to queue: in order, at least once, through every way in which a queue can fail."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.alerts.queue.fake_events import fake_event, fake_message
from tests.patience import PATIENCE_S
from thapcanh.alerts.queue.message import Entry, decode, encode
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import QueueUnreachable
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import SystemClock

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

NOW = 1_800_000_000.0
QUICK = Backoff(first_s=0.01, longest_s=0.05)

Until = Callable[..., None]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield spool
    spool.close()


class ScriptedOutlet:
    """Takes entries; where the script says so, it fails before or after taking one."""

    def __init__(self, script: Sequence[str] = ()) -> None:
        self._script = list(script)
        self.seqs: list[int] = []

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        step = self._script.pop(0) if self._script else "take"
        if step == "refuse":
            raise QueueUnreachable("refused")
        before = len(self.seqs)
        taken = entries[:2] if step == "take two" else entries
        self.seqs += [decode(entry).producer_seq for entry in taken]
        if step == "lose reply":
            raise QueueUnreachable("the reply was lost")
        if step == "surprise":
            raise RuntimeError("a fault of ours")
        return [f"{before + number}-0" for number, _ in enumerate(taken, 1)]

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        return [int(each.split("-")[0]) <= len(self.seqs) for each in stream_ids]


def fill(spool: Spool, count: int) -> None:
    for seq in range(1, count + 1):
        spool.append(fake_event(seq), NOW)


def run(spool: Spool, outlet: Any, until: Until) -> EventPublisher:
    publisher = EventPublisher(spool, outlet, backoff=QUICK)
    publisher.start()
    publisher.start()
    until(lambda: spool.depth().count == 0)
    publisher.stop()
    publisher.stop()
    return publisher


@pytest.mark.parametrize(
    ("script", "arrived"),
    [
        ([], [1, 2, 3]),
        (["refuse", "refuse"], [1, 2, 3]),
        (["take two", "lose reply"], [1, 2, 3, 3]),
        (["lose reply", "refuse", "lose reply"], [1, 2, 3] * 3),
        (["take two", "surprise"], [1, 2, 3, 3]),
    ],
)
def test_every_event_arrives_at_least_once_and_in_order(
    spool: Spool, until: Until, script: list[str], arrived: list[int]
) -> None:
    outlet = ScriptedOutlet(script)
    fill(spool, 3)
    publisher = run(spool, outlet, until)
    assert outlet.seqs == arrived
    failures = sum(not step.startswith("take") for step in script)
    stats = publisher.stats()
    assert (stats.sent, stats.failures, stats.waiting) == (3, failures, 0)
    assert stats.connected


def test_an_event_appended_later_is_sent_at_once(spool: Spool, until: Until) -> None:
    outlet = ScriptedOutlet()
    publisher = EventPublisher(spool, outlet)
    publisher.start()
    fill(spool, 1)
    until(lambda: outlet.seqs == [1], 4.0)  # below the idle wait of 5 s
    publisher.stop()


class SetClock(SystemClock):
    """A clock whose date is set by hand."""

    wrong_by_s = 0.0

    def utc(self) -> float:
        return time.time() + self.wrong_by_s


@pytest.mark.parametrize("wrong_by_s", [-86_400.0, 7 * 86_400.0, -1.7e9])
def test_a_date_that_is_put_right_makes_nothing_old(
    spool: Spool, until: Until, wrong_by_s: float
) -> None:
    outlet, clock = ScriptedOutlet(), SetClock()
    clock.wrong_by_s = wrong_by_s
    publisher = EventPublisher(spool, outlet, clock=clock, backoff=QUICK, check_every_s=0.05)
    publisher.start()
    fill(spool, 3)
    until(lambda: outlet.seqs == [1, 2, 3])
    clock.wrong_by_s = 0.0
    spool.append(fake_event(4), NOW)
    until(lambda: outlet.seqs == [1, 2, 3, 4])
    until(lambda: spool.depth().count == 0)
    outlet.seqs.clear()  # the queue was killed, and lost what it had not written yet
    until(lambda: sorted(outlet.seqs) == [1, 2, 3, 4])
    publisher.stop()


def test_stop_interrupts_a_long_backoff(spool: Spool, until: Until) -> None:
    fill(spool, 1)
    outlet = ScriptedOutlet(["refuse"] * 100)
    publisher = EventPublisher(spool, outlet, backoff=Backoff(first_s=600, longest_s=600))
    publisher.start()
    until(lambda: publisher.stats().failures == 1)
    assert publisher.stats().last_error == "refused"
    assert not publisher.stats().connected
    stopped = threading.Thread(target=publisher.stop)
    stopped.start()
    stopped.join(PATIENCE_S)
    assert not stopped.is_alive()
    assert spool.depth().count == 1


def test_waits_grow_up_to_the_longest() -> None:
    backoff = Backoff(first_s=1.0, longest_s=8.0)
    for failures, whole in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (5000, 8.0)]:
        assert whole / 2 <= backoff.wait_s(failures) <= whole


def test_a_queue_killed_between_taking_and_answering_gets_the_event_again(
    queue_server: "QueueServer", spool: Spool, until: Until
) -> None:
    queue = EventQueue(queue_server.url, settings=QueueSettings(socket_timeout_s=1.0))
    killed = threading.Event()

    class KilledOnce:
        """The server takes the entries and dies; the answer never comes."""

        def add_all(self, entries: Sequence[Entry]) -> list[str]:
            stream_ids = queue.add_all(entries)
            if not killed.is_set():
                killed.set()
                queue_server.kill()
                raise QueueUnreachable("connection reset")
            return stream_ids

        def has(self, stream_ids: Sequence[str]) -> list[bool]:
            return queue.has(stream_ids)

    fill(spool, 3)
    publisher = EventPublisher(spool, KilledOnce(), backoff=QUICK)
    publisher.start()
    assert killed.wait(PATIENCE_S)
    until(lambda: publisher.stats().failures >= 2)
    queue_server.start()
    until(lambda: spool.depth().count == 0)
    publisher.stop()
    queue.ensure_group()
    seqs = [decode(each.fields).producer_seq for each in queue.read_new("centre-1", 100)]
    assert seqs == [1, 2, 3, 1, 2, 3]
    queue.close()


def test_a_queue_that_lost_its_data_is_given_the_confirmed_events_again(
    queue_server: "QueueServer", spool: Spool, until: Until
) -> None:
    queue = EventQueue(queue_server.url, settings=QueueSettings(socket_timeout_s=1.0))
    publisher = EventPublisher(spool, queue, backoff=QUICK, check_every_s=0.05)
    for seq in (1, 2, 3):
        spool.append(fake_event(seq), time.time())
    publisher.start()
    until(lambda: spool.depth().count == 0)
    queue_server.kill()
    queue_server.lose_data()
    queue_server.start()
    emptied_at = time.time()
    spool.append(fake_event(4), time.time())
    until(lambda: (publisher.stats().checked_at or 0.0) > emptied_at)
    assert publisher.stats().lost_and_resent == 3
    until(lambda: spool.depth().count == 0)
    publisher.stop()
    queue.ensure_group()
    seqs = {decode(each.fields).producer_seq for each in queue.read_new("centre-1", 100)}
    assert seqs == {1, 2, 3, 4}
    queue.close()


class ForgetfulOutlet:
    """A queue in memory that can be emptied."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self._given = 0

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        return [self._add(entry) for entry in entries]

    def _add(self, entry: Entry) -> str:
        self._given += 1
        self.held[f"{self._given}-0"] = decode(entry).producer_seq
        return f"{self._given}-0"

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        return [stream_id in self.held for stream_id in stream_ids]


@pytest.mark.parametrize(("kept", "resent"), [(0, 10), (4, 6), (10, 0)])
def test_however_much_the_queue_lost_all_of_it_is_sent_again(
    spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch, kept: int, resent: int
) -> None:
    """With the centre down, more than one page waited in a queue that came back empty."""
    monkeypatch.setattr("thapcanh.alerts.queue.spool._CHECKED_ROWS", 3)
    fill(spool, 10)
    outlet = ForgetfulOutlet()
    publisher = EventPublisher(spool, outlet, backoff=QUICK)
    publisher.start()
    until(lambda: spool.depth().count == 0)
    publisher.stop()
    outlet.held = dict(list(outlet.held.items())[:kept])
    again = EventPublisher(spool, outlet, backoff=QUICK)
    again.start()
    until(lambda: again.stats().connected and spool.depth().count == 0)
    again.stop()
    assert again.stats().lost_and_resent == resent
    assert sorted(outlet.held.values()) == list(range(1, 11))


def test_what_the_centre_has_stored_is_not_sent_again_to_an_emptied_queue(
    queue_server: "QueueServer", spool: Spool, until: Until
) -> None:
    """Each emptied queue brought ten minutes of stored events back, and the centre fell behind."""
    queue = EventQueue(queue_server.url, settings=QueueSettings(socket_timeout_s=1.0))
    queue.ensure_group()
    publisher = EventPublisher(
        spool, queue, backoff=QUICK, check_every_s=0.05, finished_before=queue.finished_before
    )
    fill(spool, 6)
    publisher.start()
    until(lambda: spool.depth().count == 0)
    stored = queue.read_new("centre-1", 4)
    queue.ack([each.stream_id for each in stored[:3]])
    until(lambda: [seq for seq, _ in spool.confirmed()] == [4, 5, 6])
    queue_server.kill()
    queue_server.lose_data()
    queue_server.start()
    until(lambda: publisher.stats().lost_and_resent == 3 and spool.depth().count == 0)
    queue.ensure_group()
    seqs = [decode(each.fields).producer_seq for each in queue.read_new("centre-1", 100)]
    assert seqs == [4, 5, 6]
    publisher.stop()
    queue.close()


def test_newer_entries_of_an_emptied_queue_do_not_vouch_for_older_ones(
    queue: EventQueue, spool: Spool, until: Until
) -> None:
    """Their ids are larger than those of what was lost, and the centre has finished them."""
    fill(spool, 3)
    spool.confirm([(seq, f"1-{seq}") for seq in (1, 2, 3)], time.monotonic())  # of the lost stream
    queue.ensure_group()
    queue.add(encode(fake_message(1, source="another")))
    queue.ack([each.stream_id for each in queue.read_new("centre-1", 10)])
    publisher = EventPublisher(spool, queue, backoff=QUICK, finished_before=queue.finished_before)
    publisher.start()
    until(lambda: publisher.stats().lost_and_resent == 3 and spool.depth().count == 0)
    publisher.stop()
