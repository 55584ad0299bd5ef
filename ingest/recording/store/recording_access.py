"""Access to recordings in this machine's folder and in the shared store.

Times are UTC seconds. Raises `RecordingsUnavailable` for the folder, `ObjectStoreError` for the
store, and `OSError`.
"""

import itertools
import logging
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from thapcanh.ingest.recording.disk import RecordingDisk, RecordingDiskMissing
from thapcanh.ingest.recording.library import (
    RecordedInterval,
    RecordingsUnavailable,
    cut_to,
    one_segment,
    recorded,
    retained_recordings,
    segment_path,
)
from thapcanh.ingest.recording.retention import RecordingHold, lift_hold, local_holds, write_hold
from thapcanh.ingest.recording.store.objects import GuardedStore, ObjectMissing, ObjectStore
from thapcanh.ingest.recording.store.segment_cache import SegmentCache
from thapcanh.ingest.recording.store.segment_keys import RecordingCatalogue, StoredSegment
from thapcanh.ingest.recording.store.shared_records import SharedRecords
from thapcanh.ingest.recording.timeline import (
    TOLERANCE_S,
    GapReason,
    RecordedSpan,
    RecordingGap,
    RecordingSegment,
)

log = logging.getLogger(__name__)
_WORTH_S = 1.0
"""Of a segment that others cover, so much must be its own."""


