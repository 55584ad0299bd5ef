"""What is deleted, in which order, and what never is."""

import resource
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex, gap_opened, segment_added
from thapcanh.ingest.recording.retention import (
    DAY_S,
    HOLDS,
    HoldUnreadable,
    RecordingHold,
    RecordingLimits,
    delete,
    expired,
    holds_of,
    lift_hold,
    over_budget,
    write_hold,
)
from thapcanh.ingest.recording.timeline import (
    GapReason,
    RecordedSpan,
    RecordingGap,
    RecordingSegment,
    gaps_between,
)

NOW_S = 1_795_568_400.0


def segment(camera: str, days_old: float, size: int = 1000) -> RecordingSegment:
    from_s = NOW_S - days_old * DAY_S
    return RecordingSegment(
        camera_id=camera, from_s=from_s, to_s=from_s + 10.0, run="1", packets=1, codec="avc1",
        path=f"cameras/{camera}/{from_s}.mp4", init_bytes=10, size_bytes=size,
    )  # fmt: skip


def index_of(folder: Path, *segments: RecordingSegment) -> RecordingIndex:
    index = RecordingIndex(folder)
    for one in segments:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(one.size_bytes))
        index.apply(segment_added(one))
    return index


def hold(camera: str | None, from_days: float, to_days: float) -> RecordingHold:
    return RecordingHold(
        hold_id="a1", camera_id=camera, from_s=NOW_S - from_days * DAY_S,
        to_s=NOW_S - to_days * DAY_S, reason="vụ án 12", by="lan", at_s=NOW_S,
    )  # fmt: skip


def test_each_camera_keeps_its_days(tmp_path: Path) -> None:
    index = index_of(tmp_path, segment("a", 9), segment("a", 6), segment("b", 9), segment("b", 29))
    limits = RecordingLimits(days=7, days_of={"b": 10})
    old = expired(index, limits, [], NOW_S)
    assert [(one.camera_id, round((NOW_S - one.from_s) / DAY_S)) for one in old] == [
        ("a", 9), ("b", 29),
    ]  # fmt: skip
    assert expired(index, limits, [hold("a", 10, 8)], NOW_S) == old[1:]
    assert expired(index, limits, [hold(None, 30, 8)], NOW_S) == []


def test_the_budget_takes_the_oldest_of_all_cameras_and_skips_what_is_held(
    tmp_path: Path,
) -> None:
    index = index_of(tmp_path, segment("a", 3), segment("b", 2), segment("a", 1))
    assert index.total_bytes() == 3000
    assert [one.camera_id for one in over_budget(index, [], 1500)] == ["a", "b"]
    assert over_budget(index, [], 0) == []
    (only,) = over_budget(index, [hold("a", 5, 2.5)], 900)
    assert only.camera_id == "b"
    assert delete(tmp_path, index, [only]) == 1000
    assert not (tmp_path / only.path).exists()
    assert index.total_bytes() == 2000
    assert index.span("b").kept_from == only.to_s


def test_a_hold_outlives_everything_and_one_that_is_not_understood_holds_all(
    tmp_path: Path,
) -> None:
    first = hold("a", 3, 2)
    write_hold(tmp_path, first)
    assert holds_of(tmp_path) == [first]
    assert lift_hold(tmp_path, "a1")
    assert not lift_hold(tmp_path, "a1")
    assert not lift_hold(tmp_path, "../index")
    (tmp_path / HOLDS / "b2.json").write_text("{")
    with pytest.raises(HoldUnreadable, match=r"b2\.json"):
        holds_of(tmp_path)


def test_the_index_pages_through_many_segments(tmp_path: Path) -> None:
    index = RecordingIndex(tmp_path)
    made = [replace(segment("a", 0), from_s=float(n), to_s=n + 1.0) for n in range(450)]
    index.apply(change for one in made for change in segment_added(one))
    assert len(list(index.oldest())) == len(list(index.oldest(camera_id="a"))) == 450
    assert len(list(index.oldest(before_s=10.0))) == 10
    assert len(index.segments("a", 100.5, 110.0)) == 10


def test_the_index_maps_no_file_of_the_recording_disk_into_memory(tmp_path: Path) -> None:
    """A full disk ended the whole worker by SIGBUS through the map of SQLite's WAL."""
    with closing(sqlite3.connect(tmp_path / INDEX_FILE)) as earlier:
        earlier.execute("PRAGMA journal_mode = WAL")  # as earlier releases left it
        earlier.execute("CREATE TABLE known (id INTEGER)")
    index = index_of(tmp_path, segment("a", 1))
    assert str(tmp_path) not in Path("/proc/self/maps").read_text(encoding="utf-8")
    assert list(tmp_path.glob("*-shm")) == []
    index.close()


def test_a_change_that_finds_no_room_is_rolled_back_and_told(tmp_path: Path) -> None:
    index = index_of(tmp_path, segment("a", 1))
    too_long = segment_added(replace(segment("a", 2), run="9" * 10_000_000))
    cap_before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, cap_before[1]))
    try:
        with pytest.raises(sqlite3.OperationalError, match=r"full|I/O"):
            index.apply(too_long)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, cap_before)
    index.apply(segment_added(segment("b", 3)))
    assert [one.camera_id for one in index.oldest()] == ["b", "a"]


def test_whatever_no_segment_covers_is_a_gap_with_a_reason(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    index.apply([gap_opened("a", RecordingGap(from_s=50, to_s=60, reason=GapReason.DISK_FULL))])
    segments = [
        replace(segment("a", 0), from_s=30.0, to_s=40.0),
        replace(segment("a", 0), from_s=40.1, to_s=50.0),
        replace(segment("a", 0), from_s=60.0, to_s=70.0),
    ]
    span = RecordedSpan(recorded_from=10.0, kept_from=30.0)
    found = gaps_between(segments, index.gaps("a", 0, 100), span, 0.0, 100.0)
    assert [(str(one.reason), one.from_s, one.to_s) for one in found] == [
        ("not_recorded", 0.0, 10.0),
        ("expired", 10.0, 30.0),
        ("disk_full", 50, 60),
        ("unknown", 70.0, 100.0),
    ]
    never = gaps_between([], [], RecordedSpan(), 0.0, 100.0)
    assert [(str(one.reason), one.from_s, one.to_s) for one in never] == [
        ("not_recorded", 0.0, 100.0)
    ]
    going_on = [RecordingGap(from_s=70.0, to_s=None, reason=GapReason.CAMERA_OFFLINE)]
    assert gaps_between(segments, going_on, span, 30.0, 100.0)[-1].to_s == 100.0
