"""What a store has of a camera between two moments, by its listing: bounded, and not believed.

A key that is none of ours, or whose film is said to have another size, is passed over: what it hid
is a gap then. Raises `ObjectStoreError`.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from ingest.recording.store.objects import ObjectStore, StoredObject
from ingest.recording.store.segment_keys import (
    LONGEST_S,
    StoredSegment,
    camera_prefix,
    read_gap,
    read_mark,
    read_segment,
    state_prefix,
    time_prefix,
)
from ingest.recording.timeline import RecordedSpan, RecordingGap

MOST_LISTED = 40_000
"""A day of a camera is 8,640 segments; of one whose connection breaks every few seconds, more."""
_MOST_STATES = 5_000
_MOST_AT_A_MOMENT = 20
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStretch:
    """What was found; nothing is cut to the stretch."""

    segments: list[StoredSegment]
    gaps: list[RecordingGap]
    span: RecordedSpan


class RecordingCatalogue:
    """Any thread may ask."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], StoredSegment] = OrderedDict()

    def stretch(self, camera_id: str, from_s: float, to_s: float) -> StoredStretch:
        """The segments and gaps that may touch the stretch, in order."""
        states = list(self._store.listed(state_prefix(camera_id), most=_MOST_STATES))
        gaps = [gap for one in states if (gap := read_gap(one.key)) is not None]
        segments: list[StoredSegment] = []
        after = time_prefix(camera_id, max(0.0, from_s - LONGEST_S))
        end = time_prefix(camera_id, to_s)
        for one in self._store.listed(camera_prefix(camera_id), after=after, most=MOST_LISTED):
            if one.key >= end:
                break
            if (segment := _segment(camera_id, one)) is not None:
                segments.append(segment)
            elif (gap := read_gap(one.key)) is not None:
                gaps.append(gap)
        self._remember(segments)
        return StoredStretch(
            segments=[one for one in segments if one.to_s > from_s],
            gaps=sorted(gaps, key=lambda gap: gap.from_s),
            span=_span(states),
        )

    def begins(self, camera_id: str) -> float | None:
        """When the first film begins that is kept of a camera; None where there is none."""
        for one in self._store.listed(camera_prefix(camera_id), most=MOST_LISTED):
            if (segment := _segment(camera_id, one)) is not None:
                return segment.from_s
            if one.key.startswith(state_prefix(camera_id)):
                break
        return None

    def segment_at(self, camera_id: str, from_ms: int) -> StoredSegment | None:
        """The segment that begins at this millisecond."""
        with self._lock:
            known = self._known.get((camera_id, from_ms))
        if known is not None:
            return known
        prefix = time_prefix(camera_id, from_ms / 1000)
        found = [
            segment
            for one in self._store.listed(prefix, most=_MOST_AT_A_MOMENT)
            if (segment := _segment(camera_id, one)) is not None
        ]
        return max(found, key=lambda one: one.to_s, default=None)

    def forget(self, segment: StoredSegment) -> None:
        """It is not there any more."""
        with self._lock:
            self._known.pop((segment.camera_id, round(segment.from_s * 1000)), None)

    def _remember(self, segments: list[StoredSegment]) -> None:
        with self._lock:
            for one in segments:
                self._known[one.camera_id, round(one.from_s * 1000)] = one
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _segment(camera_id: str, listed: StoredObject) -> StoredSegment | None:
    found = read_segment(listed.key)
    is_so = (
        found is not None and found.camera_id == camera_id and found.size_bytes == listed.size_bytes
    )
    return found if is_so else None


def _span(states: list[StoredObject]) -> RecordedSpan:
    marks = [mark for one in states if (mark := read_mark(one.key)) is not None]
    return RecordedSpan(
        recorded_from=min((at for word, at in marks if word == "since"), default=None),
        kept_from=max((at for word, at in marks if word == "kept"), default=None),
    )
