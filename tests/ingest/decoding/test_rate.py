"""The measured rate: steady, falling when nothing comes, bounded in memory."""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from thapcanh.ingest.packets.stream_timing import PictureRate


def test_a_steady_stream_has_its_rate() -> None:
    rate = PictureRate()
    for n in range(100):
        rate.count(n / 15)
    assert rate.per_second(99 / 15) == pytest.approx(15)
    assert rate.per_second(99 / 15 + 1 / 30) == pytest.approx(15)


def test_silence_lowers_it_to_nothing() -> None:
    rate = PictureRate()
    for n in range(45):
        rate.count(n / 15)
    assert 5 < rate.per_second(44 / 15 + 1.5) < 15
    assert rate.per_second(44 / 15 + 10) == 0.0


@contextmanager
def collecting_at_every_chance() -> Iterator[None]:
    """The garbage collector runs at each allocation and lets other threads run meanwhile."""

    def give_way(_phase: str, _facts: dict[str, int]) -> None:
        time.sleep(0)

    thresholds = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(give_way)


def test_it_is_read_while_it_grows() -> None:
    rate, done = PictureRate(), threading.Event()

    def count() -> None:
        while not done.is_set():
            rate.count(time.monotonic())

    counting = threading.Thread(target=count)
    counting.start()
    try:
        with collecting_at_every_chance():
            assert all(rate.per_second(time.monotonic()) >= 0 for _ in range(30))
    finally:
        done.set()
        counting.join()


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0]])
def test_too_little_is_no_rate(times: list[float]) -> None:
    rate = PictureRate()
    for at in times:
        rate.count(at)
    assert rate.per_second(5.0) == 0.0
