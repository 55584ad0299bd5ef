"""The pre-roll: bounded in seconds and bytes, always from a keyframe."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.packets.held_packets import PreRoll
from thapcanh.ingest.packets.packet import Packet

PACKETS = synthetic_packets(100, fps=10, keyframe_every=10)


def _filled(packets: list[Packet], seconds: float = 4.0, max_bytes: int = 10**9) -> PreRoll:
    preroll = PreRoll(seconds, max_bytes)
    for packet in packets:
        preroll.add(packet)
    return preroll


def test_it_holds_the_last_seconds_from_a_keyframe_on() -> None:
    held = _filled(PACKETS).between(0, 1e9)
    assert held == PACKETS[50:]
    assert held[-1].at_s - held[0].at_s >= 4.0


def test_between_begins_at_the_keyframe_before() -> None:
    cut = _filled(PACKETS, 60).between(3.25, 5.0)
    assert cut == PACKETS[30:51]
    assert _filled(PACKETS, 60).between(-5, 0.25) == PACKETS[0:3]
    assert _filled(PACKETS, 60).between(50, 60) == PACKETS[90:]
    assert _filled([]).between(0, 10) == []


def test_the_end_is_cut_in_decoding_order() -> None:
    """A picture shown early may lean on one sent before it and shown later (B-frames)."""
    key, later, leaning, last = synthetic_packets(4)
    later, leaning = replace(later, at_s=0.9), replace(leaning, at_s=0.5)
    preroll = _filled([key, later, leaning, replace(last, at_s=1.2)], 60)
    assert preroll.between(0, 0.6) == [key]
    assert preroll.between(0, 1.0) == [key, later, leaning]


def test_packets_that_no_keyframe_precedes_are_not_held() -> None:
    assert _filled(PACKETS[3:14], 60).between(0, 99) == PACKETS[10:14]


def test_after_a_reconnect_nothing_is_held_before_the_keyframe() -> None:
    other = [replace(packet, stream=replace(packet.stream)) for packet in PACKETS]
    new = replace(PACKETS[0].stream)
    other = [replace(packet, stream=new, at_s=packet.at_s + 20) for packet in PACKETS]
    held = _filled([*PACKETS[:15], *other[5:15]], 60).between(0, 99)
    assert held == [*PACKETS[:15], *other[10:15]]


@settings(max_examples=30)
@given(max_bytes=st.integers(min_value=0, max_value=20_000), seconds=st.floats(0.1, 20))
def test_the_bounds_hold_after_every_packet(max_bytes: int, seconds: float) -> None:
    preroll = PreRoll(seconds, max_bytes)
    for packet in PACKETS:
        preroll.add(packet)
        held = preroll.between(0, 1e9)
        assert sum(one.size_bytes for one in held) == preroll.size_bytes <= max_bytes
        assert not held or held[0].is_keyframe
        assert not held or held[-1].at_s - held[0].at_s < seconds + 1.0 + 0.11


def test_overflow_is_counted() -> None:
    group = sum(packet.size_bytes for packet in PACKETS[:10])
    preroll = _filled(PACKETS, 60, max_bytes=group // 2)
    assert preroll.overflows >= 9
    preroll.clear()
    assert preroll.size_bytes == 0
    assert preroll.between(0, 99) == []
