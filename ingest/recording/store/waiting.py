"""Index entries that the shared store does not have yet; used by the uploader.

Raises `sqlite3.Error`.
"""

from dataclasses import dataclass
from pathlib import Path

from thapcanh.config.files import replace_file
from thapcanh.ingest.recording.index import IndexChange, RecordingIndex
from thapcanh.ingest.recording.timeline import GapReason, RecordingGap, RecordingSegment

FRESH_S = 120.0
_STORE_FILE = "upload.store"
_FRESH_A_TURN = 64
_OLD_A_TURN = 64
_GAPS_A_TURN = 64
_CONTINUES_S = 30.0
"""A gap that is younger may still be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingGap:
    """Gap whose present state is not in the store."""

    camera_id: str
    gap: RecordingGap


def know_store(folder: Path, index: RecordingIndex, shown: str) -> None:
    """Mark everything as not uploaded if the store changed. Raise `OSError` too."""
    indexed = folder / _STORE_FILE
    if indexed.exists():
        if indexed.read_text(encoding="utf-8") == shown:
            return
        index.apply(
            [
                ("UPDATE segments SET stored = 0 WHERE stored = 1", ()),
                ("UPDATE gaps SET stored_to = NULL", ()),
            ]
        )
    replace_file(indexed, shown)


def waiting_segments(index: RecordingIndex, now_s: float) -> list[RecordingSegment]:
    """Return the segments of the last two minutes, then the oldest; limited."""
    fresh_ms = round((now_s - FRESH_S) * 1000)
    found: list[RecordingSegment] = []
    for condition, most in (("from_ms > ?", _FRESH_A_TURN), ("from_ms <= ?", _OLD_A_TURN)):
        rows = index.rows(
            f"SELECT camera, from_ms FROM segments WHERE stored = 0 AND {condition}"  # noqa: S608 fixed words
            " ORDER BY from_ms LIMIT ?",
            (fresh_ms, most),
        )
        segments = [index.segment_at(str(camera), int(from_ms)) for camera, from_ms in rows]
        found += [one for one in segments if one is not None]
    return found


def backlog(index: RecordingIndex) -> tuple[int, float | None]:
    """Return the number of waiting segments and the start of the oldest."""
    ((count, oldest_ms),) = index.rows(
        "SELECT count(*), min(from_ms) FROM segments WHERE stored = 0"
    )
    return int(count), None if oldest_ms is None else oldest_ms / 1000


def waiting_gaps(index: RecordingIndex, now_s: float) -> list[WaitingGap]:
    """Return closed gaps and long open ones; limited."""
    rows = index.rows(
        "SELECT camera, from_ms, to_ms, reason, packets FROM gaps"
        " WHERE stored_to IS NOT coalesce(to_ms, -1) AND (to_ms > from_ms OR to_ms IS NULL)"
        " AND (to_ms IS NOT NULL OR from_ms < ?) ORDER BY from_ms LIMIT ?",
        (round((now_s - _CONTINUES_S) * 1000), _GAPS_A_TURN),
    )
    return [
        WaitingGap(
            camera_id=str(camera),
            gap=RecordingGap(
                from_s=from_ms / 1000,
                to_s=None if to_ms is None else to_ms / 1000,
                reason=GapReason(reason),
                packets=packets,
            ),
        )
        for camera, from_ms, to_ms, reason, packets in rows
    ]


def segment_done(segment: RecordingSegment, *, is_stored: bool) -> IndexChange:
    """Return the change for an uploaded segment, or for one without a file."""
    return (
        "UPDATE segments SET stored = ? WHERE camera = ? AND from_ms = ?",
        (1 if is_stored else 2, segment.camera_id, round(segment.from_s * 1000)),
    )


def gap_uploaded(camera_id: str, gap: RecordingGap) -> IndexChange:
    """Return the change for an uploaded gap, as far as it is known."""
    to_ms = -1 if gap.to_s is None else round(gap.to_s * 1000)
    return (
        "UPDATE gaps SET stored_to = ? WHERE camera = ? AND from_ms = ?",
        (to_ms, camera_id, round(gap.from_s * 1000)),
    )
