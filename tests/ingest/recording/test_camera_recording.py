"""Every packet is in a segment bit for bit, or in a gap with a name."""

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import (
    BEGAN_S,
    CAMERA,
    RecordedCamera,
    later,
    many,
    source_hashes,
    stored_hashes,
)
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.boxes import read_summary
from thapcanh.ingest.recording.segment_file import SegmentFile, left_parts
from thapcanh.ingest.recording.timeline import GapReason
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
TWO_S = synthetic_packets(30)  # 15 a second, two groups of pictures
FILM = many(TWO_S, 13, 2.0)  # 26 s


@pytest.fixture
def camera(tmp_path: Path) -> RecordedCamera:
    return RecordedCamera(tmp_path)


def test_segments_begin_at_keyframes_every_10_s_and_hold_every_packet(
    camera: RecordedCamera,
) -> None:
    camera.take(FILM)
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 26.0)
    segments = camera.segments()
    assert [(s.from_s - BEGAN_S, round(s.to_s - BEGAN_S, 3)) for s in segments] == [
        (0.0, 10.0), (10.0, 20.0), (20.0, 26.0),
    ]  # fmt: skip
    assert {s.run for s in segments} == {segments[0].run}
    assert stored_hashes(camera.folder, segments) == source_hashes(FILM)
    assert camera.counts.packets_in == camera.counts.packets_stored == len(FILM)
    assert camera.gaps() == [("worker_stopped", 26.0, None)]
    for segment in segments:
        with open_container(str(camera.folder / segment.path)) as container:
            pictures = list(container.decode(video=0))
        assert len(pictures) == segment.packets
        assert pictures[0].key_frame


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("h265.mp4", {"codec": "libx265", "frames": 180}),
        ("reordered.mp4", {"codec": "libx264", "b_frames": 2, "frames": 180}),
        ("h265_reordered.mp4", {"codec": "libx265", "b_frames": 2, "frames": 180}),
    ],
)
def test_h265_and_reordered_pictures_are_kept_and_shown_at_their_times(
    camera: RecordedCamera, film: MakeFilm, name: str, how: dict[str, object]
) -> None:
    packets = [one for one in read_file(film(name, **how), "a") if isinstance(one, Packet)]
    camera.take(packets)
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 12.0)
    segments = camera.segments()
    assert len(segments) == 2
    assert stored_hashes(camera.folder, segments) == source_hashes(packets)
    assert segments[0].codec.startswith("hvc1.1.6.L" if "h265" in name else "avc1.")
    files = [(camera.folder / one.path).read_bytes() for one in segments]
    played = files[0] + files[1][segments[1].init_bytes :]  # as a player that goes on
    with open_container(io.BytesIO(played)) as container:
        times = [frame.time or 0.0 for frame in container.decode(video=0)]
    assert [at - times[0] for at in times] == pytest.approx([n / 15 for n in range(180)], abs=2e-3)


def test_a_camera_that_is_silent_or_begins_again_leaves_a_named_gap(
    camera: RecordedCamera,
) -> None:
    camera.take(TWO_S)
    for at_s in (2.0, 6.0):
        camera.recording.tick(BEGAN_S + at_s)
    assert camera.gaps() == []
    camera.recording.tick(BEGAN_S + 8.0)
    assert camera.gaps() == [("camera_offline", 2.0, None)]
    camera.take(later(TWO_S, 30.0, is_new_stream=True))
    camera.take(later(TWO_S, 33.0, is_new_stream=True)[4:])  # a short break, and no keyframe first
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 40.0)
    assert camera.gaps() == [
        ("camera_offline", 2.0, 30.0),
        ("camera_offline", 32.0, 34.0),
        ("worker_stopped", 35.0, None),
    ]
    assert camera.counts.packets_lost == 11  # up to the second keyframe


def test_new_parameters_without_a_break_are_no_gap(camera: RecordedCamera) -> None:
    camera.take(TWO_S)
    camera.take(later(TWO_S, 2.0, is_new_stream=True))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 4.0)
    assert camera.gaps() == [("worker_stopped", 4.0, None)]
    assert len({segment.run for segment in camera.segments()}) == 2
    assert camera.counts.gaps["camera_offline"] == 0


