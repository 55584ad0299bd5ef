"""Files become recordings: what is played as it is, what is re-encoded, what is refused."""

import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.conftest import MakeFilm
from thapcanh.tools.simulator.camera_file import (
    CameraFile,
    CameraShape,
    LoadingStopped,
    LoadRules,
    camera_files,
    camera_rate,
    fitted,
    load,
    load_variant,
    re_encode,
    why_re_encode,
)
from thapcanh.tools.simulator.errors import BadSetting, UnreadableVideo
from thapcanh.tools.simulator.recording import ForeignCodec, read_recording
from thapcanh.tools.simulator.rtsp.access_unit import VideoCodec


@pytest.fixture
def rules(tmp_path: Path) -> LoadRules:
    return LoadRules(cache_dir=tmp_path / "cache")


def test_a_camera_like_file_is_played_as_it_is(film: MakeFilm, rules: LoadRules) -> None:
    recording, reason = load(CameraFile(name="a", path=film("plain.mp4")), rules)
    assert reason is None
    assert recording.codec is VideoCodec.H264
    assert (recording.width, recording.height) == (320, 240)
    assert len(recording.units) == 45
    assert recording.duration_s == pytest.approx(3.0, abs=0.01)
    assert recording.units[0].is_keyframe
    assert rules.cache_dir is not None
    assert not rules.cache_dir.exists()


def test_a_file_whose_times_are_wrong_is_refused(film: MakeFilm) -> None:
    with pytest.raises(UnreadableVideo, match="pictures a second: its times are wrong"):
        read_recording(film("hurried.mp4", fps=1000))


@pytest.mark.parametrize(
    ("name", "how", "reason"),
    [
        ("b-frames.mp4", {"b_frames": 2}, "B-frames"),
        ("long-gop.mp4", {"keyframe_every": 250}, "keyframes 3.0 s apart"),
        ("old.avi", {"codec": "mpeg4"}, "codec mpeg4"),
        ("motion.avi", {"codec": "mjpeg"}, "codec mjpeg"),
    ],
)
def test_what_no_camera_sends_is_re_encoded(
    film: MakeFilm, rules: LoadRules, name: str, how: dict[str, object], reason: str
) -> None:
    recording, why = load(CameraFile(name="a", path=film(name, **how)), rules)
    assert why == reason
    assert why_re_encode(recording) is None
    assert recording.codec is VideoCodec.H264
    assert recording.longest_gop_s <= 1.1
    assert recording.duration_s == pytest.approx(3.0, abs=0.15)


def test_h265_is_played_as_it_is(film: MakeFilm, rules: LoadRules) -> None:
    recording, reason = load(CameraFile(name="a", path=film("h265.mp4", codec="libx265")), rules)
    assert reason is None
    assert recording.codec is VideoCodec.H265
    assert len(recording.parameter_sets) == 3


def test_as_is_keeps_b_frames(film: MakeFilm, rules: LoadRules) -> None:
    path = film("b-frames.mp4", b_frames=2)
    recording, reason = load(CameraFile(name="a", path=path, as_is=True), rules)
    assert reason is None
    assert recording.has_b_frames
    assert all(unit.pts_s >= unit.dts_s for unit in recording.units)


def test_as_is_cannot_serve_a_foreign_codec(film: MakeFilm, rules: LoadRules) -> None:
    file = CameraFile(name="a", path=film("old.avi", codec="mpeg4"), as_is=True)
    with pytest.raises(UnreadableVideo, match=r"old\.avi: mpeg4 cannot be served as it is"):
        load(file, rules)


def test_a_variable_rate_is_found_and_made_constant(tmp_path: Path, rules: LoadRules) -> None:
    path = tmp_path / "variable.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=15, options={"preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.gop_size = 10
        stream.codec_context.time_base = Fraction(1, 90_000)
        for number in [*range(15), *range(25, 40)]:
            frame = av.VideoFrame(160, 120, "yuv420p")
            frame.pts, frame.time_base = number * 6000, Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    recording, why = load(CameraFile(name="a", path=path), rules)
    assert why == "variable frame rate"
    assert recording.longest_gap_ratio < 1.1
    assert recording.duration_s == pytest.approx(40 / 15, abs=0.2)


