"""The rhythm of keyframes: the longest lately, the open one, and nothing learned from losses."""

from collections.abc import Iterable

import pytest

from thapcanh.ingest.packets.stream_timing import KeyframeInterval

FPS = 10


def _seen(keyframes: Iterable[float], until_s: float, lost: range = range(0)) -> KeyframeInterval:
    rhythm = KeyframeInterval()
    at = {round(second * FPS) for second in keyframes}
    for number in range(round(until_s * FPS)):
        if number not in lost:
            rhythm.see(number / FPS, is_keyframe=number in at)
    return rhythm


@pytest.mark.parametrize(
    ("keyframes", "until_s", "longest_s", "is_long"),
    [
        ([], 3.0, None, False),
        ([0], 3.0, None, False),
        ([0], 4.5, None, True),  # the second one is missing
        ([0, 2, 4], 5.0, 2.0, False),
        ([0, 2, 5, 7], 8.0, 3.0, False),
        ([0, 6, 12], 13.0, 6.0, True),
        ([0, 2, 4], 9.0, 2.0, True),  # the next one is overdue
    ],
)
def test_the_longest_and_the_open_one(
    keyframes: list[float], until_s: float, longest_s: float | None, is_long: bool
) -> None:
    rhythm = _seen(keyframes, until_s)
    assert rhythm.longest_s == longest_s
    assert rhythm.is_long(until_s, 4.0) is is_long


def test_a_long_one_is_forgotten_after_some_short_ones() -> None:
    rhythm = _seen([0, 6, *range(8, 40, 2)], 40)
    assert rhythm.longest_s == 2.0


def test_lost_groups_are_no_rare_keyframes() -> None:
    """A server that cannot keep up leaves out groups: twenty seconds are missing here."""
    rhythm = _seen(range(0, 60, 2), 60, lost=range(203, 420))
    assert rhythm.longest_s == 2.0
    assert not rhythm.is_long(60, 4.0)


def test_a_new_connection_is_no_interval() -> None:
    rhythm = _seen([0, 2, 4], 5)
    rhythm.interrupted()
    rhythm.see(300, is_keyframe=True)
    assert rhythm.longest_s == 2.0
