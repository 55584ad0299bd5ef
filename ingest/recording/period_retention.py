"""Retention of recordings made for a temporary watch area.

An unreadable file raises `HoldUnreadable`, and nothing is deleted.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from thapcanh.config.files import replace_file
from thapcanh.ingest.recording.index import RecordingIndex, gap_opened
from thapcanh.ingest.recording.retention import (
    DAY_S,
    MOST_AT_ONCE,
    SHARED,
    HoldUnreadable,
    RecordingHold,
    delete,
)
from thapcanh.ingest.recording.timeline import GapReason, RecordingGap, RecordingSegment

PERIODS = "periods"
FRESH_S = 900.0
_BY = "watch area"
_IN_A_ROW_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPeriod:
    """Period of recordings of some cameras, retained for some days after its end."""

    period_id: str
    cameras: tuple[str, ...]
    from_s: float
    to_s: float
    days: float
    told_at_s: float
    """When the centre last said what is spared: on older word nothing is deleted."""
    spared: tuple[tuple[str, float, float], ...] = ()
    """Camera, from, to: what shows cases that are open or on hold."""

    def is_due(self, now_s: float) -> bool:
        return now_s >= self.to_s + self.days * DAY_S

    def goes(self, now_s: float) -> bool:
        """Return whether to delete now: due, and the exceptions were updated recently."""
        return self.is_due(now_s) and abs(now_s - self.told_at_s) <= FRESH_S


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedRecordings:
    """Deletions of a period so far. `is_all` means nothing is left."""

    segments: int = 0
    bytes: int = 0
    is_all: bool = False


def write_period(folder: Path, period: RecordingPeriod) -> None:
    """Store a period's retention. Raise `OSError`."""
    path = _path(folder, period.period_id, ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(asdict(period)))


def periods_of(folder: Path) -> list[RecordingPeriod]:
    """Return every period for this machine. Raise `HoldUnreadable` or `OSError`."""
    found = []
    for base in (folder, folder / SHARED):
        found += _periods(base)
    return found


def read_period(text: str) -> RecordingPeriod:
    """Parse a period. Raise `ValueError`, `TypeError`, `KeyError` or `IndexError`."""
    stated = json.loads(text)
    spared = tuple((str(one[0]), float(one[1]), float(one[2])) for one in stated["spared"])
    cameras = tuple(stated["cameras"])
    return RecordingPeriod(**{**stated, "cameras": cameras, "spared": spared})


def _periods(folder: Path) -> list[RecordingPeriod]:
    found = []
    for path in sorted((folder / PERIODS).glob("*.json")):
        try:
            found.append(read_period(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise HoldUnreadable(f"{path}: not a period, mend or move it: {error}") from error
    return found


def held_by(periods: Sequence[RecordingPeriod], now_s: float) -> list[RecordingHold]:
    found = []
    for one in periods:
        if not one.is_due(now_s):
            found += [_hold(one, camera, one.from_s, one.to_s) for camera in one.cameras]
        found += [_hold(one, *interval) for interval in one.spared]
    return found


def delete_due(
    folder: Path,
    index: RecordingIndex,
    periods: Sequence[RecordingPeriod],
    holds: Sequence[RecordingHold],
    now_s: float,
) -> int:
    """Delete and count what is due; return how many bytes. `holds`: with those of periods."""
    freed = 0
    for one in periods:
        if not one.goes(now_s) or deleted_of(folder, one.period_id).is_all:
            continue
        there = list(_film(index, one))
        free = [each for each in there if not any(hold.covers(each) for hold in holds)]
        going = free[:MOST_AT_ONCE]
        bytes_removed = delete(folder, index, going, are_oldest=False)
        removed = [each for each in going if not (folder / each.path).exists()]
        index.apply([gap_opened(*gap) for gap in deleted_gaps(removed)])
        is_all = len(removed) == len(there)
        if removed or is_all:
            _count(
                folder,
                one,
                DeletedRecordings(segments=len(removed), bytes=bytes_removed, is_all=is_all),
            )
        freed += bytes_removed
    return freed


def deleted_of(folder: Path, period_id: str) -> DeletedRecordings:
    """Return what was deleted of a period so far. Raise `OSError`."""
    try:
        lines = _path(folder, period_id, ".deleted").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return DeletedRecordings()
    segments = size = 0
    is_all = False
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):  # the last may be cut off
            stated = json.loads(line)
            segments, size = segments + int(stated["segments"]), size + int(stated["bytes"])
            is_all = is_all or bool(stated["is_all"])
    return DeletedRecordings(segments=segments, bytes=size, is_all=is_all)


def deleted_gaps(removed: Sequence[RecordingSegment]) -> list[tuple[str, RecordingGap]]:
    """Return one gap for each row of consecutive deleted segments."""
    found: list[tuple[str, RecordingGap]] = []
    for one in removed:
        gap = RecordingGap(from_s=one.from_s, to_s=one.to_s, reason=GapReason.EXPIRED)
        if found:
            camera, last = found[-1]
            if camera == one.camera_id and one.from_s - (last.to_s or 0.0) < _IN_A_ROW_S:
                found[-1] = camera, replace(last, to_s=one.to_s)
                continue
        found.append((one.camera_id, gap))
    return found


def _film(index: RecordingIndex, period: RecordingPeriod) -> Iterator[RecordingSegment]:
    for camera in period.cameras:
        yield from index.segments(camera, period.from_s, period.to_s)


def _count(folder: Path, period: RecordingPeriod, removed: DeletedRecordings) -> None:
    """Append one line atomically: several workers may share the folder."""
    path = _path(folder, period.period_id, ".deleted")
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(removed)) + "\n")


def _hold(period: RecordingPeriod, camera: str, from_s: float, to_s: float) -> RecordingHold:
    return RecordingHold(
        hold_id=period.period_id,
        camera_id=camera,
        from_s=from_s,
        to_s=to_s,
        reason=_BY,
        by=_BY,
        at_s=period.from_s,
    )


def _path(folder: Path, period_id: str, suffix: str) -> Path:
    if not period_id.replace("-", "").isalnum() or not period_id.isascii():
        raise FileNotFoundError(period_id)
    return folder / PERIODS / f"{period_id}{suffix}"
