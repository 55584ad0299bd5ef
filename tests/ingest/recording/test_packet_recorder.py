"""The recorder on its thread: a disk that hangs or is full, a kill, a broken index."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import CAMERA, many, source_hashes, stored_hashes
from tests.patience import PATIENCE_S
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording import packet_recorder
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.packet_queue import PacketLoss, PacketQueue, QueuedPacket
from thapcanh.ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from thapcanh.ingest.recording.rebuild import rebuild_index
from thapcanh.ingest.recording.retention import RecordingLimits
from thapcanh.ingest.recording.segment_file import SegmentFile

WaitFor = Callable[..., None]
TWO_S = synthetic_packets(30)
FILM = many(TWO_S, 13, 2.0)
ROOM = RecorderLimits(kept=RecordingLimits(min_free_bytes=0))


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_recorder, "TICK_S", 0.02)
    monkeypatch.setattr(packet_recorder, "CHECK_S", 0.05)


def offer(recorder: PacketRecorder, began_s: float) -> None:
    for packet in FILM:
        recorder.offer(CAMERA, packet, began_s + packet.at_s)


def reasons(folder: Path) -> list[str]:
    index = RecordingIndex(folder, read_only=True)
    found = [str(gap.reason) for gap in index.gaps(CAMERA, 0.0, 1e11)]
    index.close()
    return found


def stored(folder: Path) -> list[str]:
    index = RecordingIndex(folder, read_only=True)
    segments = index.segments(CAMERA, 0.0, 1e11)
    index.close()
    return stored_hashes(folder, segments)


def test_every_packet_that_is_offered_is_in_the_files_when_it_stops(tmp_path: Path) -> None:
    clock = SystemClock()
    recorder = PacketRecorder(tmp_path, clock, ROOM)
    recorder.record([CAMERA])
    offer(recorder, clock.utc() - 26.0)
    recorder.offer("not-recorded", FILM[0], clock.utc())
    assert recorder.stop()
    assert stored(tmp_path) == source_hashes(FILM)
    assert reasons(tmp_path)[-1] == "worker_stopped"
    figures = recorder.figures()
    assert figures["packets_stored"] == figures["packets_in"] == len(FILM)
    assert figures["missing"] == {}


_CHILD = """
import sys, time
from pathlib import Path
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording import packet_recorder
packet_recorder.TICK_S = 0.02
from tests.ingest.recording.test_packet_recorder import CAMERA, FILM, ROOM, offer
from tests.patience import PATIENCE_S
recorder = packet_recorder.PacketRecorder(Path(sys.argv[1]), SystemClock(), ROOM)
recorder.record([CAMERA])
offer(recorder, time.time() - 26.0)
while recorder.figures()["packets_in"] < len(FILM):  # all but the last one are taken care of
    time.sleep(0.02)
