"""Retention in the shared store and on a machine's own disk.

Raises `HoldUnreadable`, `ObjectStoreError` or `OSError`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.ingest.recording.index import RecordingIndex, gap_opened
from thapcanh.ingest.recording.period_retention import (
    DeletedRecordings,
    RecordingPeriod,
    delete_due,
    deleted_gaps,
    held_by,
    periods_of,
)
from thapcanh.ingest.recording.retention import (
    DAY_S,
    MOST_AT_ONCE,
    RecordingHold,
    RecordingLimits,
    deletable_segments,
    delete,
    expired,
    holds_of,
    over_budget,
)
from thapcanh.ingest.recording.store.objects import ListingTooLong, ObjectStore
from thapcanh.ingest.recording.store.segment_keys import (
    CAMERAS,
    LONGEST_S,
    MOST_LISTED,
    StoredSegment,
    camera_of,
    camera_prefix,
    gap_key,
    read_gap,
    read_mark,
    read_segment,
    retained_key,
    state_prefix,
    time_prefix,
)
from thapcanh.ingest.recording.store.shared_records import is_copy_recent

CAMERAS_A_TURN = 500
_BEHIND_ALL = "~"  # sorts after every letter of a key
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Found:
    """Listed entries that may be deleted."""

    segments: list[StoredSegment] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


class StoreRetention:
    """Remembers how far it came. One thread."""

    def __init__(
        self,
        store: ObjectStore,
        holds: Callable[[], Sequence[RecordingHold]],
        periods: Callable[[], Sequence[RecordingPeriod]],
        count: Callable[[str, DeletedRecordings], None],
    ) -> None:
        """Create it; `holds` is called again before each camera's deletion."""
        self._store = store
        self._holds = holds
        self._periods = periods
        self._count = count
        self._after = ""
        self._counted: set[str] = set()  # periods of which nothing is left

    def turn(self, limits: RecordingLimits, now_s: float) -> int:
        """Delete what is due of some cameras; return the bytes freed.

        A camera missing in `days_of` left the site: it is retained as long as the longest.
        """
        periods = self._periods()
        freed = self._due(periods, now_s)
        longest = max([limits.days, *limits.days_of.values()])
        for _ in range(CAMERAS_A_TURN):
            there = self._store.listed(f"{CAMERAS}/", after=self._after, most=1, page=1)
            first = next(iter(there), None)
            if first is None:
                self._after = ""
                break
            camera_id = camera_of(first.key)
            if camera_id is None:
                self._after = first.key
                continue
            self._after = camera_prefix(camera_id) + _BEHIND_ALL
            until_s = now_s - limits.days_of.get(camera_id, longest) * DAY_S
            if first.key < time_prefix(camera_id, until_s):
                freed += self._expire(camera_id, until_s, held_by(periods, now_s))
        return freed

    def _expire(self, camera_id: str, until_s: float, kept: Sequence[RecordingHold]) -> int:
        freed = 0
        for found in self._found(camera_id, 0.0, until_s):
            holds = [*self._holds(), *kept]  # after the listing, which takes long
            going = [
                one
                for one in found.segments
                if one.to_s <= until_s and not any(hold.covers(one) for hold in holds)
            ]
            is_held = any(hold.camera_id in (None, camera_id) for hold in holds)
            self._store.delete([*(one.path for one in going), *(() if is_held else found.gaps)])
            if going:
                self._tell_kept(camera_id, max(one.to_s for one in going))
            freed += sum(one.size_bytes for one in going)
        return freed

    def _found(self, camera_id: str, from_s: float, to_s: float) -> Iterator[_Found]:
        """Yield the entries in batches that fit in memory."""
        after: str | None = time_prefix(camera_id, from_s)
        while after is not None:
            found = _Found()
            after = self._part(camera_id, after, to_s, found)
            yield found

    def _part(self, camera_id: str, after: str, to_s: float, found: _Found) -> str | None:
        """Read a part; the key to go on after, None at the end."""
        start, end = after, time_prefix(camera_id, to_s)
        listed = self._store.listed(camera_prefix(camera_id), after=after, most=MOST_LISTED)
        while True:
            try:
                one = next(listed, None)
            except ListingTooLong:
                if after == start:  # it lists, and never what comes next
                    raise
                return after
            if one is None or one.key >= end:
                return None
            after = one.key
            segment = read_segment(one.key)
            gap = read_gap(one.key) if segment is None else None
            if segment is not None and segment.camera_id == camera_id:
                found.segments.append(segment)
            elif gap is not None and gap.to_s is not None and gap.to_s <= to_s:
                found.gaps.append(one.key)

    def _tell_kept(self, camera_id: str, at_s: float) -> None:
        own = retained_key(camera_id, at_s)
        self._store.put(own, b"")
        states = list(self._store.listed(state_prefix(camera_id), most=MOST_LISTED))
        self._store.delete(
            [
                one.key
                for one in states
                if (mark := read_mark(one.key)) is not None
                and mark[0] == "kept"
                and mark[1] < at_s
                and one.key != own
            ]
        )

    def _due(self, periods: Iterable[RecordingPeriod], now_s: float) -> int:
        freed = 0
        every = list(periods)
        for one in every:
            if not one.goes(now_s) or one.period_id in self._counted:
                continue
            is_all = True
            for camera in one.cameras:
                for clip in self._found(camera, max(0.0, one.from_s - LONGEST_S), one.to_s):
                    there = [each for each in clip.segments if each.to_s > one.from_s]
                    holds = [*self._holds(), *held_by(every, now_s)]
                    going = [each for each in there if not any(hold.covers(each) for hold in holds)]
                    self._store.delete([each.path for each in going])
                    for name, gap in deleted_gaps(going):
                        self._store.put(gap_key(name, gap), b"")
                    size = sum(each.size_bytes for each in going)
                    if going:
                        removed = DeletedRecordings(segments=len(going), bytes=size, is_all=False)
                        self._count(one.period_id, removed)
                    is_all = is_all and len(going) == len(there)
                    freed += size
            if is_all:
                self._count(one.period_id, DeletedRecordings(is_all=True))
                self._counted.add(one.period_id)
        return freed


