"""Packets that can wait are taken together, in order and soon; none is lost when it breaks."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from config.secret import SecretUrl
from ingest.camera.lifecycle import CameraLifecycle, CameraState, LifecycleSettings
from ingest.camera.read_loop import TOGETHER_S, ReadLoop, ReadSettings
from ingest.errors import Ended, Garbled, SourceError
from ingest.fake_clock import FakeClock
from ingest.packets.packet import Packet, StreamInfo
from ingest.sources.connection import Connection
from ingest.sources.fake_source import synthetic_packets

URL = SecretUrl("rtsp://camera/1")
FPS = 16  # its packets' times are exact


class Source:
    """One live connection: a packet every sixteenth of a second of the clock, then its end."""

    live = True

    def __init__(self, clock: FakeClock, packets: list[Packet]) -> None:
        self._clock = clock
        self._packets = packets

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        return nullcontext(self)

    @property
    def stream(self) -> StreamInfo:
        return self._packets[0].stream

    def __iter__(self) -> Iterator[Packet]:
        for packet in self._packets:
            self._clock.advance(1 / FPS)
            yield packet
        raise Ended(str(URL))


class Taken:
    """Notes which packet was taken when, and ends the reading with the connection."""

    def __init__(
        self, clock: FakeClock, packets: list[Packet], *, urgent: set[int], bad: int | None
    ) -> None:
        self._clock = clock
        self._began_s = clock.monotonic()
        self._urgent = urgent
        self._bad = bad
        self.at: list[tuple[int, float]] = []
        self.times_s: list[float] = []
        reading = ReadSettings(
            name="camera",
            url=URL,
            clock=clock,
            open_source=Source(clock, packets),
            rules=LifecycleSettings(),
        )
        self.reader = ReadLoop(reading, self)

    def new_connection(self) -> None:
        """Nothing is kept."""

    def can_wait(self, packet: Packet) -> bool:
        return _number(packet) not in self._urgent

    def take(self, packet: Packet, _: float) -> SourceError | None:
        self.at.append((_number(packet), (self._clock.monotonic() - self._began_s) * FPS))
        self.times_s.append(packet.at_s)
        return Garbled(str(URL)) if _number(packet) == self._bad else None

    def changed(self, life: CameraLifecycle) -> None:
        if life.state is CameraState.BACKOFF:
            self.reader.ask_to_stop()


def _number(packet: Packet) -> int:
    return packet.size_bytes


def _read(count: int, *, urgent: set[int], bad: int | None = None) -> Taken:
    first = synthetic_packets(1)[0]
    packets = [
        replace(first, size_bytes=number, at_s=number / FPS) for number in range(1, count + 1)
    ]
    taken = Taken(FakeClock(), packets, urgent=urgent, bad=bad)
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


def test_after_an_error_of_the_taker_the_rest_is_of_no_use() -> None:
    taken = _read(5, urgent={1, 4}, bad=3)
    assert taken.at == [(1, 1), (2, 4), (3, 4)]
    assert taken.reader.life.reason == Garbled.reason
