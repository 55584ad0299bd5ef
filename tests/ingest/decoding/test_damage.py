"""Pictures made of lost data: marked up to the next keyframe, handed on; whole ones never are."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ingest.fake_source import Picture, moving_square, synthetic_packets
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy
from thapcanh.ingest.decoding.decoder import DamageTrail, Decoder
from thapcanh.ingest.decoding.policy import PolicyDecoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
GROUP = 15


def crowd(number: int) -> Picture:
    """A picture in which everything moves."""
    fine = np.random.default_rng(7).integers(0, 256, (30, 50, 3), np.uint8)
    whole = fine.repeat(8, axis=0).repeat(8, axis=1)
    return np.ascontiguousarray(whole[:240, number % 80 : number % 80 + 320])


def film(codec: str = "libx264", count: int = 60) -> list[Packet]:
    return synthetic_packets(count, codec=codec, keyframe_every=GROUP, picture=crowd)


def torn(packet: Packet) -> Packet:
    """The same, of which the middle never came."""
    data = bytes(packet.encoded)
    encoded = av.Packet(data[: len(data) // 3] + data[len(data) // 3 * 2 :])
    encoded.pts, encoded.dts = packet.encoded.pts, packet.encoded.dts
    return replace(packet, encoded=encoded)


def noise_like(packet: Packet, rng: np.random.Generator) -> Packet:
    encoded = av.Packet(b"\0\0\0\1" + rng.bytes(packet.size_bytes))
    encoded.pts, encoded.dts = packet.encoded.pts, packet.encoded.dts
    return replace(packet, encoded=encoded)


def decoded(packets: Sequence[Packet]) -> list[Frame]:
    decoder = Decoder("gate", lambda at_s: at_s)
    frames = [frame for one in packets for frame in decoder.decode(one, now=0.0)]
    assert decoder.damaged_pictures == sum(one.damage > 0 for one in frames)
    return frames


def numbers(frames: Sequence[Frame], *, damaged: bool = True) -> list[int]:
    return [round(one.at_s * 15) for one in frames if (one.damage > 0) is damaged]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("plain.mp4", {"codec": "libx264"}),
        ("reordered.mp4", {"codec": "libx264", "b_frames": 2}),
        ("refreshed.mp4", {"codec": "libx264", "intra_refresh": True, "frames": 90}),
        ("h265.mp4", {"codec": "libx265"}),
        ("h265_reordered.mp4", {"codec": "libx265", "b_frames": 3}),
        ("mpeg4_reordered.avi", {"codec": "mpeg4", "b_frames": 2}),
        ("motion.avi", {"codec": "mjpeg"}),
    ],
)
@pytest.mark.parametrize("asleep", [False, True])
def test_no_picture_of_a_whole_stream_is_damaged(
    film: MakeFilm, name: str, how: dict[str, object], asleep: bool
) -> None:
    """Also where it sleeps, decodes keyframes by themselves and begins in the middle."""
    policy = AdaptiveDecodingPolicy() if asleep else None
    pieces = list(read_file(film(name, **how), "a", policy=policy))
    frames = [piece for piece in pieces if isinstance(piece, Frame)]
    assert frames
    assert numbers(frames) == []


def test_what_leans_on_a_torn_picture_is_damaged_up_to_the_next_keyframe() -> None:
    """The decoder named the torn one alone; those after it, as torn, were looked at as whole."""
    packets = film()
    frames = decoded([*packets[:18], torn(packets[18]), *packets[19:]])
    assert numbers(frames) == list(range(18, 30))
    assert len(frames) == 60, "half of a damaged picture may show what burns"


def test_a_torn_keyframe_damages_its_whole_group() -> None:
    packets = film()
    frames = decoded([*packets[:30], torn(packets[30]), *packets[31:]])
    assert numbers(frames) == list(range(30, 45))


@pytest.mark.parametrize("lost", [30, 33])
def test_what_follows_a_picture_that_never_came_is_damaged(lost: int) -> None:
    """The decoder makes it up without a word; a lost keyframe smears its whole group."""
    packets = film()
    frames = decoded([one for n, one in enumerate(packets) if n != lost])
    assert numbers(frames)[-1:] == [44]
    assert set(numbers(frames)) <= set(range(lost, 45))
    assert numbers(frames, damaged=False) == [*range(lost), *range(45, 60)]


@pytest.mark.parametrize("lost", [30, 33])
def test_h265_is_shown_on_after_a_picture_that_never_came(lost: int) -> None:
    """Nothing was shown at all up to the next keyframe."""
    packets = film("libx265")
    frames = decoded([one for n, one in enumerate(packets) if n != lost])
    assert numbers(frames) == list(range(lost + 1, 45))
    assert len(frames) == 59


def test_groups_that_were_hit_are_counted() -> None:
    packets = film()
    hit = {18, 20, 31}
    frames = decoded([torn(one) if n in hit else one for n, one in enumerate(packets)])
    runs = [(damage, len(list(run))) for damage, run in groupby(one.damage for one in frames)]
    assert runs == [(0, 18), (1, 12), (0, 1), (2, 14), (0, 15)]


def test_a_keyframe_that_was_decoded_by_itself_is_as_damaged_when_the_camera_wakes() -> None:
    """It is decoded twice, and shown once."""
    packets = film(count=30)
    packets = [*packets[:15], torn(packets[15]), *packets[16:]]
    decoder = Decoder("gate", lambda at_s: at_s)
    policy = AdaptiveDecodingPolicy()
    decoding = PolicyDecoder(decoder, policy, max_held_bytes=1 << 20)
    assert decoder.decode(packets[0], now=0.0)
    (alone,), _ = decoder.decode_alone(packets[15], now=0.0)
    assert alone.damage
    decoder.reset()
    after = [frame for one in packets[15:] for frame in decoder.decode(one, now=0.0)]
    assert all(frame.damage for frame in after)
    assert decoding.groups_given_up == 0


def _packet(at_s: float, *, key: bool = False, stands_alone: bool = True) -> Packet:
    like = synthetic_packets(1)[0]
    return replace(like, at_s=at_s, is_keyframe=key, stands_alone=stands_alone)


def test_with_intra_refresh_the_second_round_makes_all_whole() -> None:
    """The first has begun before the loss: what it had refreshed by then is torn again."""
    trail = DamageTrail()
    said = []
    for n in range(40):
        trail.feed(_packet(float(n), key=n % 10 == 0, stands_alone=False))
        said.append(trail.damage_of(float(n), is_hit=n == 14))
    assert [n for n, damage in enumerate(said) if damage] == list(range(14, 30))


def test_a_keyframe_of_which_no_picture_comes_makes_nothing_whole() -> None:
    trail = DamageTrail()
    trail.hit()
    broken = _packet(5.0, key=True)
    trail.feed(broken)
    trail.fail(broken)
    assert trail.damage_of(5.1, is_hit=False) == 1


def test_pictures_that_come_before_a_waiting_keyframe_are_still_damaged() -> None:
    """A decoder that reorders gives the last of a group after it took the next keyframe."""
    trail = DamageTrail()
    trail.hit()
    trail.feed(_packet(5.0, key=True))
    assert [trail.damage_of(at_s, is_hit=False) for at_s in (4.8, 4.9, 5.0)] == [1, 1, 0]


def test_a_stream_of_which_nothing_whole_came_shows_no_torn_picture() -> None:
    """Noise makes such: a camera that sends it has no picture."""
    packets = film()
    decoder = Decoder("gate", lambda at_s: at_s)
    first = [frame for one in packets[:1] for frame in decoder.decode(torn(one), now=0.0)]
    assert first == []
    assert decoder.damaged_pictures == 1
    after = [frame for one in packets[1:] for frame in decoder.decode(one, now=0.0)]
    assert numbers(after, damaged=False)[0] == 15


def test_a_picture_smaller_than_any_cameras_is_noise() -> None:
    """Noise that begins like parameters says a size of a few blocks, and fills it without a gap."""
    blocks = synthetic_packets(3, picture=lambda n: moving_square(n, 32, 32))
    smallest = synthetic_packets(3, picture=lambda n: moving_square(n, 80, 60))
    assert decoded(blocks) == []
    assert [one.width for one in decoded(smallest)] == [80] * 3


def test_noise_for_mpeg4_makes_no_picture() -> None:
    """It makes some that are called whole, of the stream's own size, and of no type."""
    packets = synthetic_packets(60, codec="mpeg4")
    for seed in range(60):
        rng = np.random.default_rng(seed)
        decoder = Decoder("gate", lambda at_s: at_s)
        assert [decoder.decode(noise_like(one, rng), now=0.0) for one in packets] == [[]] * 60
