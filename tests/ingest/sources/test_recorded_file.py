"""Replay's reading: deterministic, complete, counted; a broken file says so."""

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from thapcanh.ingest.errors import NotFound, NoVideo, SourceError, Unsupported
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import Piece, ReadCounts, read_file

MakeFilm = Callable[..., Path]


def _signature(piece: Piece) -> tuple[object, ...]:
    if isinstance(piece, Packet):
        return ("packet", piece.at_s, piece.received_at, bytes(piece.encoded))
    return ("frame", piece.at_s, piece.captured_at, piece.decoded_at, piece.bgr().tobytes())


def test_two_readings_are_the_same_in_everything(film: MakeFilm) -> None:
    path = film("reordered.mp4", codec="libx264", b_frames=2)
    first, second = ([_signature(piece) for piece in read_file(path, "a")] for _ in range(2))
    assert first == second


def test_all_is_counted(film: MakeFilm) -> None:
    counts = ReadCounts()
    pieces = list(read_file(film("reordered.mp4", codec="libx264", b_frames=2), "a", counts=counts))
    assert counts.packets == sum(isinstance(piece, Packet) for piece in pieces) == 45
    assert counts.frames_decoded == sum(isinstance(piece, Frame) for piece in pieces) == 45
    assert counts.bad_packets == 0
    assert counts.duration_s == pytest.approx(44 / 15)


def test_old_avi_recordings_whose_pictures_do_not_say_their_size(film: MakeFilm) -> None:
    counts = ReadCounts()
    list(read_file(film("old.avi", codec="msmpeg4"), "a", counts=counts))
    assert (counts.frames_decoded, counts.bad_packets) == (45, 0)


def test_dates_start_where_asked(film: MakeFilm) -> None:
    path = film("plain.mp4", codec="libx264")
    pieces = read_file(path, "a", started_at=1_800_000_000.0)
    frame = next(piece for piece in pieces if isinstance(piece, Frame))
    assert (frame.at_s, frame.captured_at) == (0.0, 1_800_000_000.0)


def test_a_file_without_presentation_times_plays_in_order(film: MakeFilm, tmp_path: Path) -> None:
    """Raw H.264 has no times at all; they follow from the frame rate."""
    path = tmp_path / "raw.h264"
    packets = [one for one in read_file(film("plain.mp4"), "a") if isinstance(one, Packet)]
    path.write_bytes(b"".join(bytes(one.encoded) for one in packets))
    times = [piece.at_s for piece in read_file(path, "a") if isinstance(piece, Frame)]
    assert len(times) == 45
    assert all(after > before for before, after in pairwise(times))
    assert times[-1] == pytest.approx(44 / 15, rel=0.7)


@pytest.mark.parametrize("name", ["clip with spaces.mp4", "50%.mp4", "a:b?c#d.mp4", "cháy nhà.mp4"])
def test_any_file_name_is_a_path(film: MakeFilm, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    shutil.copy(film("plain.mp4"), path)
    counts = ReadCounts()
    list(read_file(path, "a", counts=counts))
    assert counts.frames_decoded == 45


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (None, NotFound, "no such file"),
        (b"", Unsupported, "not a video file"),
        (b"hello, I am a text\n" * 100, Unsupported, "not a video file"),
        (bytes(range(256)) * 64, Unsupported, "not a video file"),
    ],
)
def test_what_is_no_film_says_so(
    tmp_path: Path, content: bytes | None, error: type[SourceError], said: str
) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=said) as caught:
        list(read_file(path, "a"))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_file_with_sound_alone_say_so(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="folder"):
        list(read_file(tmp_path, "a"))
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        out = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
        frame.sample_rate = 8000
        container.mux(out.encode(frame))
    with pytest.raises(NoVideo, match="no video"):
        list(read_file(path, "a"))


def test_a_file_that_was_cut_off_gives_what_is_there(film: MakeFilm, tmp_path: Path) -> None:
    whole = film("motion.avi", codec="mjpeg").read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: len(whole) // 2])
    counts = ReadCounts()
    list(read_file(path, "a", counts=counts))
    assert 5 < counts.frames_decoded < 45


def test_a_film_damaged_in_the_middle_goes_on_behind_the_damage(
    film: MakeFilm, tmp_path: Path
) -> None:
    data = bytearray(film("plain.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 600] = bytes(600)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    counts = ReadCounts()
    frames = [piece for piece in read_file(path, "a", counts=counts) if isinstance(piece, Frame)]
    assert frames[-1].at_s > 2.0
    assert counts.frames_decoded < 45
