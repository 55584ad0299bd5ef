"""Pictures that never came, by H.264's own numbers: each is known, and none in whole films."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.packets.annex_b import START_CODE, parameter_sets
from thapcanh.ingest.packets.frame_numbers import FrameNumbers
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
WITHOUT_HOLES = bytes.fromhex("67 42 c0 0a da 05 07 e4")
"""A sequence parameter set by hand: baseline, numbers of 4 bits."""
MAY_HAVE_HOLES = bytes.fromhex("67 42 c0 0a da 85 07 e4")
"""The same, with the one bit by which numbers may be left out (7.4.2.1.1): temporal layers."""


def _holes(packets: list[Packet], sets: bytes = b"") -> list[int]:
    numbers = FrameNumbers(sets)
    return [
        n for n, one in enumerate(packets) if numbers.is_picture_missing(memoryview(one.encoded))
    ]


def _packets(path: Path) -> list[Packet]:
    return [piece for piece in read_file(path, "a") if isinstance(piece, Packet)]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"keyframe_every": 400},
        {"b_frames": 2},
        {"b_frames": 3, "keyframe_every": 9},
        {"intra_refresh": True},
        {"size": (336, 176)},
        {"b_frames": 3, "keyframe_every": 250},
    ],
    ids=str,
)
def test_a_whole_film_has_no_hole(film: MakeFilm, how: dict[str, object]) -> None:
    packets = _packets(film(f"whole-{sorted(how.items())}.mp4".replace(" ", ""), frames=60, **how))
    assert _holes(packets) == []
    assert _holes(packets, parameter_sets("h264", bytes(packets[0].encoded))) == []


def test_numbers_that_begin_again_at_their_end_have_no_hole() -> None:
    assert _holes(synthetic_packets(300, keyframe_every=300)) == []


@pytest.mark.parametrize(
    ("lost", "known_at"), [((20,), [20]), ((20, 21, 40), [20, 38]), ((15,), [15])]
)
def test_each_hole_is_known_at_the_next_picture(lost: tuple[int, ...], known_at: list[int]) -> None:
    """The last: a keyframe of which nothing came."""
    packets = synthetic_packets(45, keyframe_every=15)
    assert _holes([one for n, one in enumerate(packets) if n not in lost]) == known_at


@pytest.mark.parametrize("group", [14, 15, 16, 18, 30, 50])
def test_a_keyframe_that_never_came_is_known_however_long_its_group_is(group: int) -> None:
    """Numbers of four bits begin again: of 50 pictures the last has the number of the second."""
    packets = synthetic_packets(group * 2, keyframe_every=group)
    assert _holes([one for n, one in enumerate(packets) if n != group]) == [group]


def test_the_last_pictures_before_a_keyframe_are_not_missed() -> None:
    packets = synthetic_packets(30, keyframe_every=15)
    assert _holes([*packets[:13], *packets[15:]]) == []


def test_what_begins_elsewhere_has_no_hole() -> None:
    packets = synthetic_packets(30, keyframe_every=30)
    numbers = FrameNumbers(parameter_sets("h264", bytes(packets[0].encoded)))
    assert not numbers.is_picture_missing(memoryview(packets[3].encoded))
    numbers.reset()
    assert not numbers.is_picture_missing(memoryview(packets[20].encoded))
    assert numbers.is_picture_missing(memoryview(packets[25].encoded))


@pytest.mark.parametrize(("sets", "told"), [(WITHOUT_HOLES, [9]), (MAY_HAVE_HOLES, [])])
def test_a_stream_that_may_have_holes_by_its_own_word_has_none(
    sets: bytes, told: list[int]
) -> None:
    numbers = FrameNumbers(START_CODE + sets)
    slices = {n: START_CODE + bytes([0x61, 0b111 << 5 | n << 1, 0x80]) for n in (0, 1, 9, 10)}
    assert [n for n, one in slices.items() if numbers.is_picture_missing(memoryview(one))] == told


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x00\x01", b"\x00\x00\x01\x67", b"\x00\x00\x01\x61\x00"]
)
def test_what_is_cut_off_says_nothing(data: bytes) -> None:
    assert not FrameNumbers(data).is_picture_missing(memoryview(data))
