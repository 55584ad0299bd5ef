"""Keys of recordings in a store, which hold all facts of a segment or gap.

Raises `ObjectStoreError`.
"""

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

from thapcanh.ingest.recording.store.objects import ObjectStore, StoredObject
from thapcanh.ingest.recording.timeline import (
    GapReason,
    RecordedSpan,
    RecordingGap,
    RecordingSegment,
)

CAMERAS = "cameras"
LONGEST_S = 3700.0
"""No segment is longer, and no gap that is told among them."""
MOST_BYTES = 1 << 30
_ID = r"[A-Za-z0-9._-]{1,128}"
_CLIP = re.compile(
    rf"^{CAMERAS}/({_ID})/(\d{{4}}-\d\d-\d\d/\d\d)/"
    r"(\d{13})-(\d{13})-([0-9a-z]{1,16})-(\d{1,6})-(\d{1,10})-(\d{1,7})-([A-Za-z0-9.]{1,48})"
    r"-([0-9a-f]{64})\.mp4$",
    re.ASCII,
)
_GAP = re.compile(
    rf"^{CAMERAS}/({_ID})/(\d{{4}}-\d\d-\d\d/\d\d|state)/"
    r"(\d{13})-(\d{13})-([a-z_]{1,32})-(\d{1,12})\.gap$",
    re.ASCII,
)
_OPEN = re.compile(rf"^{CAMERAS}/({_ID})/state/open-(\d{{13}})-([a-z_]{{1,32}})$", re.ASCII)
_MARK = re.compile(rf"^{CAMERAS}/({_ID})/state/(since|kept)-(\d{{13}})$", re.ASCII)
MOST_LISTED = 40_000
"""A day of a camera is 8,640 segments; of one whose connection breaks every few seconds, more."""
_MOST_STATES = 5_000
_MOST_PER_TIMESTAMP = 20
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment(RecordingSegment):
    """A segment in the store; `path` is its key."""

    sha256: str


def camera_of(key: str) -> str | None:
    """Return the camera of a key; None for a foreign key."""
    camera_id = key.removeprefix(f"{CAMERAS}/").partition("/")[0]
    is_ours = key.startswith(f"{CAMERAS}/{camera_id}/") and re.fullmatch(_ID, camera_id)
    return camera_id if is_ours else None


def camera_prefix(camera_id: str) -> str:
    return f"{CAMERAS}/{camera_id}/"


def state_prefix(camera_id: str) -> str:
    """Return the prefix of entries that belong to no single hour."""
    return f"{CAMERAS}/{camera_id}/state/"


def time_prefix(camera_id: str, at_s: float) -> str:
    """Return the prefix of keys that start at `at_s`; all earlier ones sort before it."""
    at_ms = _ms(at_s)
    return f"{CAMERAS}/{camera_id}/{_hour(at_ms)}/{at_ms:013d}-"


def segment_key(segment: RecordingSegment, sha256: str) -> str:
    one = segment
    return (
        f"{time_prefix(one.camera_id, one.from_s)}{_ms(one.to_s):013d}-{one.run}-{one.init_bytes}"
        f"-{one.size_bytes}-{one.packets}-{one.codec}-{sha256}.mp4"
    )


def gap_key(camera_id: str, gap: RecordingGap) -> str:
    """Return the key of a gap; open and long ones go to the state prefix."""
    if gap.to_s is None:
        return f"{state_prefix(camera_id)}open-{_ms(gap.from_s):013d}-{gap.reason}"
    stated = f"{_ms(gap.to_s):013d}-{gap.reason}-{gap.packets}.gap"
    if gap.to_s - gap.from_s > LONGEST_S:
        return f"{state_prefix(camera_id)}{_ms(gap.from_s):013d}-{stated}"
    return time_prefix(camera_id, gap.from_s) + stated


def since_key(camera_id: str, at_s: float) -> str:
    """Return the key for a camera recorded since `at_s`."""
    return f"{state_prefix(camera_id)}since-{_ms(at_s):013d}"