class SiteRecordingAccess:
    """Recordings of the site; thread-safe. Calls may block as long as a disk or the store does."""

    def __init__(self, disk: RecordingDisk, store: ObjectStore | None, cache_dir: Path) -> None:
        self._disk = disk
        self._store = GuardedStore(store) if store is not None else None
        self._catalogue = RecordingCatalogue(self._store) if self._store is not None else None
        self._records = SharedRecords(self._store) if self._store is not None else None
        self._cache = SegmentCache(cache_dir, self._store) if self._store is not None else None

    def folder(self) -> Path:
        """Return this machine's folder. Raise `RecordingDiskMissing` if its disk is not mounted."""
        self._disk.require()
        return self._disk.folder

    @property
    def store_shown(self) -> str | None:
        return self._store.shown if self._store is not None else None

    @property
    def store_is_silent(self) -> bool:
        return self._store is not None and self._store.is_silent

    def stretch(self, camera_id: str, from_s: float, to_s: float, now_s: float) -> RecordedInterval:
        """Return what was recorded, and every gap, up to `now_s`."""
        if self._catalogue is None:
            return recorded(self.folder(), camera_id, from_s, to_s, now_s)
        local = self._of_this_machine(camera_id, from_s, to_s, now_s)
        if local is not None and _is_whole(local):
            return local
        to_s = max(from_s, min(to_s, now_s))
        stored = self._catalogue.stretch(camera_id, from_s, to_s)
        own = () if local is None else local.segments
        segments = _merged_segments(own, stored.segments)
        named = () if local is None else local.named
        gaps = _merged_gaps(named, stored.gaps, segments)
        recorded_from = [
            one.recorded_from
            for one in (stored.span, RecordedSpan() if local is None else local.span)
            if one.recorded_from is not None
        ]
        span = RecordedSpan(
            recorded_from=min(recorded_from, default=None), kept_from=stored.span.kept_from
        )
        return cut_to(camera_id, (from_s, to_s), span, (segments, gaps), now_s)

    def kept(self, ended: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Return the start and end of retained recordings of cameras that ended at these times."""
        if self._catalogue is None:
            return retained_recordings(self.folder(), ended)
        try:
            found = retained_recordings(self.folder(), ended)
        except RecordingDiskMissing:
            found = {}
        for camera_id, at in ended.items():
            begins = self._catalogue.begins(camera_id)
            if begins is not None:
                own = found.get(camera_id, (begins, at))
                found[camera_id] = min(begins, own[0]), max(at, own[1])
        return found

    def segment(self, camera_id: str, from_ms: int) -> RecordingSegment | None:
        """Return the camera's segment that starts at this millisecond, or None."""
        if self._catalogue is None:
            return one_segment(self.folder(), camera_id, from_ms)
        try:
            found = one_segment(self.folder(), camera_id, from_ms)
        except (RecordingsUnavailable, RecordingDiskMissing):
            found = None
        if found is not None and segment_path(self._disk.folder, found) is not None:
            return found
        return self._catalogue.segment_at(camera_id, from_ms)

    def path(self, segment: RecordingSegment) -> Path | None:
        """Return its recording as a local file; None if it no longer exists."""
        if not isinstance(segment, StoredSegment):
            return segment_path(self.folder(), segment)
        if self._cache is None or self._catalogue is None:
            return None
        try:
            return self._cache.path_of(segment)
        except ObjectMissing:
            self._catalogue.discard(segment)
            return None

    def holds(self) -> list[RecordingHold]:
        """Return every hold. Raise `HoldUnreadable`."""
        return [*local_holds(self.folder()), *(self._records.holds() if self._records else ())]

    def hold(self, hold: RecordingHold) -> None:
        if self._records is not None:
            self._records.write_hold(hold)
        else:
            write_hold(self.folder(), hold)

    def release(self, hold_id: str) -> None:
        folder = self.folder()
        if self._records is not None:
            self._records.lift_hold(hold_id)
        lift_hold(folder, hold_id)

    def _of_this_machine(
        self, camera_id: str, from_s: float, to_s: float, now_s: float
    ) -> RecordedInterval | None:
        """Return None if the folder is unreadable: the store may have everything."""
        try:
            return recorded(self.folder(), camera_id, from_s, to_s, now_s)
        except (RecordingsUnavailable, RecordingDiskMissing) as error:
            log.warning("recordings of this machine: %s", error)
            return None


def _merged_segments(
    local: Sequence[RecordingSegment], stored: Sequence[RecordingSegment]
) -> list[RecordingSegment]:
    """Return each segment once, in order: local copies first, of two runs the earlier."""
    by_name = {(one.from_s, one.run): one for one in [*stored, *local]}
    by_begin: dict[float, RecordingSegment] = {}
    for one in by_name.values():
        other = by_begin.get(one.from_s)
        if other is None or one.to_s > other.to_s:
            by_begin[one.from_s] = one
    found = sorted(by_begin.values(), key=lambda one: one.from_s)
    overlaps = any(
        before.to_s - after.from_s > TOLERANCE_S for before, after in itertools.pairwise(found)
    )
    return _without_doubles(found) if overlaps else found


def _merged_gaps(
    local: Sequence[RecordingGap],
    stored: Sequence[RecordingGap],
    segments: Sequence[RecordingSegment],
) -> list[RecordingGap]:
    """Return the named gaps without recorded parts, each until the next starts."""
    by_begin: dict[float, RecordingGap] = {}
    for one in [*stored, *local]:
        indexed = by_begin.get(one.from_s)
        if indexed is None or indexed.to_s is None or one.to_s is not None:
            by_begin[one.from_s] = one
    named = sorted(by_begin.values(), key=lambda one: one.from_s)
    begins = [one.from_s for one in segments]
    found: list[RecordingGap] = []
    for number, one in enumerate(named):
        ends = [] if one.to_s is None else [one.to_s]
        ends += [after.from_s for after in named[number + 1 : number + 2]]
        if one.to_s is None:
            ends += begins[bisect_left(begins, one.from_s + TOLERANCE_S) :][:1]
        found += _uncovered(replace(one, to_s=min(ends, default=None)), segments, begins)
    return found


def _is_whole(local: RecordedInterval) -> bool:
    """Return whether no other machine or store could add anything."""
    return all(gap.reason is GapReason.BEING_WRITTEN for gap in local.gaps) and bool(local.segments)


def _without_doubles(found: Sequence[RecordingSegment]) -> list[RecordingSegment]:
    first: dict[str, float] = {}
    for one in found:
        first.setdefault(one.run, one.from_s)
    kept: list[tuple[float, float, str]] = []
    segments = {(one.from_s, one.to_s, one.run): one for one in found}
    for key in sorted(segments, key=lambda one: (first[one[2]], one[2], one[0])):
        from_s, to_s, run = key
        if _own_s(kept, from_s, to_s, run) >= min(_WORTH_S, (to_s - from_s) / 2):
            insort(kept, key)
    return [segments[key] for key in kept]


def _own_s(kept: Sequence[tuple[float, float, str]], from_s: float, to_s: float, run: str) -> float:
    """Return the seconds of a segment that other runs do not cover."""
    own_s = to_s - from_s
    at = bisect_left(kept, (from_s, 0.0, ""))
    for start_s, end_s, of_run in kept[max(0, at - 3) :]:
        if start_s >= to_s:
            break
        if of_run != run:
            own_s -= max(0.0, min(to_s, end_s) - max(from_s, start_s))
    return own_s


def _uncovered(
    gap: RecordingGap, segments: Sequence[RecordingSegment], begins: Sequence[float]
) -> list[RecordingGap]:
    """Return the parts of a gap without segments; the first one has its count."""
    found, at_s, packets = [], gap.from_s, gap.packets
    for one in segments[max(0, bisect_left(begins, gap.from_s) - 3) :]:
        if gap.to_s is not None and one.from_s >= gap.to_s:
            break
        if one.to_s <= at_s:
            continue
        if one.from_s > at_s + TOLERANCE_S:
            found.append(replace(gap, from_s=at_s, to_s=one.from_s, packets=packets))
            packets = 0
        at_s = max(at_s, one.to_s)
    if gap.to_s is None or gap.to_s - at_s > TOLERANCE_S:
        found.append(replace(gap, from_s=at_s, packets=packets))
    return found
