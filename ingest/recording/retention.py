"""Retention of recordings by days and by disk budget, oldest first, except holds.

Runs on the recorder's thread with a limited amount of work per call.
"""

import json
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from thapcanh.config.files import replace_file
from thapcanh.ingest.recording.index import IndexChange, RecordingIndex
from thapcanh.ingest.recording.timeline import RecordingSegment

HOLDS = "holds"
SHARED = "shared"
"""Below it is the copy of what a store of all machines says."""
MOST_AT_ONCE = 500
DAY_S = 86_400.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLimits:
    """Retention days and disk budget of recordings."""

    days: float = 7.0
    max_bytes: int = 200_000_000_000
    min_free_bytes: int = 5_000_000_000
    """Of the disk: evidence and the archive may be stored on it too."""
    days_of: Mapping[str, float] = field(default_factory=dict)
    """For single cameras."""
    local_days: float | None = None
    """How long copies stay of what a store of all machines has; None: there is no such store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHold:
    """Interval that is never deleted. `camera_id` None means every camera."""

    hold_id: str
    camera_id: str | None
    from_s: float
    to_s: float
    reason: str
    by: str
    at_s: float

    def covers(self, segment: RecordingSegment) -> bool:
        is_of = self.camera_id is None or self.camera_id == segment.camera_id
        return is_of and segment.from_s < self.to_s and segment.to_s > self.from_s


class HoldUnreadable(Exception):
    """A hold's file cannot be understood: nothing may be deleted until it is."""


def write_hold(folder: Path, hold: RecordingHold) -> None:
    """Store a hold; it is on the disk on return. Raise `OSError`."""
    path = _hold_path(folder, hold.hold_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(asdict(hold), ensure_ascii=False))


def lift_hold(folder: Path, hold_id: str) -> bool:
    """Delete a hold; return False if there is none. Raise `OSError`."""
    try:
        _hold_path(folder, hold_id).unlink()
    except FileNotFoundError:
        return False
    return True


def holds_of(folder: Path) -> list[RecordingHold]:
    """Return every hold for this machine. Raise `HoldUnreadable` or `OSError`."""
    return [*local_holds(folder), *local_holds(folder / SHARED)]


def local_holds(folder: Path) -> list[RecordingHold]:
    """Return the holds written on this machine. Raise `HoldUnreadable` or `OSError`."""
    found = []
    for path in sorted((folder / HOLDS).glob("*.json")):
        try:
            found.append(read_hold(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise HoldUnreadable(f"{path}: not a hold, mend or move it: {error}") from error
    return found


def read_hold(text: str) -> RecordingHold:
    """Parse a hold. Raise `ValueError` or `TypeError`."""
    hold = RecordingHold(**json.loads(text))
    if not isinstance(hold.from_s, int | float) or not isinstance(hold.to_s, int | float):
        raise TypeError("a hold without times")
    return hold


def expired(
    index: RecordingIndex, limits: RecordingLimits, holds: Sequence[RecordingHold], now_s: float
) -> list[RecordingSegment]:
    """Return the segments older than their camera's days."""
    found: list[RecordingSegment] = []
    for camera_id in index.cameras():
        days = limits.days_of.get(camera_id, limits.days)
        old = index.oldest(camera_id=camera_id, before_s=now_s - days * DAY_S)
        found += deletable_segments(old, holds, None, MOST_AT_ONCE - len(found))
    return found


def over_budget(
    index: RecordingIndex, holds: Sequence[RecordingHold], bytes_too_many: int
) -> list[RecordingSegment]:
    """Return the oldest segments of all cameras that free this many bytes."""
    if bytes_too_many <= 0:
        return []
    return deletable_segments(index.oldest(), holds, bytes_too_many)


def delete(
    folder: Path,
    index: RecordingIndex,
    segments: Sequence[RecordingSegment],
    *,
    are_oldest: bool = True,
) -> int:
    """Delete files, then their rows; return the bytes freed. A failing file stays.

    `are_oldest` means that nothing older of their cameras is left, and the index records that.
    """
    changes: list[IndexChange] = []
    freed = 0
    for segment in segments:
        path = folder / segment.path
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("recording %s cannot be deleted: %s", path, error)
            continue
        freed += segment.size_bytes
        changes += _dropped(segment)[: None if are_oldest else 1]
        with suppress(OSError):  # not empty yet
            path.parent.rmdir()
            path.parent.parent.rmdir()
    if changes:
        index.apply(changes)
    return freed


def deletable_segments(
    segments: Iterable[RecordingSegment],
    holds: Sequence[RecordingHold],
    target_bytes: int | None = None,
    most: int = MOST_AT_ONCE,
) -> list[RecordingSegment]:
    """Return segments without a hold, in order, up to a number of bytes or segments."""
    found: list[RecordingSegment] = []
    size = 0
    for segment in segments:
        if len(found) >= most or (target_bytes is not None and size >= target_bytes):
            break
        if not any(hold.covers(segment) for hold in holds):
            found.append(segment)
            size += segment.size_bytes
    return found


def new_hold_id() -> str:
    """Return an id that is also a valid file name."""
    return uuid.uuid4().hex


def _dropped(segment: RecordingSegment) -> list[IndexChange]:
    from_ms, to_ms = round(segment.from_s * 1000), round(segment.to_s * 1000)
    camera_id = segment.camera_id
    return [
        ("DELETE FROM segments WHERE camera = ? AND from_ms = ?", (camera_id, from_ms)),
        (
            "UPDATE cameras SET kept_from_ms = max(coalesce(kept_from_ms, 0), ?) WHERE camera = ?",
            (to_ms, camera_id),
        ),
        (
            "DELETE FROM gaps WHERE camera = ? AND to_ms < (SELECT min(from_ms) FROM segments"
            " WHERE camera = ?)",
            (camera_id, camera_id),
        ),
    ]


def _hold_path(folder: Path, hold_id: str) -> Path:
    if not (hold_id.isalnum() and hold_id.isascii()):
        raise FileNotFoundError(hold_id)
    return folder / HOLDS / f"{hold_id}.json"
