"""One door to recorded film: this machine's folder, and the store of all machines if there is one.

What the folder has whole is not asked of the store. Film of both is one timeline, whoever recorded
it. Raises `RecordingsUnavailable` for the folder, `ObjectStoreError` for the store, and `OSError`.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

from ingest.recording.library import (
    RecordedStretch,
    RecordingsUnavailable,
    cut_to,
    kept_film,
    one_segment,
    recorded,
    segment_path,
)
from ingest.recording.retention import RecordingHold, lift_hold, own_holds, write_hold
from ingest.recording.store.catalogue import RecordingCatalogue
from ingest.recording.store.guarded import GuardedStore
from ingest.recording.store.merged_timeline import merged_gaps, merged_segments
from ingest.recording.store.objects import ObjectMissing, ObjectStore
from ingest.recording.store.segment_cache import SegmentCache
from ingest.recording.store.segment_keys import StoredSegment
from ingest.recording.store.shared_records import SharedRecords
from ingest.recording.timeline import GapReason, RecordedSpan, RecordingSegment

log = logging.getLogger(__name__)


class RecordedFilm:
    """Any thread may ask; any question may block for as long as a disk or the store does."""

    def __init__(self, folder: Path, store: ObjectStore | None, cache_dir: Path) -> None:
        self._folder = folder
        self._store = GuardedStore(store) if store is not None else None
        self._catalogue = RecordingCatalogue(self._store) if self._store is not None else None
        self._records = SharedRecords(self._store) if self._store is not None else None
        self._cache = SegmentCache(cache_dir, self._store) if self._store is not None else None

    @property
    def store_shown(self) -> str | None:
        """The store's place in words; None where there is none."""
        return self._store.shown if self._store is not None else None

    @property
    def store_is_silent(self) -> bool:
        """Whether the store is known not to answer now."""
        return self._store is not None and self._store.is_silent

    def stretch(self, camera_id: str, from_s: float, to_s: float, now_s: float) -> RecordedStretch:
        """What was recorded, and every gap; nothing of the future."""
        if self._catalogue is None:
            return recorded(self._folder, camera_id, from_s, to_s, now_s)
        here = self._of_this_machine(camera_id, from_s, to_s, now_s)
        if here is not None and _is_whole(here):
            return here
        to_s = max(from_s, min(to_s, now_s))
        stored = self._catalogue.stretch(camera_id, from_s, to_s)
        own = () if here is None else here.segments
        segments = merged_segments(own, stored.segments)
        named = () if here is None else here.named
        gaps = merged_gaps(named, stored.gaps, segments)
        recorded_from = [
            one.recorded_from
            for one in (stored.span, RecordedSpan() if here is None else here.span)
            if one.recorded_from is not None
        ]
        span = RecordedSpan(
            recorded_from=min(recorded_from, default=None), kept_from=stored.span.kept_from
        )
        return cut_to(camera_id, (from_s, to_s), span, (segments, gaps), now_s)

    def kept(self, ended: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """When the film begins and ends that is kept of cameras which ended at these moments."""
        found = kept_film(self._folder, ended)
        if self._catalogue is None:
            return found
        for camera_id, at in ended.items():
            begins = self._catalogue.begins(camera_id)
            if begins is not None:
                own = found.get(camera_id, (begins, at))
                found[camera_id] = min(begins, own[0]), max(at, own[1])
        return found

    def segment(self, camera_id: str, from_ms: int) -> RecordingSegment | None:
        """The segment of a camera that begins at this millisecond."""
        if self._catalogue is None:
            return one_segment(self._folder, camera_id, from_ms)
        try:
            found = one_segment(self._folder, camera_id, from_ms)
        except RecordingsUnavailable:
            found = None
        if found is not None and segment_path(self._folder, found) is not None:
            return found
        return self._catalogue.segment_at(camera_id, from_ms)

    def path(self, segment: RecordingSegment) -> Path | None:
        """Its film as a file of this machine; None where it is gone."""
        if not isinstance(segment, StoredSegment):
            return segment_path(self._folder, segment)
        if self._cache is None or self._catalogue is None:
            return None
        try:
            return self._cache.path_of(segment)
        except ObjectMissing:
            self._catalogue.forget(segment)
            return None

    def holds(self) -> list[RecordingHold]:
        """Every hold. Raises `HoldUnreadable`."""
        return [*own_holds(self._folder), *(self._records.holds() if self._records else ())]

    def hold(self, hold: RecordingHold) -> None:
        """Hold a stretch from now on, on every machine."""
        if self._records is not None:
            self._records.write_hold(hold)
        else:
            write_hold(self._folder, hold)

    def release(self, hold_id: str) -> None:
        """End a hold; one of before there was a store is in the folder."""
        if self._records is not None:
            self._records.lift_hold(hold_id)
        lift_hold(self._folder, hold_id)

    def _of_this_machine(
        self, camera_id: str, from_s: float, to_s: float, now_s: float
    ) -> RecordedStretch | None:
        """None where this machine's folder cannot be read: the store may have all of it."""
        try:
            return recorded(self._folder, camera_id, from_s, to_s, now_s)
        except RecordingsUnavailable as error:
            log.warning("recordings of this machine: %s", error)
            return None


def _is_whole(here: RecordedStretch) -> bool:
    """Whether nothing is missing that another machine, or the store, could have."""
    return all(gap.reason is GapReason.BEING_WRITTEN for gap in here.gaps) and bool(here.segments)