def test_a_codec_that_cannot_be_kept_is_said(camera: RecordedCamera) -> None:
    camera.take(synthetic_packets(15, codec="mjpeg"))
    assert camera.gaps()[-1] == ("codec_unsupported", 0.0, None)
    assert camera.counts.packets_lost == 15


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "write_failed")]
)
def test_a_disk_that_refuses_costs_a_named_gap_and_is_tried_again(
    camera: RecordedCamera, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    real, refuses_from = SegmentFile.write, 12.0

    def write(file: SegmentFile, data: bytes) -> None:
        at_s = file.name.from_ms / 1000 - BEGAN_S
        if at_s >= 10.0 and file.size_bytes and at_s < 20.0:
            raise OSError(number, os.strerror(number))
        real(file, data)

    monkeypatch.setattr(SegmentFile, "write", write)
    camera.take(FILM)
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 26.0)
    gaps = camera.gaps()
    assert gaps[0][:2] == (reason, 10.0)
    assert gaps[-1][0] == "worker_stopped"
    assert refuses_from < (gaps[0][2] or 0.0) <= 26.0
    assert camera.counts.packets_lost + camera.counts.packets_stored == len(FILM)
    known = set(source_hashes(FILM))
    stored = stored_hashes(camera.folder, camera.segments())
    assert len(stored) == camera.counts.packets_stored
    assert set(stored) <= known


def test_a_clock_that_is_put_back_holds_no_recording_back(
    camera: RecordedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed write nothing was stored for an hour, and a silent camera had no gap."""

    def refuse(_: SegmentFile, __: bytes) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as failing:
        failing.setattr(SegmentFile, "write", refuse)
        camera.take(FILM[:60])
    assert camera.counts.packets_stored == 0
    back = -3600.0
    for packet in FILM[60:120]:
        camera.recording.take(packet, BEGAN_S + packet.at_s + back)
    camera.recording.tick(BEGAN_S + 8.0)
    for at_s in (8.5, 14.0):
        camera.recording.tick(BEGAN_S + at_s + back)
    assert camera.counts.packets_stored == 60
    gap = camera.recording.gap
    assert gap is not None
    assert (gap.reason, gap.to_s) == (GapReason.CAMERA_OFFLINE, None)


def test_a_write_that_stops_half_way_leaves_only_whole_fragments(
    camera: RecordedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.take(FILM[:60])
    room = [40]

    def write(fd: int, data: memoryview) -> int:
        if room[0] <= 0:
            raise OSError(errno.ENOSPC, "full")
        room[0] -= len(data[:40])
        return written(fd, data[:40])

    written = os.write
    monkeypatch.setattr(os, "write", write)
    camera.take(FILM[60:75])
    monkeypatch.undo()
    (segment,) = camera.segments()
    summary = read_summary(camera.folder / segment.path)
    assert summary is not None
    assert summary.size_bytes == (camera.folder / segment.path).stat().st_size
    assert summary.packets == segment.packets == camera.counts.packets_stored
    assert camera.gaps()[-1][0] == "disk_full"


def test_what_a_killed_process_left_is_found_up_to_its_last_whole_fragment(
    camera: RecordedCamera,
) -> None:
    camera.take(FILM[:60])  # 4 s; the last second still waits in memory
    camera.journal.flush()
    (part,) = (camera.folder / "cameras" / CAMERA).glob("*.part")
    assert list(left_parts(camera.folder, CAMERA)) == []  # it is being written
    copy = camera.folder / "cameras" / "other" / part.name
    copy.parent.mkdir()
    copy.write_bytes(part.read_bytes()[:-50])
    (segment,) = left_parts(camera.folder, "other")
    assert (segment.packets, round(segment.to_s - segment.from_s, 2)) == (30, 2.0)
    assert copy.stat().st_size == segment.size_bytes
    copy.write_bytes(part.read_bytes()[:100])
    assert list(left_parts(camera.folder, "other")) == []
    assert not copy.exists()
