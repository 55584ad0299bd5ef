"""Who is here: the people or vehicles of one rule, over lost looks and new track numbers.

A tracker's number ends when a thing is hidden for some seconds or the camera reconnects. Who
appears after that where somebody of the same size stood is taken to be the same; not where somebody
walked, or at the edge of the picture, for there one goes and another comes. Seconds are watched
camera time: a gap in which the camera was not looked at counts for a few seconds at most.
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
    """One person or vehicle; changed only by `PresenceTracker`."""

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
        """Whether the last look saw it."""
        return self.unseen_s == 0.0

    @property
    def is_standing(self) -> bool:
        """Whether it has stood where it was seen last."""
        return self.stood_s >= STOOD_S

    @property
    def is_known_again(self) -> bool:
        """Whether looks seconds apart know it for the same; not if the picture's edge cuts it."""
        return not _is_cut(self.region)

    @property
    def at(self) -> Point:
        """Where it stands."""
        return feet(self.region)


class PresenceTracker:
    """All that were seen within the last `lost_s` watched seconds."""

    def __init__(self, lost_s: float) -> None:
        self._lost_s = lost_s
        self._unnumbered: list[Detection] = []
        self.all: list[PresentTrack] = []

    def observe(
        self, rows: Sequence[Detection], at_s: float, watched_s: float
    ) -> list[PresentTrack]:
        """Take in the tracked rows of a look; those who left or were lost for too long are gone.

        Returns all who are here, seen in this look or not.
        """
        for known in self.all:
            known.unseen_s += max(watched_s, 1e-6)  # not seen yet, even if no time has passed
        tracked = {row.track_id: row for row in rows if row.track_id is not None}
        by_track = {known.track_id: known for known in self.all}
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
        self.all = [known for known in self.all if known.unseen_s <= self._lost_s or known.is_seen]
        self.all = sorted(self.all, key=lambda known: known.unseen_s)[:MAX_PRESENCES]
        return self.all

    def clear(self) -> None:
        """Forget everybody."""
        self._unnumbered.clear()
        self.all.clear()

    def _found_again(
        self, row: Detection, at_s: float, numbers: Collection[int]
    ) -> PresentTrack | None:
        """The nearest lost one that may be it, if it was lost where this one appears.

        As long as the tracker remembers somebody, it knows better than we do who it is not.
        """
        if _is_cut(row.box):
            return None
        lost = [
            (gap, known)
            for known in self.all
            if at_s - known.seen_at_s >= LOST_AFTER_S and known.stood_s >= STOOD_S
            if known.track_id not in numbers and _may_be(known, row)
            if (gap := math.dist(known.at, feet(row.box))) <= REACH * longer_side(known.region)
        ]
        return min(lost, key=lambda pair: pair[0])[1] if lost else None


def _may_be(known: PresentTrack, row: Detection) -> bool:
    return not _is_cut(known.region) and _are_alike(known.label, known.region, row)


def _are_alike(label: str, region: Region, row: Detection) -> bool:
    """A person is no vehicle; but what was a car may look like a truck once it is seen again."""
    if (label == PERSON) is not (row.label == PERSON):
        return False
    sizes = sorted((longer_side(region), longer_side(row.box)))
    return sizes[0] >= ALIKE * sizes[1]


def _is_cut(region: Region) -> bool:
    """The lower edge does not count: where a camera looks down, feet are often hidden there."""
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


def _saw(known: PresentTrack, track_id: int, row: Detection, at_s: float) -> None:
    if math.dist(known.stands_at, feet(row.box)) > REACH * longer_side(row.box):
        known.stands_at, known.stood_s = feet(row.box), 0.0
    else:
        known.stood_s += known.unseen_s  # what was watched since it was last seen
    known.track_id, known.region, known.seen_at_s = track_id, row.box, at_s
    known.confidence, known.unseen_s = row.confidence, 0.0