print("recorded", flush=True)
time.sleep(60)
"""


def test_a_kill_loses_no_more_than_the_last_second_and_names_the_gap(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"recorded\n"
        child.send_signal(signal.SIGKILL)
    assert list(tmp_path.glob(f"cameras/{CAMERA}/*.part"))
    recorder = PacketRecorder(tmp_path, SystemClock(), ROOM)
    recorder.record([CAMERA])
    assert recorder.stop()
    whole = source_hashes(FILM)
    found = stored(tmp_path)
    assert found == whole[: len(found)]
    assert len(whole) - len(found) <= 15  # a second of packets was in memory
    assert not list(tmp_path.glob(f"cameras/{CAMERA}/*.part"))
    assert "worker_lost" in reasons(tmp_path)
    assert reasons(tmp_path)[-1] == "worker_stopped"


def test_a_disk_that_hangs_loses_packets_into_a_named_gap_and_never_holds_a_camera(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(packet_recorder, "STALLED_S", 0.2)
    hangs, real = threading.Event(), SegmentFile.write

    def write(file: SegmentFile, data: bytes) -> None:
        if len(data) > file.init_bytes and not hangs.wait(PATIENCE_S):
            raise AssertionError("nobody let it go")
        real(file, data)

    monkeypatch.setattr(SegmentFile, "write", write)
    clock = SystemClock()
    small = RecorderLimits(queue_bytes=40_000, kept=ROOM.kept)
    recorder = PacketRecorder(tmp_path, clock, small)
    recorder.record([CAMERA])
    offer(recorder, clock.utc() - 26.0)  # returns, although nothing is written
    wait_for(lambda: recorder.figures()["stalled_s"], 5.0)
    offer(recorder, clock.utc())
    assert recorder.figures()["missing"] == {CAMERA: "disk_stalled"}
    hangs.set()
    wait_for(lambda: recorder.figures()["queue_bytes"] == 0, 5.0)
    offer(recorder, clock.utc() + 26.0)
    assert recorder.stop()
    assert "disk_stalled" in reasons(tmp_path)
    figures = recorder.figures()
    assert figures["packets_in"] == 3 * len(FILM)
    assert figures["packets_lost"] + figures["packets_stored"] == 3 * len(FILM)
    assert len(stored(tmp_path)) == figures["packets_stored"] > 0


def test_without_room_nothing_is_written_and_it_is_said(tmp_path: Path, wait_for: WaitFor) -> None:
    clock, free = SystemClock(), [10]
    limits = RecorderLimits(kept=RecordingLimits(min_free_bytes=1000))
    recorder = PacketRecorder(tmp_path, clock, limits, free_bytes=lambda _: free[0])
    recorder.record([CAMERA])
    wait_for(lambda: recorder.figures()["missing"] == {CAMERA: "disk_full"}, 5.0)
    offer(recorder, clock.utc())
    wait_for(lambda: recorder.figures()["packets_lost"] == len(FILM), 5.0)
    assert stored(tmp_path) == []
    free[0] = 5000
    wait_for(lambda: not recorder.is_full, 5.0)
    offer(recorder, clock.utc())
    wait_for(lambda: not recorder.figures()["missing"], 5.0)
    assert recorder.stop()
    assert "disk_full" in reasons(tmp_path)
    assert stored(tmp_path) == source_hashes(FILM)


def test_a_lost_or_broken_index_is_made_again_from_the_files(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    clock = SystemClock()
    recorder = PacketRecorder(tmp_path, clock, ROOM)
    recorder.record([CAMERA])
    offer(recorder, clock.utc() - 26.0)
    assert recorder.stop()
    before = stored(tmp_path)
    (tmp_path / INDEX_FILE).write_bytes(b"not a database at all" * 500)
    recorder = PacketRecorder(tmp_path, clock, ROOM)
    recorder.record([CAMERA])
    wait_for(lambda: _or_none(tmp_path) == before, 10.0)
    assert recorder.stop()
    assert len(list(tmp_path.glob(f"{INDEX_FILE}.broken-*"))) == 1
    assert rebuild_index(tmp_path) == 3  # again changes nothing
    assert stored(tmp_path) == before


def _or_none(folder: Path) -> list[str] | None:
    try:
        return stored(folder)
    except sqlite3.Error:
        return None


def test_what_finds_no_room_is_lost_up_to_the_next_keyframe_that_does() -> None:
    size = sum(packet.size_bytes for packet in TWO_S[:15])
    waiting = PacketQueue(size)
    for packet in TWO_S[:20]:
        waiting.offer("a", packet, packet.at_s)
    assert waiting.losses() == {"a": PacketLoss(TWO_S[15].at_s, 5)}
    taken = list(_drained(waiting))
    assert len(taken) == 15
    for packet in TWO_S[20:]:
        waiting.offer("a", packet, packet.at_s)
    assert list(_drained(waiting)) == []
    waiting.offer("a", TWO_S[0], 2.0)
    (next_one,) = _drained(waiting)
    assert next_one.loss == PacketLoss(TWO_S[15].at_s, 15)
    assert waiting.losses() == {}
    assert waiting.size_bytes == 0


def _drained(waiting: PacketQueue) -> Iterator[QueuedPacket]:
    while (queued := waiting.take()) is not None:
        yield queued


def test_a_folder_that_cannot_be_made_is_told_and_holds_nobody(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    (tmp_path / "file").write_text("in the way")
    recorder = PacketRecorder(tmp_path / "file" / "recordings", SystemClock(), ROOM)
    recorder.record([CAMERA])
    offer(recorder, 0.0)
    wait_for(lambda: recorder.figures()["missing"] == {CAMERA: "write_failed"}, 5.0)
    assert "file" in str(recorder.figures()["error"])
    assert recorder.stop()
    assert os.listdir(tmp_path) == ["file"]