def test_a_file_is_re_encoded_once(film: MakeFilm, tmp_path: Path) -> None:
    path, cache = film("b-frames.mp4", b_frames=2), tmp_path / "cache"
    first = re_encode(path, CameraShape(), cache)
    made_at = first.stat().st_mtime_ns
    assert re_encode(path, CameraShape(), cache) == first
    assert first.stat().st_mtime_ns == made_at
    other = re_encode(path, CameraShape(max_width=160), cache)
    assert sorted(cache.iterdir()) == sorted([first, other])


def test_re_encoding_can_be_called_off_and_leaves_nothing(film: MakeFilm, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(LoadingStopped):
        re_encode(film("b-frames.mp4", b_frames=2), CameraShape(), tmp_path / "cache", stop)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("codec", list(VideoCodec))
def test_a_variant_has_the_size_and_codec_asked_for(
    film: MakeFilm, rules: LoadRules, codec: VideoCodec
) -> None:
    file = CameraFile(name="a", path=film("plain.mp4"))
    shape = CameraShape(codec=codec, max_width=160, max_height=120)
    variant = load_variant(file, shape, rules)
    assert (variant.codec, variant.width, variant.height) == (codec, 160, 120)
    assert not variant.has_b_frames


def test_memory_is_bounded_at_a_whole_group_of_pictures(film: MakeFilm) -> None:
    path = film("plain.mp4")
    whole = read_recording(path)
    two_groups = sum(unit.size_bytes for unit in whole.units[:30])
    cut = read_recording(path, max_bytes=two_groups + 100)
    assert cut.is_cut
    assert not whole.is_cut
    assert len(cut.units) == 30
    assert cut.duration_s == pytest.approx(2.0, abs=0.01)


def test_every_keyframe_brings_its_parameter_sets(film: MakeFilm) -> None:
    recording = read_recording(film("plain.mp4"))
    for unit in recording.units:
        if unit.is_keyframe:
            assert set(recording.parameter_sets) <= set(unit.nals)


def test_a_foreign_codec_is_named(film: MakeFilm) -> None:
    with pytest.raises(ForeignCodec, match="mpeg4"):
        read_recording(film("old.avi", codec="mpeg4"))


@pytest.mark.parametrize("content", [None, b"", b"not a video at all" * 100])
def test_a_broken_file_is_named_with_the_reason(
    tmp_path: Path, rules: LoadRules, content: bytes | None
) -> None:
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableVideo) as refused:
        load(CameraFile(name="a", path=path), rules)
    assert str(refused.value).startswith(f"{path}: cannot be read as video (")


def test_a_file_without_video_is_named(tmp_path: Path, rules: LoadRules) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(UnreadableVideo, match="has no video stream"):
        load(CameraFile(name="a", path=path), rules)


@pytest.mark.parametrize(
    ("size", "fits"),
    [((640, 360), (640, 360)), ((3840, 2160), (1280, 720)), ((1080, 1920), (404, 720))],
)
def test_large_pictures_shrink_to_a_cameras_size(
    size: tuple[int, int], fits: tuple[int, int]
) -> None:
    assert fitted(*size, CameraShape()) == fits


@pytest.mark.parametrize(
    ("file_fps", "fps"),
    [(15, 15.0), (25, 25.0), (Fraction(30000, 1001), 14.985), (50, 25.0), (60, 15.0)],
)
def test_high_rates_are_halved(file_fps: int | Fraction, fps: float) -> None:
    assert float(camera_rate(Fraction(file_fps), 25.0)) == pytest.approx(fps, abs=0.001)


def test_cameras_are_named_after_their_files() -> None:
    words = ["a/Cổng chính 1.mp4", "b/Cổng chính 1.avi", "gate=c/x.mp4", "đường.mp4"]
    files = camera_files(words, as_is=False)
    assert [file.name for file in files] == ["Cong-chinh-1", "Cong-chinh-1-2", "gate", "duong"]
    assert files[2].path == Path("c/x.mp4")


@pytest.mark.parametrize("words", [["a=1.mp4", "a=2.mp4"], ["a b=1.mp4"], ["=1.mp4"]])
def test_bad_names_are_refused(words: list[str]) -> None:
    with pytest.raises(BadSetting):
        camera_files(words, as_is=False)


def test_a_path_with_an_equals_sign_is_a_path(tmp_path: Path) -> None:
    odd = tmp_path / "speed=fast.mp4"
    odd.touch()
    (file,) = camera_files([str(odd)], as_is=False)
    assert file.path == odd