def tidy(
    folder: Path, index: RecordingIndex, kept: RecordingLimits, *, now_s: float, lacking: int
) -> int:
    """Delete what is due, and what frees the lacking space; return the bytes freed.

    Raise `HoldUnreadable` or `sqlite3.Error` too.
    """
    periods = periods_of(folder)
    holds = [*holds_of(folder), *held_by(periods, now_s)]
    freed = delete_due(folder, index, periods, holds, now_s)
    lacking -= freed
    if kept.local_days is not None:
        return freed + tidy_copies(folder, index, kept, holds, now_s=now_s, lacking=lacking)
    old = delete(folder, index, expired(index, kept, holds, now_s))
    too_many = max(index.total_bytes() - kept.max_bytes, lacking - old)
    freed += old + delete(folder, index, over_budget(index, holds, too_many))
    if freed:
        log.info("recording: %.1f MB deleted, oldest first", freed / 1e6)
    return freed


def tidy_copies(
    folder: Path,
    index: RecordingIndex,
    limits: RecordingLimits,
    holds: Sequence[RecordingHold],
    *,
    now_s: float,
    lacking: int = 0,
) -> int:
    """Delete local copies that are too old or too many; return the bytes freed."""
    days = limits.local_days or 0.0
    old = index.oldest(before_s=now_s - days * DAY_S, are_stored=True)
    freed = delete(folder, index, deletable_segments(old, holds), are_oldest=False)
    if is_copy_recent(folder, now_s):  # else it may be held since, and this is the only copy
        freed += delete(folder, index, expired(index, limits, holds, now_s))
    too_many = max(index.total_bytes() - limits.max_bytes, lacking - freed)
    if too_many > 0:
        copies = deletable_segments(index.oldest(are_stored=True), holds, too_many)
        removed = delete(folder, index, copies, are_oldest=False)
        freed += removed
        if len(copies) < MOST_AT_ONCE or not removed:  # else there are more copies: the next round
            freed += _lose(folder, index, holds, too_many - removed)
    return freed


def _lose(
    folder: Path, index: RecordingIndex, holds: Sequence[RecordingHold], too_many: int
) -> int:
    """Delete recordings without another copy, and record the gap."""
    going = over_budget(index, holds, too_many)
    freed = delete(folder, index, going, are_oldest=False)
    removed = [one for one in going if not (folder / one.path).exists()]
    index.apply([gap_opened(*gap) for gap in deleted_gaps(removed)])
    if freed:
        log.error("recording: %.1f MB deleted that the store does not have", freed / 1e6)
    return freed
