"""Packets that can wait are taken together, in order and soon; none is lost when it breaks."""

import gc
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from tests.ingest.fake_clock import FakeClock
from tests.ingest.fake_source import synthetic_packets
from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.lifecycle import CameraLifecycle, CameraState, LifecycleSettings
from thapcanh.ingest.camera.read_loop import REST_S, TOGETHER_S, QueueWatch, ReadLoop, ReadSettings
from thapcanh.ingest.errors import Ended, Garbled, SourceError
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.sources.connection import Connection

URL = SecretUrl("rtsp://camera/1")
FPS = 16  # its packets' times are exact


class Source:
    """One live connection: a packet every sixteenth of a second of the clock, then its end.

    What came while nobody read is there at once.
    """

    live = True

    def __init__(self, clock: FakeClock, packets: list[Packet], *, waits_unread: bool) -> None:
        self._clock = clock
        self._packets = packets
        self.transport = Transport.TCP if waits_unread else None

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        return nullcontext(self)

    @property
    def stream(self) -> StreamInfo:
        return self._packets[0].stream

    def __iter__(self) -> Iterator[Packet]:
        began_s = self._clock.monotonic()
        for number, packet in enumerate(self._packets, 1):
            self._clock.advance(max(0.0, began_s + number / FPS - self._clock.monotonic()))
            yield packet
        failed = Ended(str(URL))  # as libav's does: this frame holds the error, and it the frame
        raise failed


class Taken:
    """Notes which packet was taken when, and ends the reading with the connection."""

    def __init__(
        self,
        clock: FakeClock,
        packets: list[Packet],
        *,
        urgent: set[int],
        bad: int | None,
        waits_unread: bool = False,
        rest_s: float = 0.0,
    ) -> None:
        self._clock = clock
        self._rest_s = rest_s
        self.stirs_at: int | None = None
        self._began_s = clock.monotonic()
        self._urgent = urgent
        self._bad = bad
        self.at: list[tuple[int, float]] = []
        self.times_s: list[float] = []
        reading = ReadSettings(
            name="camera",
            url=URL,
            clock=clock,
            open_source=Source(clock, packets, waits_unread=waits_unread),
            rules=LifecycleSettings(),
        )
        self.reader = ReadLoop(reading, self)

    def new_connection(self) -> None:
        """Nothing is kept."""

    def can_wait(self, packet: Packet) -> bool:
        return _number(packet) not in self._urgent

    def rest_s(self) -> float:
        if self.at and self.at[-1][0] == self.stirs_at:
            self.reader.stir()
        return self._rest_s

    def take(self, packet: Packet, _: float) -> SourceError | None:
        self.at.append((_number(packet), (self._clock.monotonic() - self._began_s) * FPS))
        self.times_s.append(packet.at_s)
        return Garbled(str(URL)) if _number(packet) == self._bad else None

    def changed(self, life: CameraLifecycle) -> None:
        if life.state is CameraState.BACKOFF:
            self.reader.request_stop()


def _number(packet: Packet) -> int:
    return packet.size_bytes


def _read(
    count: int,
    *,
    urgent: set[int],
    bad: int | None = None,
    rest_s: float | None = None,
    stirs_at: int | None = None,
) -> Taken:
    first = synthetic_packets(1)[0]
    packets = [
        replace(first, size_bytes=number, at_s=number / FPS) for number in range(1, count + 1)
    ]
    taken = Taken(
        FakeClock(),
        packets,
        urgent=urgent,
        bad=bad,
        waits_unread=rest_s is not None,
        rest_s=rest_s or 0.0,
    )
    taken.stirs_at = stirs_at
    taken.reader.run()
    return taken


def test_what_cannot_wait_is_taken_at_once() -> None:
    assert _read(4, urgent={1, 2, 3, 4}).at == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_what_can_goes_with_the_first_that_cannot() -> None:
    assert _read(5, urgent={1, 4, 5}).at == [(1, 1), (2, 4), (3, 4), (4, 4), (5, 5)]


