"""A storm of one worker holds up no other; what each says keeps its order, and is stored once."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import sqlalchemy as sa

from tests.alerts.centre import Centre
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import ConsumerSettings
from thapcanh.alerts.lifecycle.fair_turns import FairTurns
from thapcanh.alerts.queue.event_stream import StreamEntry
from thapcanh.alerts.queue.message import Message, encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.detection.event import EventPhase

Until = Callable[..., None]
STORM, TOGETHER = 5000, 200


def _entries(worker: str, numbers: range) -> list[StreamEntry]:
    return [StreamEntry(stream_id=f"{n}-0", fields={"source": worker}) for n in numbers]


def _numbers(entries: list[StreamEntry]) -> list[int]:
    return [int(entry.stream_id.partition("-")[0]) for entry in entries]


def test_workers_take_turns_and_each_keeps_its_order() -> None:
    turns = FairTurns()
    turns.add(_entries("fog", range(1, 6)))
    turns.add(_entries("fire", range(6, 8)))
    assert _numbers(turns.take(3)) == [1, 6, 2]
    turns.add(_entries("late", range(8, 9)))
    assert _numbers(turns.take(100)) == [7, 3, 8, 4, 5]
    assert len(turns) == 0
    assert turns.take(1) == []


def test_what_is_given_again_waits_once() -> None:
    turns = FairTurns()
    assert turns.add(_entries("fog", range(3))) == 3
    assert turns.add(_entries("fog", range(4))) == 1
    assert _numbers(turns.take(10)) == [0, 1, 2, 3]
    assert turns.add(_entries("fog", range(1))) == 1  # it was taken, and comes again
    turns.clear()
    assert (len(turns), turns.take(1)) == (0, [])


def test_garbage_without_a_worker_has_one_turn_for_all_of_it() -> None:
    turns = FairTurns()
    turns.add(StreamEntry(stream_id=f"{n}-0", fields={"what": "is this"}) for n in range(9))
    turns.add(_entries("fire", range(9, 10)))
    assert _numbers(turns.take(2)) == [0, 9]


class _Noted:
    """An archive that notes what each transaction is given; it may refuse once."""

    def __init__(self, archive: Archive, fails_at: int = -1) -> None:
        self.batches: list[list[Message]] = []
        self._archive = archive
        self._take_in_all = archive.take_in_all
        self._fails_at = fails_at

    def take_in_all(
        self, messages: Sequence[tuple[Message, float]], **how: Any
    ) -> list[IngestResult]:
        self.batches.append([message for message, _ in messages])
        if len(self.batches) == self._fails_at:
            raise ArchiveUnreachable("gone for a moment")
        return self._take_in_all(messages, **how)

    def as_archive(self) -> Archive:
        return cast(Archive, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


def _storm(count: int) -> list[Message]:
    """Smoke on many cameras of one worker, each told of again and again."""
    return [
        fake_message(
            seq, source="fog-worker", id=f"fog-{seq}", event_id=f"fog-event-{seq % 50}",
            camera_id=f"fog-{seq % 50}", kind="smoke", priority=3,
            phase=EventPhase.RAISED if seq <= 50 else EventPhase.UPDATED,
            captured_at=FIRST_AT + seq / 100,
        )
        for seq in range(1, count + 1)
    ]  # fmt: skip


def _send(queue: EventQueue, messages: list[Message]) -> None:
    for first in range(0, len(messages), 500):
        queue.add_all([encode(message) for message in messages[first : first + 500]])


def test_a_fire_behind_a_storm_is_in_the_first_transaction_after_it_is_read(
    queue: EventQueue, sqlite_archive: Archive
) -> None:
    """5,000 entries lie before it; it waits for what is read, not for what is stored."""
    noted = _Noted(sqlite_archive)
    settings = ConsumerSettings(count=STORM + 1, together=TOGETHER)
    centre = Centre(queue, noted.as_archive(), settings=settings)
    _send(queue, _storm(STORM))
    fire = fake_message(1, source="fire-worker", id="fire", event_id="fire", camera_id="gate")
    _send(queue, [fire])
    centre.consumer.turn()
    (first,) = noted.batches
    assert [one.event.id for one in first[:3]] == ["fog-1", "fire", "fog-2"]
    assert len(first) == TOGETHER
    still_to_store, wants_incident = STORM + 1 - TOGETHER, 1
    assert queue.depth().pending == still_to_store + wants_incident
    assert _stored_order(sqlite_archive, "fire-worker") == [1]


def test_a_storm_is_read_faster_than_it_is_stored(
    queue: EventQueue, sqlite_archive: Archive
) -> None:
    noted = _Noted(sqlite_archive)
    settings = ConsumerSettings(count=100, together=20)
    centre = Centre(queue, noted.as_archive(), settings=settings)
    _send(queue, _storm(400))
    _send(queue, [fake_message(1, source="fire-worker", id="fire", event_id="fire")])
    for _ in range(5):
        centre.consumer.turn()
    stored_in = [any(one.event.id == "fire" for one in batch) for batch in noted.batches]
    assert stored_in == [False, False, False, False, True]  # 400 by the fourth, stored: 80


def test_in_an_outage_nothing_is_lost_doubled_or_out_of_order(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    noted = _Noted(sqlite_archive, fails_at=3)
    settings = ConsumerSettings(count=100, together=40, sweep_every_s=0.1, claim_idle_s=0.05)
    centre = Centre(queue, noted.as_archive(), settings=settings)
    messages = _storm(300)
    others = [
        fake_message(seq, source="fire-worker", id=f"fire-{seq}", event_id="fire")
        for seq in range(1, 31)
    ]
    _send(queue, messages[:200] + others + messages[200:])
    with centre:
        until(lambda: centre.consumer.stats().stored == 330, 30.0)
        until(lambda: queue.depth().unread == queue.depth().pending == 0, 30.0)
    assert centre.consumer.stats().stored == 330
    assert sqlite_archive.gaps(4e9) == []
    for source, count in (("fog-worker", 300), ("fire-worker", 30)):
        assert _stored_order(sqlite_archive, source) == list(range(1, count + 1))


def test_a_camera_that_moves_to_another_worker_is_one_alert(
    queue: EventQueue, sqlite_archive: Archive, until: Until
) -> None:
    """Its new worker's word may be stored before the old one's, which waits behind a storm."""
    storm = _storm(300)
    old = fake_message(301, source="fog-worker", id="old", event_id="old", camera_id="gate")
    new = fake_message(
        1, source="new-worker", id="new", event_id="new", camera_id="gate",
        captured_at=FIRST_AT + 5,
    )  # fmt: skip
    over = fake_message(
        2, source="new-worker", id="over", event_id="new", camera_id="gate",
        phase=EventPhase.CLEARED, captured_at=FIRST_AT + 9,
    )  # fmt: skip
    old_over = fake_message(
        302, source="fog-worker", id="old-over", event_id="old", camera_id="gate",
        phase=EventPhase.CLEARED, captured_at=FIRST_AT + 4,
    )  # fmt: skip
    _send(queue, [*storm, old, old_over, new, over])
    settings = ConsumerSettings(count=1000, together=20)
    with Centre(queue, sqlite_archive, settings=settings) as centre:
        until(lambda: centre.consumer.stats().stored == 304, 30.0)
        until(lambda: queue.depth().unread == queue.depth().pending == 0, 30.0)
    assert centre.consumer.stats().stored == 304
    (alert,) = [one for one in sqlite_archive.alerts().items if one.camera_id == "gate"]
    assert (alert.condition, alert.detections) == ("cleared", 2)
    assert sqlite_archive.gaps(4e9) == []


def _stored_order(archive: Archive, source: str) -> list[int]:
    """A worker's numbers in the order in which their rows were written."""
    query = sa.select(event.c.producer_seq).where(event.c.source == source)
    with archive.database.reading() as connection:
        return list(connection.execute(query.order_by(sa.text("rowid"))).scalars())
