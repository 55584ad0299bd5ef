"""Sleeping and waking gives the very pictures that decoding everything gives."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import (
    AlwaysDecodingPolicy,
    DecodingMode,
    DecodingPolicy,
    PolicyDecoder,
)
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
Shown = dict[float, str]

BOUND = 10_000_000
RULES = AdaptiveDecodingSettings(sweep_s=4.0, look_interval_s=0.5, quiet_s=2.0)


def _digest(frame: Frame) -> str:
    return hashlib.sha256(frame.picture.to_ndarray().tobytes()).hexdigest()


def _watch(
    packets: Sequence[Packet],
    policy: DecodingPolicy,
    *,
    wake_at: Sequence[float] = (),
    max_held_bytes: int = BOUND,
) -> tuple[Shown, PolicyDecoder]:
    decoding = PolicyDecoder(
        Decoder("gate", lambda at_s: at_s), policy, max_held_bytes=max_held_bytes
    )
    shown, alarms = Shown(), sorted(wake_at)
    for packet in packets:
        if alarms and packet.at_s >= alarms[0]:
            policy.wake(f"test at {alarms.pop(0)}")
        for frame in decoding.take(packet, 0.0, now=0.0):
            shown[round(frame.at_s, 4)] = _digest(frame)
    return shown, decoding


def _packets(path: Path) -> list[Packet]:
    return [piece for piece in read_file(path, "gate") if isinstance(piece, Packet)]


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 2), ("libx265", 0)])
@pytest.mark.parametrize("keyframe_every", [15, 30, 100])
def test_every_picture_is_bit_identical_to_a_full_decode(
    film: MakeFilm, codec: str, b_frames: int, keyframe_every: int
) -> None:
    path = film(
        f"long_{codec}_{b_frames}_{keyframe_every}.mp4",
        codec=codec,
        frames=300,
        keyframe_every=keyframe_every,
        b_frames=b_frames,
    )
    packets = _packets(path)
    everything, _ = _watch(packets, AlwaysDecodingPolicy())
    wakes = [3.3, 9.9, 10.0, 15.2]
    shown, decoding = _watch(packets, AdaptiveDecodingPolicy(RULES), wake_at=wakes)
    assert len(everything) >= 295
    assert set(shown) <= set(everything)
    assert all(everything[at_s] == digest for at_s, digest in shown.items())
    for wake in wakes:
        first = min(at_s for at_s in shown if at_s >= wake - 0.2)
        assert first <= wake + 0.25, "waking gives a picture at once"
    if not b_frames:
        assert decoding.decoder.bad_packets == 0


def test_asleep_next_to_nothing_is_decoded_and_awake_only_what_is_needed() -> None:
    packets = synthetic_packets(1200, fps=15, keyframe_every=30)
    policy = AdaptiveDecodingPolicy(RULES)
    _, decoding = _watch(packets[:600], policy)
    before = decoding.decoder.packets
    for packet in packets[600:900]:
        list(decoding.take(packet, 0.0, now=0.0))
    assert policy.status.mode is DecodingMode.IDLE
    assert 20 / 4 <= decoding.decoder.packets - before <= 20 / 2
    before = decoding.decoder.packets
    for packet in packets[900:]:
        policy.wake("test")
        list(decoding.take(packet, 0.0, now=0.0))
    decoded = decoding.decoder.packets - before
    assert 200 < decoded < 300, "what follows a group's last look is left out"


def test_the_held_group_is_bounded_and_waking_then_waits_for_a_keyframe() -> None:
    packets = synthetic_packets(90, fps=15, keyframe_every=45)
    bound = packets[0].size_bytes + sum(packet.size_bytes for packet in packets[1:20])
    everything, _ = _watch(packets, AlwaysDecodingPolicy())
    policy = AdaptiveDecodingPolicy(replace(RULES, learning_s=0.0))
    shown, decoding = _watch(packets, policy, wake_at=[2.0], max_held_bytes=bound)
    assert decoding.decoder.bad_packets == 0
    assert decoding.groups_given_up == 2
    assert not [at_s for at_s in shown if 0.0 < at_s < 3.0]
    assert [at_s for at_s in shown if 3.0 <= at_s <= 3.5]
    assert all(everything[at_s] == digest for at_s, digest in shown.items())


def test_a_new_connection_in_the_middle_of_a_group_begins_at_its_keyframe() -> None:
    first, second = (
        synthetic_packets(40, keyframe_every=30),
        synthetic_packets(60, keyframe_every=30),
    )
    policy = AdaptiveDecodingPolicy(RULES)
    decoding = PolicyDecoder(Decoder("gate", lambda at_s: at_s), policy, max_held_bytes=BOUND)
    for packet in first:
        list(decoding.take(packet, 0.0, now=0.0))
    decoding.new_connection()
    policy.wake("test")
    frames = [frame for one in second[10:] for frame in decoding.take(one, 0.0, now=0.0)]
    assert frames
    assert decoding.decoder.bad_packets == decoding.decoder.damaged_pictures == 0