def test_nothing_waits_long() -> None:
    taken = _read(40, urgent={1})
    assert [number for number, _ in taken.at] == list(range(1, 41))
    assert max(at - number for number, at in taken.at) == -(-TOGETHER_S * FPS // 1)


def test_camera_time_is_that_of_reading_not_of_taking() -> None:
    assert _read(9, urgent={1}).times_s == pytest.approx([number / FPS for number in range(1, 10)])


def test_what_waits_when_the_connection_breaks_is_taken_first() -> None:
    taken = _read(3, urgent={1})
    assert taken.at == [(1, 1), (2, 3), (3, 3)]
    assert taken.reader.life.reason == Ended.reason


def test_a_connection_that_broke_is_freed_without_the_collector() -> None:
    clock, packets = FakeClock(), synthetic_packets(3)
    opened: list[weakref.ref[Source]] = []

    def open_source(url: SecretUrl, /) -> AbstractContextManager[Connection]:
        connection = Source(clock, packets, waits_unread=True)
        opened.append(weakref.ref(connection))
        return nullcontext(connection)

    taken = Taken(clock, packets, urgent=set(), bad=None)
    reading = ReadSettings(
        name="camera", url=URL, clock=clock, open_source=open_source, rules=LifecycleSettings()
    )
    taken.reader = ReadLoop(reading, taken)
    gc.disable()
    try:
        taken.reader.run()
        assert [one() for one in opened] == [None]
    finally:
        gc.enable()


def test_after_an_error_of_the_taker_the_rest_is_of_no_use() -> None:
    taken = _read(5, urgent={1, 4}, bad=3)
    assert taken.at == [(1, 1), (2, 4), (3, 4)]
    assert taken.reader.life.reason == Garbled.reason


def test_nothing_is_read_while_all_can_wait_and_then_all_that_came() -> None:
    """Each awakening for one packet cost as much as the packet."""
    taken = _read(13, urgent={1}, rest_s=REST_S)
    assert taken.at == [(1, 1), *((n, 5) for n in (2, 3, 4, 5)), *((n, 9) for n in (6, 7, 8, 9)),
                        *((n, 13) for n in (10, 11, 12, 13))]  # fmt: skip
    assert taken.times_s == pytest.approx([number / FPS for number in range(1, 14)], abs=0.01)


def test_no_rest_where_what_is_not_read_may_be_lost_or_something_is_due() -> None:
    assert [at for _, at in _read(4, urgent={1, 2, 3, 4}, rest_s=0.0).at] == [1, 2, 3, 4]
    assert _read(5, urgent={1, 4, 5}).at == [(1, 1), (2, 4), (3, 4), (4, 4), (5, 5)]


def test_who_stirs_it_ends_the_rest_even_just_before_it_begins() -> None:
    assert _read(3, urgent=set(), rest_s=REST_S, stirs_at=1).at == [(1, 1), (2, 2), (3, 6)]


@pytest.mark.parametrize(
    ("late_s", "most"), [(0.0, 1), (0.02, 8)], ids=["idle machine", "each read is late"]
)
@pytest.mark.parametrize("drift", [-0.0002, 0.0, 0.0002], ids=["slow", "exact", "fast"])
def test_no_queue_is_left_behind_whatever_clocks_and_the_machine_do(
    drift: float, late_s: float, most: int
) -> None:
    """A rest after each packet of a queue would fall ever further behind."""
    queue, now_s, rests, left = QueueWatch(), 0.0, 0, []
    for number in range(10_000):
        waited_s = max(0.0, number / FPS - now_s) + late_s
        now_s += waited_s
        if queue.is_last(number * (1 + drift) / FPS, now=now_s, waited_s=waited_s):
            left.append(int(now_s * FPS) - number)
            now_s += REST_S
            rests += 1
    assert max(left) <= most
    assert rests > 1_500, "one in six packets at least"
