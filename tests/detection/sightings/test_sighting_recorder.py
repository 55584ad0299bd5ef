"""What the disk does to the record, and what the record never does to the looks."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.detection.sightings.seen import BEGAN_S, look, record
from tests.detection.sightings.test_camera_sightings import camera
from tests.patience import PATIENCE_S
from thapcanh.detection.sightings import sighting_recorder
from thapcanh.detection.sightings.query import SightingQuery
from thapcanh.detection.sightings.search import SightingSearch
from thapcanh.detection.sightings.sighting_recorder import SightingRecorder, expire
from thapcanh.detection.sightings.store import SIGHTINGS_FILE, SightingBatch, SightingStore
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording.index import RecordingIndex, recorded_since, segment_added
from thapcanh.ingest.recording.period_retention import RecordingPeriod, write_period
from thapcanh.ingest.recording.retention import RecordingHold, RecordingLimits, delete, write_hold
from thapcanh.ingest.recording.timeline import RecordingSegment
from thapcanh.ingest.store_identity import STORE_ID_FILE

WaitFor = Callable[..., None]
DAYS = RecordingLimits(days=1e5, min_free_bytes=100)
WHOLE = SightingQuery(from_s=BEGAN_S - 1e6, to_s=BEGAN_S + 1e6, hidden={"cam-1": 0})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sighting_recorder, "WRITE_EVERY_S", 0.02)
    monkeypatch.setattr(sighting_recorder, "EXPIRE_EVERY_S", 0.1)


def recorder(folder: Path, kept: RecordingLimits = DAYS, **how: object) -> SightingRecorder:
    made = SightingRecorder(folder, SystemClock(), kept, **how)  # type: ignore[arg-type]
    made.follow([camera()])
    return made


def pass_by(seen: SightingRecorder, from_s: float = 0.0) -> None:
    """A car goes by, and is gone."""
    for step in range(4):
        box = (0.1 + step / 10, 0.4, 0.3 + step / 10, 0.6)
        seen.observe(*look(from_s + step / 2, ("car", box, 0.8)), is_idle=False)
    seen.observe(*look(from_s + 9.0), is_idle=True)


def count(folder: Path) -> int:
    with SightingSearch(folder) as search:
        return sum(search.counts(WHOLE, 1))


def test_what_passed_and_what_is_still_there_when_it_stops_is_stored(tmp_path: Path) -> None:
    seen = recorder(tmp_path)
    pass_by(seen)
    for at_s in (20.0, 20.5):
        seen.observe(*look(at_s, ("person", (0.6, 0.3, 0.7, 0.6), 0.8)), is_idle=True)
    assert seen.stop()
    assert count(tmp_path) == 2
    with SightingSearch(tmp_path) as search:
        told = search.coverage(BEGAN_S, BEGAN_S + 60, "cam-1", None)
    slot = BEGAN_S, BEGAN_S + 300
    assert told.awake_s(*slot) == pytest.approx(1.5)
    assert told.idle_s(*slot) == pytest.approx(0.5)  # gaps of 7.5 and 11 s were not looked at
    figures = seen.figures()
    assert (figures["stored"], figures["dropped"], figures["error"]) == (2, 0, None)


def test_a_camera_that_is_not_recorded_leaves_no_file(tmp_path: Path) -> None:
    seen = SightingRecorder(tmp_path, SystemClock(), DAYS)
    seen.follow([])
    pass_by(seen)
    assert seen.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_what_fits_in_memory_and_tells_the_rest(
    tmp_path: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sighting_recorder, "MOST_WAITING", 3)
    free = [10]
    seen = recorder(tmp_path, free_bytes=lambda _: free[0])
    for number in range(5):
        pass_by(seen, 20.0 * number)
    wait_for(lambda: seen.figures()["error"], 5.0)
    assert "no room" in seen.figures()["error"]
    assert not (tmp_path / SIGHTINGS_FILE).exists()
    free[0] = 1000
    wait_for(lambda: seen.figures()["stored"] == 3, 5.0)
    assert seen.figures()["error"] is None
    with SightingSearch(tmp_path) as search:
        assert search.coverage(BEGAN_S, BEGAN_S + 600, "cam-1", None).dropped == 2
    assert seen.stop()


def test_a_broken_file_is_set_aside_and_a_locked_one_waited_for(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    (tmp_path / SIGHTINGS_FILE).write_bytes(b"no database" * 500)
    seen = recorder(tmp_path)
    pass_by(seen)
    wait_for(lambda: seen.figures()["stored"] == 1, 5.0)
    assert len(list(tmp_path.glob(f"{SIGHTINGS_FILE}.broken-*"))) == 1
    other = sqlite3.connect(tmp_path / SIGHTINGS_FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    pass_by(seen, 100.0)
    wait_for(lambda: seen.figures()["error"], 10.0)
    assert "locked" in seen.figures()["error"]
    other.execute("COMMIT")
    other.close()
    wait_for(lambda: seen.figures()["stored"] == 2, 10.0)
    assert seen.stop()
    assert count(tmp_path) == 2


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path: Path, wait_for: WaitFor) -> None:
    (tmp_path / "file").write_text("in the way")
    seen = recorder(tmp_path / "file" / "recordings")
    pass_by(seen)
    wait_for(lambda: seen.figures()["error"], 5.0)
    assert seen.stop()


def segment(number: int) -> RecordingSegment:
    """Five minutes of film."""
    from_s = BEGAN_S + 300.0 * number
    return RecordingSegment(
        camera_id="cam-1", from_s=from_s, to_s=from_s + 300.0, run="a", path=f"{number}.mp4",
        init_bytes=1, size_bytes=1, packets=1, codec="avc1.64001f",
    )  # fmt: skip


def test_sightings_go_with_their_film_and_stay_with_what_is_held(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    store = SightingStore(tmp_path)
    each = [(n, record(300.0 * n + 1.0)) for n in range(6)]
    store.write(SightingBatch(sightings=each, looks={}, dropped={}))
    store.close()
    index = RecordingIndex(tmp_path)
    index.apply([recorded_since("cam-1", BEGAN_S)])
    films = [segment(n) for n in range(6)]
    for film in films:
        index.apply(segment_added(film))
    held = RecordingHold(
        hold_id="a", camera_id="cam-1", from_s=BEGAN_S + 310, to_s=BEGAN_S + 590,
        reason="why", by="an", at_s=BEGAN_S,
    )  # fmt: skip
    write_hold(tmp_path, held)
    seen = recorder(tmp_path)
    wait_for(lambda: seen.figures()["store"], 5.0)
    delete(tmp_path, index, [films[0], films[2]])
    wait_for(lambda: count(tmp_path) == 4, 10.0)
    with SightingSearch(tmp_path) as search:
        kept = [one.from_s - BEGAN_S for _, one in search.page(WHOLE, 9).items]
        assert sum(search.counts(WHOLE, 7)) == 4
    assert kept == [301.0, 901.0, 1201.0, 1501.0]
    assert seen.stop()
    index.close()


def test_without_film_they_go_after_the_cameras_days_unless_a_hold_cannot_be_read(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    ago_s = SystemClock().utc() - BEGAN_S
    store = SightingStore(tmp_path)
    each = [(1, record(ago_s - 10 * 86_400)), (2, record(ago_s - 60.0))]
    store.write(SightingBatch(sightings=each, looks={}, dropped={}))
    store.close()
    (tmp_path / "holds").mkdir()
    hold = tmp_path / "holds" / "bad.json"
    hold.write_text("not a hold")
    whole = SightingQuery(from_s=0.0, to_s=1e10, hidden={"cam-1": 0})

    def left() -> int:
        with SightingSearch(tmp_path) as search:
            return sum(search.counts(whole, 1))

    seen = recorder(tmp_path, RecordingLimits(days=5.0, min_free_bytes=0))
    wait_for(lambda: "not a hold" in str(seen.figures()["error"]), 5.0)
    assert left() == 2
    hold.unlink()
    wait_for(lambda: left() == 1, 5.0)
    wait_for(lambda: seen.figures()["error"] is None, 5.0)
    assert seen.stop()


def test_what_a_watch_area_saw_goes_by_its_own_days_and_no_other(tmp_path: Path) -> None:
    store = SightingStore(tmp_path)
    each = [(number, record(number * 86_400.0)) for number in range(6)]
    store.write(SightingBatch(sightings=each, looks={}, dropped={}))
    now_s = BEGAN_S + 10 * 86_400
    area = RecordingPeriod(
        period_id="watch-1", cameras=("cam-1",), from_s=BEGAN_S + 2 * 86_400 - 60,
        to_s=BEGAN_S + 4 * 86_400 - 60, days=30.0, told_at_s=now_s,
    )  # fmt: skip
    held_by_area = RecordingLimits(days=1.0, min_free_bytes=0)

    def left() -> list[int]:
        found = store.connection.execute("SELECT from_ms FROM sightings ORDER BY from_ms")
        return [round((row[0] / 1000 - BEGAN_S) / 86_400) for row in found]

    write_period(tmp_path, area)
    while expire(store, tmp_path, held_by_area, now_s):
        pass
    assert left() == [2, 3]
    store.write(SightingBatch(sightings=[(9, each[5][1])], looks={}, dropped={}))
    write_period(tmp_path, replace(area, days=1.0))
    while expire(store, tmp_path, DAYS, now_s):
        pass
    assert left() == [5]
    store.close()


def test_a_folder_that_is_not_the_known_disk_is_not_written_to(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    folder, remembered = tmp_path / "film", tmp_path / "id"
    remembered.write_text("the-disk\n", encoding="ascii")
    folder.mkdir()
    seen = recorder(folder, remembered=remembered)
    pass_by(seen)
    wait_for(lambda: "is not the recording disk" in str(seen.figures()["error"]), PATIENCE_S)
    assert list(folder.iterdir()) == []
    (folder / STORE_ID_FILE).write_text("the-disk\n", encoding="ascii")
    wait_for(lambda: seen.figures()["error"] is None, PATIENCE_S)
    assert seen.stop()
    assert count(folder) == 1
