"""Film of a period is kept as long as it says, longer or shorter than the camera's, and counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ingest.recording.test_retention import NOW_S, hold, index_of, segment
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.period_retention import (
    FRESH_S,
    DeletedRecordings,
    RecordingPeriod,
    delete_due,
    deleted_of,
    held_by,
    periods_of,
    write_period,
)
from thapcanh.ingest.recording.retention import (
    DAY_S,
    HoldUnreadable,
    RecordingLimits,
    expired,
    holds_of,
    over_budget,
    write_hold,
)
from thapcanh.ingest.recording.timeline import GapReason

LIMITS = RecordingLimits(days=7.0)


def period(days: float, name: str = "watch-0123456789ab") -> RecordingPeriod:
    """Of camera a, from twenty to ten days ago."""
    return RecordingPeriod(
        period_id=name, cameras=("a",), from_s=NOW_S - 20 * DAY_S, to_s=NOW_S - 10 * DAY_S,
        days=days, told_at_s=NOW_S,
    )  # fmt: skip


def left_of(folder: Path, index: RecordingIndex) -> list[tuple[str, float]]:
    """Delete what is due and tell which film is there, by camera and age in days."""
    periods = periods_of(folder)
    delete_due(folder, index, periods, [*holds_of(folder), *held_by(periods, NOW_S)], NOW_S)
    found = [one for camera in ("a", "b") for one in index.segments(camera, 0.0, 1e11)]
    return [(one.camera_id, round((NOW_S - one.from_s) / DAY_S, 2)) for one in found]


def test_longer_than_the_cameras_it_is_held_from_days_and_budget(tmp_path: Path) -> None:
    index = index_of(tmp_path, segment("a", 25), segment("a", 15), segment("b", 15))
    write_period(tmp_path, period(days=30))
    (kept,) = periods_of(tmp_path)
    holds = held_by([kept], NOW_S)
    gone = expired(index, LIMITS, holds, NOW_S)
    assert [(one.camera_id, one.from_s) for one in gone] == [
        ("a", NOW_S - 25 * DAY_S), ("b", NOW_S - 15 * DAY_S),
    ]  # fmt: skip
    assert len(over_budget(index, holds, 10**9)) == 2
    assert left_of(tmp_path, index) == [("a", 25), ("a", 15), ("b", 15)]
    assert deleted_of(tmp_path, kept.period_id) == DeletedRecordings()


def test_shorter_it_goes_but_for_holds_open_cases_and_another_areas_film(tmp_path: Path) -> None:
    ages = (20.5, 19, 18, 17, 15, 12, 5)
    index = index_of(tmp_path, *(segment("a", age) for age in ages), segment("b", 15))
    write_hold(tmp_path, hold("a", 19.5, 18.5))
    case = ("a", NOW_S - 18 * DAY_S - 60, NOW_S - 18 * DAY_S + 60)
    write_period(tmp_path, replace(period(days=2), spared=(case,)))
    other = replace(period(days=90, name="watch-other"), to_s=NOW_S - 16 * DAY_S)
    write_period(tmp_path, replace(other, from_s=NOW_S - 17.5 * DAY_S))
    assert left_of(tmp_path, index) == [
        ("a", 20.5), ("a", 19), ("a", 18), ("a", 17), ("a", 5), ("b", 15),
    ]  # fmt: skip
    told = [(gap.reason, round((NOW_S - gap.from_s) / DAY_S)) for gap in index.gaps("a", 0, 1e11)]
    assert told == [(GapReason.EXPIRED, 15), (GapReason.EXPIRED, 12)]
    assert index.span("a").kept_from is None  # older film is there
    gone = deleted_of(tmp_path, "watch-0123456789ab")
    assert (gone.segments, gone.bytes, gone.is_all) == (2, 2000, False)
    for path in tmp_path.glob("holds/*.json"):
        path.unlink()
    write_period(tmp_path, period(days=2))
    write_period(tmp_path, replace(other, days=0.1))
    assert left_of(tmp_path, index) == [("a", 20.5), ("a", 5), ("b", 15)]
    assert deleted_of(tmp_path, "watch-0123456789ab").is_all


def test_nothing_goes_on_old_word_or_by_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    index = index_of(tmp_path, segment("a", 15))
    write_period(tmp_path, replace(period(days=1), told_at_s=NOW_S - FRESH_S - 1))
    assert left_of(tmp_path, index) == [("a", 15)]
    (tmp_path / "periods" / "watch-x.json").write_text('{"days": 1}', "utf-8")
    with pytest.raises(HoldUnreadable, match="watch-x"):
        periods_of(tmp_path)
