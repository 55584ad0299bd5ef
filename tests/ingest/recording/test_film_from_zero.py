"""What leaves as a film begins at 0, whenever in its run it was taken, and has its own length."""

import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.app.exports.copying import Copier, RecordingPart
from thapcanh.app.exports.marking import CopyMark
from thapcanh.app.recordings.transcoded_segment import transcoded
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.recording.boxes import from_zero, run_pieces
from thapcanh.ingest.recording.segment_writer import SEGMENT_S
from thapcanh.ingest.recording.timeline import GapReason, RecordingSegment
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
VIDEOS: dict[str, dict[str, object]] = {
    "h264.mp4": {"codec": "libx264", "frames": 600},
    "reordered.mp4": {"codec": "libx264", "b_frames": 2, "frames": 600},
    "h265.mp4": {"codec": "libx265", "frames": 600},
    "h265_reordered.mp4": {"codec": "libx265", "b_frames": 2, "frames": 600},
}


def _recorded(camera: RecordedCamera, path: Path) -> list[RecordingSegment]:
    camera.take(one for one in read_file(path, "a") if isinstance(one, Packet))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 40.0)
    segments = camera.segments()
    assert len(segments) == 4
    return segments


def _told(data: bytes | Path) -> tuple[float, float, list[float]]:
    """When a player says that it begins, how long it is, and when its pictures are shown."""
    source = io.BytesIO(data) if isinstance(data, bytes) else str(data)
    with open_container(source) as container:
        video = container.streams.video[0]
        begins = float((video.start_time or 0) * (video.time_base or 0))
        lasts = (container.duration or 0) / av.time_base
        shown = [frame.time or 0.0 for frame in container.decode(video)]
    return begins, lasts, shown


@pytest.mark.parametrize("name", VIDEOS)
def test_an_export_from_the_middle_of_a_run_begins_at_0(
    tmp_path: Path, film: MakeFilm, name: str
) -> None:
    """21 s of film began at 221 s and were 242 s long; VLC began at the end."""
    camera = RecordedCamera(tmp_path)
    taken = _recorded(camera, film(name, **VIDEOS[name]))[2:]
    paths = [camera.folder / one.path for one in taken]
    data = b"".join(run_pieces(paths))
    begins, lasts, shown = _told(data)
    assert begins == pytest.approx(0.0, abs=1e-3)
    assert lasts == pytest.approx(2 * SEGMENT_S, abs=0.2)
    missing = 300 - len(shown)  # an open group's first pictures lean on what was not taken
    assert missing == 0 if name != "h265_reordered.mp4" else missing < 5
    assert shown == pytest.approx([number / 15 for number in range(300 - missing)], abs=2e-3)
    whole = [_samples(path.read_bytes()) for path in paths]
    assert _samples(data) == [one for samples in whole for one in samples], "bit for bit"


def _samples(data: bytes) -> list[bytes]:
    with open_container(io.BytesIO(data)) as container:
        return [bytes(one) for one in container.demux(video=0) if one.size]


def test_a_segment_that_is_taken_alone_as_h264_begins_at_0(tmp_path: Path, film: MakeFilm) -> None:
    camera = RecordedCamera(tmp_path)
    segment = _recorded(camera, film("h264.mp4", **VIDEOS["h264.mp4"]))[3]
    made = transcoded(camera.folder / segment.path, ())
    assert made is not None
    begins, lasts, _ = _told(from_zero(made.init, made.media))
    assert begins == pytest.approx(0.0, abs=1e-3)
    assert lasts == pytest.approx(SEGMENT_S, abs=0.2)


@pytest.mark.parametrize("name", VIDEOS)
@pytest.mark.parametrize("viewing", [False, True])
def test_a_clip_of_evidence_begins_at_0(
    tmp_path: Path, film: MakeFilm, name: str, viewing: bool
) -> None:
    path = film(name, **VIDEOS[name])
    packets = [one for one in read_file(path, "a") if isinstance(one, Packet)]
    info = write_clip(packets[300:450], tmp_path / "clip.mp4", viewing=viewing)
    begins, lasts, shown = _told(info.path)
    assert begins == pytest.approx(0.0, abs=0.2)
    assert shown[0] == pytest.approx(0.0, abs=1e-3)
    assert lasts == pytest.approx(info.duration_s, abs=0.3)


def test_a_blurred_copy_whose_first_part_cannot_be_read_begins_at_0(
    tmp_path: Path, film: MakeFilm
) -> None:
    path = film("h264.mp4", **VIDEOS["h264.mp4"])
    parts = [
        RecordingPart(path=tmp_path / "gone.mp4", begins_s=0.0, filmed_at=None),
        RecordingPart(path=path, begins_s=10.0, filmed_at=None),
    ]
    copier = Copier(None, PrivacyMask(()), CopyMark(across="An", foot="CB-1"))
    assert copier.film(parts, tmp_path / "copy.mp4", "", lambda _: None) == 1
    begins, lasts, shown = _told(tmp_path / "copy.mp4")
    assert begins == pytest.approx(0.0, abs=0.1)
    assert shown[0] == pytest.approx(0.0, abs=1e-3)
    assert lasts == pytest.approx(40.0, abs=0.3)
