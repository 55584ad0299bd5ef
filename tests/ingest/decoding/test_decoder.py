"""The decoder: every codec, presentation order, garbage, changing parameters."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ingest.fake_source import moving_square, synthetic_packets
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]


def _decoder() -> Decoder:
    return Decoder("gate", lambda at_s: 1_800_000_000.0 + at_s)


def _decode(decoder: Decoder, packets: list[Packet]) -> list[Frame]:
    return [frame for packet in packets for frame in decoder.decode(packet, now=7.0)]


def _garbage(like: Packet) -> Packet:
    noise = np.random.default_rng(like.size_bytes).integers(0, 256, like.size_bytes, np.uint8)
    return replace(like, encoded=av.Packet(noise.tobytes()))


def test_each_packet_gives_its_picture_at_once_with_its_clock_readings() -> None:
    packets = synthetic_packets(10, fps=10)
    decoder = _decoder()
    for number, packet in enumerate(packets):
        (frame,) = decoder.decode(packet, now=7.0)
        assert frame.camera_id == "gate"
        assert frame.at_s == pytest.approx(number / 10)
        assert frame.captured_at == 1_800_000_000.0 + frame.at_s
        assert frame.decoded_at == 7.0
        assert (frame.width, frame.height) == (320, 240)


def test_pictures_are_what_was_filmed() -> None:
    frame = _decode(_decoder(), synthetic_packets(5))[4]
    blue_green_red = frame.bgr()
    wanted = moving_square(4)[:, :, ::-1]
    assert blue_green_red.shape == (240, 320, 3)
    assert np.abs(blue_green_red.astype(int) - wanted).mean() < 3
    y, u, v = frame.planes()
    assert (y.shape, u.shape, v.shape) == ((240, 320), (120, 160), (120, 160))
    assert y.dtype == u.dtype == v.dtype == np.uint8
    assert frame.luma()[60, 40] > 100 > frame.luma()[200, 200]


def test_planes_of_full_range_pictures_come_in_limited_range() -> None:
    white = np.full((240, 320, 3), 255, np.uint8)
    (frame,) = _decode(_decoder(), synthetic_packets(1, codec="mjpeg", picture=lambda _: white))
    assert frame.picture.format.name == "yuvj420p"
    assert frame.luma().mean() == pytest.approx(255, abs=1)
    assert frame.planes()[0].mean() == pytest.approx(235, abs=1)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("plain.mp4", {"codec": "libx264"}),
        ("reordered.mp4", {"codec": "libx264", "b_frames": 2}),
        ("h265.mp4", {"codec": "libx265"}),
        ("h265_reordered.mp4", {"codec": "libx265", "b_frames": 2}),
        ("mpeg4.avi", {"codec": "mpeg4"}),
        ("mpeg4_reordered.avi", {"codec": "mpeg4", "b_frames": 2}),
        ("motion.avi", {"codec": "mjpeg"}),
    ],
)
def test_every_codec_comes_in_presentation_order(
    film: MakeFilm, name: str, how: dict[str, object]
) -> None:
    frames = [piece for piece in read_file(film(name, **how), "a") if isinstance(piece, Frame)]
    assert [frame.at_s for frame in frames] == pytest.approx([n / 15 for n in range(45)], abs=1e-6)
    lefts = [int(np.argmax(frame.luma()[72] > 100)) for frame in frames]
    assert lefts == pytest.approx([n * 7 % 272 for n in range(45)], abs=3)


def test_garbage_is_counted_and_the_next_keyframe_shows_a_clean_picture_again() -> None:
    packets = synthetic_packets(45, keyframe_every=15)
    dirty = [*packets[:5], *(_garbage(one) for one in packets[5:20]), *packets[20:]]
    decoder = _decoder()
    frames = _decode(decoder, dirty)
    assert decoder.bad_packets + decoder.damaged_pictures > 0
    assert decoder.frames == len(frames) < 45
    clean = [frame for frame in frames if frame.at_s >= 2.0]
    assert len(clean) == 15
    wanted = moving_square(44)[:, :, ::-1].astype(int)
    assert np.abs(frames[-1].bgr().astype(int) - wanted).mean() < 3


def test_a_new_size_makes_a_new_decoder_and_time_goes_on() -> None:
    small = synthetic_packets(10, fps=10, picture=lambda n: moving_square(n, 160, 120))
    large = [replace(packet, at_s=packet.at_s + 1.0) for packet in synthetic_packets(10, fps=10)]
    frames = _decode(_decoder(), [*small, *large])
    assert [frame.width for frame in frames] == [160] * 10 + [320] * 10
    assert [frame.at_s for frame in frames] == pytest.approx([n / 10 for n in range(20)])


def test_camera_time_never_goes_back_even_when_packets_say_so() -> None:
    packets = synthetic_packets(10)
    again = [replace(packet, stream=replace(packets[0].stream)) for packet in packets]
    new = replace(packets[0].stream)
    again = [replace(packet, stream=new) for packet in packets]
    times = [frame.at_s for frame in _decode(_decoder(), [*packets, *again])]
    assert len(times) == 20
    assert all(after > before for before, after in pairwise(times))


def test_packets_without_times_still_give_rising_times() -> None:
    packets = synthetic_packets(10, fps=10)
    for packet in packets:
        packet.encoded.pts = packet.encoded.dts = None
    times = [frame.at_s for frame in _decode(_decoder(), packets)]
    assert times == pytest.approx([n / 10 for n in range(10)])


def test_an_unknown_codec_is_counted_not_raised() -> None:
    packets = synthetic_packets(3)
    strange = replace(packets[0].stream, codec="nosuchcodec")
    decoder = _decoder()
    assert _decode(decoder, [replace(packet, stream=strange) for packet in packets]) == []
    assert decoder.bad_packets == 3


def test_forgetting_goes_on_at_the_next_keyframe() -> None:
    packets = synthetic_packets(20, keyframe_every=10)
    decoder = _decoder()
    _decode(decoder, packets[:4])
    decoder.reset()
    assert [frame.at_s for frame in _decode(decoder, packets[10:12])] == [
        packets[10].at_s,
        packets[11].at_s,
    ]


def test_draining_gives_what_was_held_for_reordering(film: MakeFilm) -> None:
    path = film("reordered.mp4", codec="libx264", b_frames=2)
    packets = [piece for piece in read_file(path, "a") if isinstance(piece, Packet)]
    decoder = _decoder()
    shown = _decode(decoder, packets)
    assert len(shown) < len(packets)
    assert len(shown) + len(decoder.drain(now=0.0)) == len(packets)
    assert decoder.drain(now=0.0) == []
