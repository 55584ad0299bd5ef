"""Expiry of sightings: with their recording, or after their camera's days."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from thapcanh.detection.sightings.store import SightingStore
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.period_retention import held_by, periods_of
from thapcanh.ingest.recording.retention import DAY_S, RecordingHold, RecordingLimits, holds_of


def expire(store: SightingStore, folder: Path, limits: RecordingLimits, now_s: float) -> bool:
    """Delete what is due, some hours of each camera; return whether more is left.

    Raise `sqlite3.Error`, `OSError` or `HoldUnreadable`.
    """
    periods = periods_of(folder)
    holds = [*holds_of(folder), *held_by(periods, now_s)]
    kept_from = _stored_from(folder)
    is_left = False
    for camera_id, number in store.cameras().items():
        days = limits.days_of.get(camera_id, limits.days)
        until_s = max(now_s - days * DAY_S, kept_from.get(camera_id, 0.0))
        of_camera = [one for one in holds if one.camera_id in (None, camera_id)]
        for from_ms, to_ms in free_stretches(of_camera, until_s):
            is_left |= store.delete(number, from_ms, to_ms)
        for period in periods:
            if camera_id in period.cameras and period.goes(now_s):
                start_ms = round(period.from_s * 1000)
                for from_ms, to_ms in free_stretches(of_camera, period.to_s):
                    if to_ms > start_ms:
                        is_left |= store.delete(number, max(from_ms, start_ms), to_ms)
    return is_left


def free_stretches(holds: Sequence[RecordingHold], until_s: float) -> Iterator[tuple[int, int]]:
    """Yield the intervals before a time that no hold covers, in ms."""
    at_ms, until_ms = 0, round(until_s * 1000)
    for hold in sorted(holds, key=lambda one: one.from_s):
        start_ms = min(round(hold.from_s * 1000), until_ms)
        if start_ms > at_ms:
            yield at_ms, start_ms
        at_ms = max(at_ms, round(hold.to_s * 1000))
    if until_ms > at_ms:
        yield at_ms, until_ms


def _stored_from(folder: Path) -> dict[str, float]:
    """Return since when each camera's recordings are retained, if any were deleted."""
    if not (folder / INDEX_FILE).exists():
        return {}
    index = RecordingIndex(folder, read_only=True)
    try:
        spans = {camera_id: index.span(camera_id).kept_from for camera_id in index.cameras()}
    except sqlite3.OperationalError:  # it is being made
        return {}
    finally:
        index.close()
    return {camera_id: at for camera_id, at in spans.items() if at is not None}
