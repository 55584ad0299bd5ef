"""Recorder of sightings on a thread beside inference, and their expiry.

`observe` never waits for the disk; finished tracks are queued, limited, and written every few
seconds, and due ones deleted.
"""

import logging
import shutil
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thapcanh.config.camera import CameraConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.sightings.camera_sightings import CameraSightings
from thapcanh.detection.sightings.sighting import SightingRecord
from thapcanh.detection.sightings.store import (
    SIGHTINGS_FILE,
    DropKey,
    SightingBatch,
    SightingStore,
    SlotAnalysis,
    SlotKey,
    slot_of,
)
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.recording.disk import RecordingDisk
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.journal import set_aside
from thapcanh.ingest.recording.period_retention import held_by, periods_of
from thapcanh.ingest.recording.retention import (
    DAY_S,
    HoldUnreadable,
    RecordingHold,
    RecordingLimits,
    holds_of,
)
from thapcanh.ingest.stoppable_thread import StoppableThread


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


WRITE_EVERY_S = 5.0
EXPIRE_EVERY_S = 60.0
MOST_WAITING = 20_000
"""Ended tracks that wait for the disk: about 12 MB."""
LONGEST_GAP_S = 6.0
"""Between two looks of a camera that was looked at all the time."""
STOP_WITHIN_S = 5.0
_AGAIN = "begun again empty"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """Records not written yet."""

    sightings: deque[tuple[int, SightingRecord]] = field(default_factory=deque)
    looks: dict[SlotKey, SlotAnalysis] = field(default_factory=dict)
    dropped: dict[DropKey, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Watched:
    """Camera being recorded."""

    spec: CameraConfig
    tracks: CameraSightings
    looked_s: float | None = None


class SightingRecorder:
    """Recorder of one worker's sightings. `follow`, `observe` and `figures` are thread-safe."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        retained: RecordingLimits,
        *,
        remembered: Path | None = None,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        """`remembered`: the file that knows the folder's disk."""
        self._folder = folder
        self._disk = RecordingDisk(folder, remembered)
        self._clock = clock
        self._kept = retained
        self._free_bytes = free_bytes
        self._lock = threading.Lock()
        self._cameras: dict[str, _Watched] = {}
        self._waiting = _Waiting()
        self._number = 0
        self._stored = self._dropped = 0
        self._store: SightingStore | None = None
        self._store_id: str | None = None
        self._errors: dict[str, str | None] = {}
        self._expire_at = float("-inf")
        self._thread = StoppableThread(self._run, "sightings", clock)

    def follow(self, cameras: Collection[CameraConfig]) -> None:
        """Record these cameras and no others; a changed one starts new tracks."""
        with self._lock:
            requested = {spec.id: spec for spec in cameras}
            for camera_id, watched in list(self._cameras.items()):
                if requested.get(camera_id) != watched.spec:
                    self._keep(self._cameras.pop(camera_id).tracks.end())
            for camera_id, spec in requested.items():
                if camera_id not in self._cameras:
                    self._cameras[camera_id] = _Watched(spec, CameraSightings(spec))
        if requested:
            self._thread.start()

    def observe(self, frame: Frame, detections: Detections, *, is_idle: bool) -> None:
        """Process an inference on its thread. `is_idle` means nothing moves in the picture."""
        with self._lock:
            watched = self._cameras.get(frame.camera_id)
            if watched is not None:
                self._count_look(watched, detections.captured_at, is_idle=is_idle)
                self._keep(watched.tracks.observe(frame, detections))

    def stop(self) -> bool:
        """End every track and write what waits; return False if the disk does not allow it."""
        self.follow(())
        return self._thread.stop(STOP_WITHIN_S)

    def figures(self) -> dict[str, Any]:
        """Return the metrics without touching the disk."""
        return {
            "store": self._store_id,
            "cameras": len(self._cameras),
            "stored": self._stored,
            "dropped": self._dropped,
            "waiting": len(self._waiting.sightings),
            "error": next((error for error in self._errors.values() if error), None),
        }

    def _count_look(self, watched: _Watched, at_s: float, *, is_idle: bool) -> None:
        before, watched.looked_s = watched.looked_s, at_s
        if before is None or not 0 < at_s - before <= LONGEST_GAP_S:
            return
        key = watched.spec.id, slot_of(at_s)
        looks = self._waiting.looks.setdefault(key, SlotAnalysis())
        passed_ms = round(1000 * (at_s - before))
        if is_idle:
            looks.idle_ms += passed_ms
        else:
            looks.awake_ms += passed_ms

    def _keep(self, ended: list[SightingRecord]) -> None:
        for one in ended:
            if len(self._waiting.sightings) >= MOST_WAITING:
                self._count_dropped(one)
                continue
            self._number += 1
            self._waiting.sightings.append((self._number, one))

    def _count_dropped(self, one: SightingRecord) -> None:
        key = one.camera_id, slot_of(one.from_s), one.label
        self._waiting.dropped[key] = self._waiting.dropped.get(key, 0) + 1
        self._dropped += 1

    def _run(self) -> None:
        while not self._thread.pause(WRITE_EVERY_S):
            try:
                self._round()
            except Exception:  # the outermost line of this thread
                log.exception("sightings: a fault of ours; it goes on")
        try:
            self._write()
        except Exception:  # the outermost line of this thread
            log.exception("sightings: a fault of ours while it ended")
        self._close()

    def _round(self) -> None:
        self._write()
        if self._store is not None and self._clock.monotonic() >= self._expire_at:
            is_left = self._expire(self._store)
            self._expire_at = self._clock.monotonic() + (0.0 if is_left else EXPIRE_EVERY_S)

    def _write(self) -> None:
        """Write what waits; what cannot be written waits on."""
        with self._lock:
            accepted, self._waiting = self._waiting, _Waiting()
        batch = SightingBatch(
            sightings=tuple(accepted.sightings), looks=accepted.looks, dropped=accepted.dropped
        )
        try:
            self._disk.require()
            if self._is_full():
                raise OSError("the disk has no room")
            over = self._opened().write(batch)
        except (sqlite3.Error, OSError) as error:
            self._failed("writing", error)
            self._put_back(accepted)
            return
        self._tell("writing", None)
        self._stored += len(batch.sightings) - over
        self._dropped += over

    def _put_back(self, accepted: _Waiting) -> None:
        with self._lock:
            newer, self._waiting = self._waiting, accepted
            for key, looks in newer.looks.items():
                existing = accepted.looks.setdefault(key, SlotAnalysis())
                existing.awake_ms += looks.awake_ms
                existing.idle_ms += looks.idle_ms
            for drop, count in newer.dropped.items():
                accepted.dropped[drop] = accepted.dropped.get(drop, 0) + count
            for number, one in newer.sightings:
                if len(accepted.sightings) < MOST_WAITING:
                    accepted.sightings.append((number, one))
                else:
                    self._count_dropped(one)

    def _is_full(self) -> bool:
        """Return whether the free space is reserved for evidence."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._free_bytes(self._folder) < self._kept.min_free_bytes // 2

    def _opened(self) -> SightingStore:
        if self._store is None:
            try:
                self._store = SightingStore(self._folder)
            except sqlite3.DatabaseError as error:
                if not set_aside(self._folder / SIGHTINGS_FILE, error, _AGAIN):
                    raise
                self._store = SightingStore(self._folder)
            self._store_id = self._store.store_id()
        return self._store

    def _expire(self, store: SightingStore) -> bool:
        is_left = False
        try:
            is_left = expire(store, self._folder, self._kept, self._clock.utc())
            self._tell("deleting", None)
        except HoldUnreadable as error:
            self._tell("deleting", str(error))
        except (sqlite3.Error, OSError) as error:
            self._failed("deleting", error)
        return is_left

    def _failed(self, act: str, error: Exception) -> None:
        self._close()
        with suppress(OSError):
            set_aside(self._folder / SIGHTINGS_FILE, error, _AGAIN)
        self._tell(act, f"{SIGHTINGS_FILE}: {error}")

    def _tell(self, act: str, error: str | None) -> None:
        if error is not None and error != self._errors.get(act):
            log.error("sightings: %s", error)
        self._errors[act] = error

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
