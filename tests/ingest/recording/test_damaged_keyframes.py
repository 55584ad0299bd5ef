"""Keyframes that lost data on the way, and kills: every gap has its true reason."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import (
    BEGAN_S,
    CAMERA,
    RecordedCamera,
    later,
    source_hashes,
    stored_hashes,
)
from thapcanh.app.recordings.transcoded_segment import transcoded
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.annex_b import START_CODE, nal_units
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.normaliser import Normaliser
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording import packet_recorder
from thapcanh.ingest.recording.camera_recording import CameraRecording
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.packet_recorder import PacketRecorder
from thapcanh.ingest.recording.segment_writer import RecordingCounts
from thapcanh.ingest.recording.timeline import GapReason, RecordingGap
from thapcanh.ingest.sources.recorded_file import read_file

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]
TWO_S = synthetic_packets(30)  # two groups of a second


def _damaged(keyframe: Packet, *, keeps_sets: bool = True) -> Packet:
    """The keyframe with three bytes left of its picture."""
    units = list(nal_units(bytes(keyframe.encoded)))
    sets = [unit for unit in units if unit[0] & 0x1F in (7, 8)] if keeps_sets else []
    encoded = av.Packet(b"".join(START_CODE + unit for unit in (*sets, units[-1][:3])))
    encoded.is_keyframe, encoded.pts, encoded.dts = True, keyframe.encoded.pts, keyframe.encoded.dts
    return replace(keyframe, encoded=encoded, size_bytes=encoded.size)


@pytest.fixture
def camera(tmp_path: Path) -> RecordedCamera:
    return RecordedCamera(tmp_path)


@pytest.mark.parametrize("keeps_sets", [True, False])
def test_a_damaged_keyframe_that_nothing_went_before_is_named_as_such(
    camera: RecordedCamera, keeps_sets: bool
) -> None:
    """It was `codec_unsupported`, as if the camera had to be set otherwise."""
    camera.take([_damaged(TWO_S[0], keeps_sets=keeps_sets), *TWO_S[1:]])
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 2.0)
    assert camera.gaps() == [("data_damaged", 0.0, 1.0), ("worker_stopped", 2.0, None)]
    assert stored_hashes(camera.folder, camera.segments()) == source_hashes(TWO_S[15:])


def test_a_damaged_keyframe_after_a_reconnect_does_not_lose_its_group(
    camera: RecordedCamera,
) -> None:
    again = later(TWO_S, 2.1, is_new_stream=True)
    again[0] = _damaged(again[0])
    camera.take([*TWO_S, *again])
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 4.1)
    assert camera.counts.packets_lost == 0
    assert stored_hashes(camera.folder, camera.segments()) == source_hashes([*TWO_S, *again])
    played = read_file(camera.folder / camera.segments()[-1].path, "a")
    assert len([one for one in played if isinstance(one, Frame)]) >= 15, "from the whole one on"


def test_an_evidence_clip_that_begins_at_a_damaged_keyframe_is_written_all_the_same(
    tmp_path: Path,
) -> None:
    info = write_clip([_damaged(TWO_S[0]), *TWO_S[1:]], tmp_path / "clip.mp4")
    assert info.packets == 30
    assert len([one for one in read_file(info.path, "a") if isinstance(one, Frame)]) >= 15
    with pytest.raises(ClipError, match="none of its keyframes can be decoded"):
        write_clip([_damaged(TWO_S[0]), *TWO_S[1:15]], tmp_path / "none.mp4")


def test_a_segment_with_a_damaged_keyframe_plays_as_h264_too(camera: RecordedCamera) -> None:
    camera.take([*TWO_S[:15], _damaged(TWO_S[15]), *TWO_S[16:], *later(TWO_S, 2.0)])
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 4.0)
    (segment,) = camera.segments()
    assert transcoded(camera.folder / segment.path, ()) is not None


def test_parameters_of_a_keyframe_that_cannot_be_decoded_begin_no_other_stream(
    film: MakeFilm,
) -> None:
    path = film("plain.mp4", codec="libx264")
    with open_container(str(path)) as container:
        normaliser = Normaliser(container.streams.video[0])
        kept = [
            packet
            for encoded in container.demux(video=0)
            if encoded.size
            for packet in normaliser.take(encoded, received_at=0.0)
        ]
        known = normaliser.stream
        units = list(nal_units(bytes(kept[0].encoded)))
        wrong = [unit[:5] + b"\xff\xff" if unit[0] & 0x1F == 7 else unit[:3] for unit in units]
        lost = av.Packet(b"".join(START_CODE + unit for unit in wrong))
        lost.is_keyframe, lost.pts, lost.dts = True, 99, 99
        normaliser._to_annex_b = None
        (packet,) = normaliser.take(lost, received_at=0.0)
    assert packet.stream is known


def test_intra_refresh_is_recorded_from_its_recovery_point_on(
    camera: RecordedCamera, film: MakeFilm
) -> None:
    path = film("refresh.mp4", frames=180, keyframe_every=30, intra_refresh=True)
    packets = [one for one in read_file(path, "a") if isinstance(one, Packet)][30:]
    assert not packets[0].stands_alone
    camera.take(packets)
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 12.0)
    assert [gap[0] for gap in camera.gaps()] == ["camera_offline", "worker_stopped"]
    assert stored_hashes(camera.folder, camera.segments()) == source_hashes(packets)
    with open_container(str(camera.folder / camera.segments()[0].path)) as container:
        assert len(list(container.decode(video=0))) > 60


def _begun(
    camera: RecordedCamera, left: RecordingGap | None, seen_s: float | None
) -> CameraRecording:
    camera.index()
    again = CameraRecording(CAMERA, camera.folder, camera.journal, RecordingCounts())
    again.begin(BEGAN_S + 60.0, left, None, seen_s)
    return again


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (GapReason.DATA_DAMAGED, [("data_damaged", 0.0, 14.0), ("worker_lost", 14.0, 61.0)]),
        (GapReason.CODEC_UNSUPPORTED, [("codec_unsupported", 0, 14), ("worker_lost", 14, 61)]),
        (GapReason.DISK_FULL, [("disk_full", 0.0, 14.0), ("worker_lost", 14.0, 61.0)]),
        (GapReason.WORKER_STOPPED, [("worker_stopped", 0.0, 61.0)]),
    ],
)
def test_what_was_missing_when_the_recorder_was_killed_does_not_name_the_kill(
    tmp_path: Path, reason: GapReason, expected: list[tuple[str, float, float]]
) -> None:
    """46 s that included a kill -9 were named by the codec."""
    camera = RecordedCamera(tmp_path)
    camera.recording.lose(reason, BEGAN_S, 1)
    left = camera.index().open_gap(CAMERA)
    again = _begun(camera, left, BEGAN_S + 14.0)
    for packet in later(TWO_S, 61.0):
        again.take(packet, BEGAN_S + packet.at_s)
    found = [gap for gap in camera.gaps() if gap[0] != "camera_offline"]
    assert found == expected


def test_a_recorder_says_while_it_lives_that_a_gap_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(packet_recorder, "GAPS_SEEN_S", 0.1)
    monkeypatch.setattr(packet_recorder, "CHECK_S", 0.1)
    recorder = PacketRecorder(tmp_path, SystemClock(), free_bytes=lambda _: 10**12)
    recorder.record([CAMERA])

    def seen_after_s() -> float:
        try:
            index = RecordingIndex(tmp_path, read_only=True)
            gap, seen = index.open_gap(CAMERA), index.open_gap_updated_at(CAMERA)
            index.close()
        except sqlite3.Error:
            return 0.0
        return 0.0 if gap is None or seen is None else seen - gap.from_s

    wait_for(lambda: seen_after_s() > 1.0, 20.0, "the index learns that it goes on")
    recorder.stop()
