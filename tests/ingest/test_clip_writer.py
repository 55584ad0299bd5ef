"""Clips: the camera's own packets, from a keyframe, from zero, playable; never two streams."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.fake_source import moving_square, synthetic_packets
from thapcanh.ingest.camera.read_loop import CameraTime
from thapcanh.ingest.clip_writer import decoding_times, write_clip
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]

VIDEOS: list[tuple[str, dict[str, object]]] = [
    ("plain.mp4", {"codec": "libx264"}),
    ("reordered.mp4", {"codec": "libx264", "b_frames": 2}),
    ("h265.mp4", {"codec": "libx265"}),
    ("h265_reordered.mp4", {"codec": "libx265", "b_frames": 2}),
    ("mpeg4.avi", {"codec": "mpeg4"}),
    ("mpeg4_reordered.avi", {"codec": "mpeg4", "b_frames": 2}),
    ("motion.avi", {"codec": "mjpeg"}),
]


def _packets(path: Path) -> list[Packet]:
    return [piece for piece in read_file(path, "a") if isinstance(piece, Packet)]


def _times(path: Path) -> list[float]:
    return [piece.at_s for piece in read_file(path, "a") if isinstance(piece, Frame)]


@pytest.mark.parametrize(("name", "how"), VIDEOS)
def test_a_clip_of_every_codec_plays_from_zero_with_its_index_in_front(
    film: MakeFilm, tmp_path: Path, name: str, how: dict[str, object]
) -> None:
    held = _packets(film(name, **how))[4:]
    info = write_clip(held, tmp_path / "clip.mp4")
    data = info.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert info.bytes == len(data)
    with av.open(str(info.path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.name == info.codec
        assert video.codec_context.codec_tag == ("hvc1" if info.codec == "hevc" else "avc1")
        assert video.codec_context.pix_fmt == "yuv420p"
        assert video.start_time == 0
        times = [frame.time for frame in container.decode(video)]
    assert times == pytest.approx([n / 15 for n in range(len(times))], abs=1e-3)
    assert info.duration_s == pytest.approx(info.packets / 15, abs=1e-3)
    assert len(times) == info.packets
    assert info.packets + info.left_out == len(held)


@pytest.mark.parametrize("name", ["plain.mp4", "h265.mp4", "reordered.mp4"])
def test_the_cameras_own_packets_are_copied_bit_for_bit(
    film: MakeFilm, tmp_path: Path, name: str
) -> None:
    held = _packets(film(name, **dict(VIDEOS)[name]))
    info = write_clip(held, tmp_path / "clip.mp4")
    assert info.copied
    copied = _packets(info.path)
    for before, after in zip(held, copied, strict=True):
        slices = list(nal_units(bytes(before.encoded)))[-1]
        assert slices == list(nal_units(bytes(after.encoded)))[-1]
        assert before.at_s - held[0].at_s == pytest.approx(after.at_s, abs=1e-4)
        assert before.is_keyframe == after.is_keyframe


def test_what_no_browser_plays_is_encoded_and_said_so(film: MakeFilm, tmp_path: Path) -> None:
    info = write_clip(_packets(film("motion.avi", codec="mjpeg")), tmp_path / "clip.mp4")
    assert (info.codec, info.copied, info.plays_everywhere) == ("h264", False, True)


def test_h265_is_copied_for_evidence_and_encoded_for_viewing(
    film: MakeFilm, tmp_path: Path
) -> None:
    held = _packets(film("h265.mp4", codec="libx265"))
    kept = write_clip(held, tmp_path / "kept.mp4")
    assert (kept.codec, kept.copied, kept.plays_everywhere) == ("hevc", True, False)
    seen = write_clip(held, tmp_path / "seen.mp4", viewing=True)
    assert (seen.codec, seen.copied, seen.plays_everywhere) == ("h264", False, True)
    assert len(_times(seen.path)) == len(held)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("every_s", [0.0, 1 / 15])
def test_b_frames_at_the_beginning_of_a_connection_cost_the_viewing_copy_nothing(
    film: MakeFilm, tmp_path: Path, codec: str, every_s: float
) -> None:
    """A reference was taken for a picture of the group before, and 1.8 s of film were lost."""
    sent = _packets(film(f"sent-{codec}.mp4", codec=codec, b_frames=2))
    time = CameraTime(0.0)
    held = [
        packet.at(time.stamp(packet.at_s, now=5.0 + number * every_s, waited_s=every_s))
        for number, packet in enumerate(sent)
    ]
    info = write_clip(held, tmp_path / "clip.mp4", viewing=True)
    assert info.left_out == 0
    assert len(_times(info.path)) == len(sent)


def test_a_viewing_copy_of_h264_is_the_copy_itself(tmp_path: Path) -> None:
    assert write_clip(synthetic_packets(15), tmp_path / "clip.mp4", viewing=True).copied


def test_parameter_sets_that_only_the_connection_gave_are_put_in(tmp_path: Path) -> None:
    """RTSP cameras may send their parameter sets in the SDP alone."""
    packets = synthetic_packets(15, keyframe_every=15)
    units = list(nal_units(bytes(packets[0].encoded)))
    sets = b"".join(b"\0\0\0\1" + unit for unit in units if unit[0] & 0x1F in (7, 8))
    rest = b"".join(b"\0\0\0\1" + unit for unit in units if unit[0] & 0x1F not in (7, 8))
    stream = replace(packets[0].stream, extradata=sets)
    bare = av.Packet(rest)
    bare.pts, bare.time_base, bare.is_keyframe = 0, stream.time_base, True
    held = [replace(packet, stream=stream) for packet in packets]
    held[0] = replace(held[0], encoded=bare)
    assert len(_times(write_clip(held, tmp_path / "clip.mp4").path)) == 15


def test_two_streams_are_never_mixed(tmp_path: Path) -> None:
    """A reconnect or a new resolution inside the span: the longer part is the clip."""
    small = synthetic_packets(20, picture=lambda n: moving_square(n, 160, 120))
    large = [replace(packet, at_s=packet.at_s + 2.0) for packet in synthetic_packets(30)]
    info = write_clip([*small, *large], tmp_path / "clip.mp4")
    assert (info.packets, info.left_out) == (30, 20)
    assert info.start_s == pytest.approx(2.0)
    with av.open(str(info.path)) as container:
        assert {frame.width for frame in container.decode(video=0)} == {320}


def test_of_two_streams_the_one_that_shows_the_event_is_written(tmp_path: Path) -> None:
    """The camera fell away one second after the event and came back for longer."""
    before = synthetic_packets(20)
    after = [replace(packet, at_s=packet.at_s + 5.0) for packet in synthetic_packets(60)]
    held = [*before, *after]
    assert write_clip(held, tmp_path / "a.mp4", around_s=1.0).start_s == 0.0
    assert write_clip(held, tmp_path / "b.mp4", around_s=6.0).start_s == 5.0
    assert write_clip(held, tmp_path / "c.mp4", around_s=3.0).packets == 60, "the gap: the longest"


@pytest.mark.parametrize("held", [[], synthetic_packets(10, keyframe_every=10)[1:]])
def test_without_a_keyframe_there_is_no_clip_and_no_file(
    tmp_path: Path, held: list[Packet]
) -> None:
    with pytest.raises(ClipError, match="no keyframe"):
        write_clip(held, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_garbage_for_a_keyframe_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    packets = synthetic_packets(5)
    held = [replace(packet, encoded=av.Packet(b"\x00\x01\x02" * 40)) for packet in packets]
    with pytest.raises(ClipError, match="could not be written"):
        write_clip(held, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="could not be written"):
        write_clip(synthetic_packets(5), tmp_path / "nowhere" / "clip.mp4")


def test_a_clip_of_one_packet_lasts_one_picture(tmp_path: Path) -> None:
    info = write_clip(synthetic_packets(1), tmp_path / "clip.mp4")
    assert info.duration_s == pytest.approx(1 / 15)
    assert len(_times(info.path)) == 1


def test_writing_a_clip_leaves_the_held_packets_as_they_were(tmp_path: Path) -> None:
    """The pre-roll's packets are shared: two alerts may cut the same seconds."""
    held = synthetic_packets(20)
    before = [(one.encoded.pts, one.encoded.dts, bytes(one.encoded)) for one in held]
    first = write_clip(held, tmp_path / "a.mp4").path.read_bytes()
    assert [(one.encoded.pts, one.encoded.dts, bytes(one.encoded)) for one in held] == before
    assert write_clip(held, tmp_path / "b.mp4").path.read_bytes() == first


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40, unique=True))
def test_made_decoding_times_rise_and_no_picture_is_decoded_too_late(pts: list[int]) -> None:
    times = decoding_times(pts)
    decoded = [dts for dts, _ in times]
    assert all(after > before for before, after in pairwise(decoded))
    assert all(dts <= shown for dts, shown in times)
    assert [shown for _, shown in times] == pts