def retained_key(camera_id: str, at_s: float) -> str:
    """Return the key for deleted recordings before `at_s`."""
    return f"{state_prefix(camera_id)}kept-{_ms(at_s):013d}"


def read_segment(key: str) -> StoredSegment | None:
    """Parse a segment's key; None for a foreign key."""
    found = _CLIP.match(key)
    if found is None:
        return None
    camera_id, hour, start, end, run, init, size, packets, codec, sha256 = found.groups()
    from_ms, to_ms = int(start), int(end)
    is_plausible = (
        _hour(from_ms) == hour
        and 0 < to_ms - from_ms <= LONGEST_S * 1000
        and 0 < int(init) < int(size) <= MOST_BYTES
    )
    if not is_plausible:
        return None
    return StoredSegment(
        camera_id=camera_id,
        from_s=from_ms / 1000,
        to_s=to_ms / 1000,
        run=run,
        path=key,
        init_bytes=int(init),
        size_bytes=int(size),
        packets=int(packets),
        codec=codec,
        sha256=sha256,
    )


def read_gap(key: str) -> RecordingGap | None:
    """Parse a gap's key; None for a foreign key."""
    found = _GAP.match(key)
    if found is not None:
        _, hour, start, end, reason, packets = found.groups()
        if int(start) >= int(end) or hour not in (_hour(int(start)), "state"):
            return None
        return RecordingGap(
            from_s=int(start) / 1000,
            to_s=int(end) / 1000,
            reason=_reason(reason),
            packets=int(packets),
        )
    found = _OPEN.match(key)
    if found is None:
        return None
    return RecordingGap(from_s=int(found[2]) / 1000, to_s=None, reason=_reason(found[3]))


def read_mark(key: str) -> tuple[str, float] | None:
    """Return which mark a key is (`since` or `kept`) and its time; None for other keys."""
    found = _MARK.match(key)
    return None if found is None else (found[2], int(found[3]) / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInterval:
    """Segments and gaps found in a store, not cut to the interval."""

    segments: list[StoredSegment]
    gaps: list[RecordingGap]
    span: RecordedSpan


class RecordingCatalogue:
    """Listing of recordings in a store; thread-safe."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], StoredSegment] = OrderedDict()

    def stretch(self, camera_id: str, from_s: float, to_s: float) -> StoredInterval:
        """Return the segments and gaps that may overlap the interval, in order."""
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
        return StoredInterval(
            segments=[one for one in segments if one.to_s > from_s],
            gaps=sorted(gaps, key=lambda gap: gap.from_s),
            span=_span(states),
        )

    def begins(self, camera_id: str) -> float | None:
        """Return the start of a camera's first retained recording, or None."""
        for one in self._store.listed(camera_prefix(camera_id), most=MOST_LISTED):
            if (segment := _segment(camera_id, one)) is not None:
                return segment.from_s
            if one.key.startswith(state_prefix(camera_id)):
                break
        return None

    def segment_at(self, camera_id: str, from_ms: int) -> StoredSegment | None:
        """Return the segment that starts at this millisecond, or None."""
        with self._lock:
            indexed = self._known.get((camera_id, from_ms))
        if indexed is not None:
            return indexed
        prefix = time_prefix(camera_id, from_ms / 1000)
        found = [
            segment
            for one in self._store.listed(prefix, most=_MOST_PER_TIMESTAMP)
            if (segment := _segment(camera_id, one)) is not None
        ]
        return max(found, key=lambda one: one.to_s, default=None)

    def discard(self, segment: StoredSegment) -> None:
        """Drop a segment that no longer exists from the cache."""
        with self._lock:
            self._known.pop((segment.camera_id, round(segment.from_s * 1000)), None)

    def _remember(self, segments: list[StoredSegment]) -> None:
        with self._lock:
            for one in segments:
                self._known[one.camera_id, round(one.from_s * 1000)] = one
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _reason(word: str) -> GapReason:
    return GapReason(word) if word in GapReason.__members__.values() else GapReason.UNKNOWN


def _hour(at_ms: int) -> str:
    """Return the day and hour; valid before the year 2287."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d/%H}"


def _ms(at_s: float) -> int:
    return round(at_s * 1000)


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
