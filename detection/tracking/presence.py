"""Presence of one rule's people or vehicles across lost inferences and new track numbers.

Seconds are watched camera time; gaps count for a few seconds at most.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from thapcanh.detection.detections import Detection
from thapcanh.detection.region import Region, feet, longer_side
from thapcanh.detection.tracking.tracker import LOST_AFTER_S

REACH = 0.35  # of the box's longer side: how far a thing that was hidden may have gone
STEP = 0.5  # of the box's longer side: how far one comes between two looks
STOOD_S = 2.0  # who has not stood for so long before was walking, and is elsewhere by now
DOUBTFUL_S = 3.0  # lost for so long, one is looked at again before it is taken for the same
ALIKE = 0.7  # the smaller box is at least so much of the larger
EDGE = 0.01  # of the picture: a box that comes so near is cut by the picture's edge
PERSON = "person"
MAX_PRESENCES = 200  # the longest unseen go first

Point = tuple[float, float]


@dataclass(slots=True, kw_only=True, eq=False)
class PresentTrack:
    """Person or vehicle; changed only by `PresenceTracker`."""

    track_id: int
    label: str
    region: Region
    confidence: float
    seen_at_s: float
    stands_at: Point
    came_from: Region | None = None
    """Where it was in the look before its first: a track has its number from the second look on."""
    stood_s: float = 0.0
    unseen_s: float = 0.0

    @property
    def is_seen(self) -> bool:
        """True if the last inference saw it."""
        return self.unseen_s == 0.0

    @property
    def is_standing(self) -> bool:
        """True if it has stood still where it was last."""
        return self.stood_s >= STOOD_S

    @property
    def is_recognisable(self) -> bool:
        """True if it can be recognised seconds later; not if the picture's edge cuts it."""
        return not _is_cut(self.region)

    @property
    def at(self) -> Point:
        return feet(self.region)


class PresenceTracker:
    """Tracks of the last `lost_s` watched seconds."""

    def __init__(self, lost_s: float) -> None:
        self._lost_s = lost_s
        self._unnumbered: list[Detection] = []
        self.all: list[PresentTrack] = []

    def observe(
        self, rows: Sequence[Detection], at_s: float, watched_s: float
    ) -> list[PresentTrack]:
        """Process the tracked rows; return all present, seen in this inference or not."""
        for existing in self.all:
            existing.unseen_s += max(watched_s, 1e-6)  # not seen yet, even if no time has passed
        tracked = {row.track_id: row for row in rows if row.track_id is not None}
        by_track = {existing.track_id: existing for existing in self.all}
        for track_id, row in tracked.items():
            same = by_track.get(track_id)
            if same is not None and same.unseen_s > DOUBTFUL_S and not _may_be(same, row):
                self.all.remove(same)  # the tracker gave its number to another
                same = None
            same = same or self._found_again(row, at_s, tracked.keys())
            if same is None:
                self.all.append(_appeared(track_id, row, at_s, self._unnumbered))
            else:
                _saw(same, track_id, row, at_s)
        self._unnumbered = [row for row in rows if row.track_id is None]
        self.all = [
            existing
            for existing in self.all
            if existing.unseen_s <= self._lost_s or existing.is_seen
        ]
        self.all = sorted(self.all, key=lambda existing: existing.unseen_s)[:MAX_PRESENCES]
        return self.all

    def clear(self) -> None:
        self._unnumbered.clear()
        self.all.clear()

    def _found_again(
        self, row: Detection, at_s: float, numbers: Collection[int]
    ) -> PresentTrack | None:
        """Return the nearest lost track that this row may continue, or None.

        While the tracker remembers a track, its decision stands.
        """
        if _is_cut(row.box):
            return None
        lost = [
            (gap, existing)
            for existing in self.all
            if at_s - existing.seen_at_s >= LOST_AFTER_S and existing.stood_s >= STOOD_S
            if existing.track_id not in numbers and _may_be(existing, row)
            if (gap := math.dist(existing.at, feet(row.box)))
            <= REACH * longer_side(existing.region)
        ]
        return min(lost, key=lambda pair: pair[0])[1] if lost else None


def _may_be(existing: PresentTrack, row: Detection) -> bool:
    return not _is_cut(existing.region) and _are_alike(existing.label, existing.region, row)


def _are_alike(label: str, region: Region, row: Detection) -> bool:
    """Return whether labels and sizes match; a car may be called a truck later."""
    if (label == PERSON) is not (row.label == PERSON):
        return False
    sizes = sorted((longer_side(region), longer_side(row.box)))
    return sizes[0] >= ALIKE * sizes[1]


def _is_cut(region: Region) -> bool:
    """Return whether an edge cuts it; the lower one does not count, since it often hides feet."""
    return region[0] < EDGE or region[2] > 1 - EDGE


def _appeared(
    track_id: int, row: Detection, at_s: float, before: Sequence[Detection]
) -> PresentTrack:
    near = [
        (gap, one.box)
        for one in before
        if _are_alike(one.label, one.box, row)
        if (gap := math.dist(feet(one.box), feet(row.box))) <= STEP * longer_side(row.box)
    ]
    return PresentTrack(
        track_id=track_id,
        label=row.label,
        region=row.box,
        confidence=row.confidence,
        seen_at_s=at_s,
        stands_at=feet(row.box),
        came_from=min(near)[1] if near else None,
    )


def _saw(existing: PresentTrack, track_id: int, row: Detection, at_s: float) -> None:
    if math.dist(existing.stands_at, feet(row.box)) > REACH * longer_side(row.box):
        existing.stands_at, existing.stood_s = feet(row.box), 0.0
    else:
        existing.stood_s += existing.unseen_s  # what was watched since it was last seen
    existing.track_id, existing.region, existing.seen_at_s = track_id, row.box, at_s
    existing.confidence, existing.unseen_s = row.confidence, 0.0
