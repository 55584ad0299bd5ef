"""Who is here: the people or vehicles of one rule, over lost looks and new track numbers.

A tracker's number ends when a thing is hidden for some seconds or the camera reconnects. Whoever
then appears where somebody of the same class was last seen is taken to be the same. Seconds are
watched camera time: a gap in which the camera was not looked at counts for a few seconds at most.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from detection.detections import Row
from detection.region import Region, feet, longer_side

REACH = 0.6  # of the box's longer side: how far a thing that was hidden may have gone
MAX_PRESENCES = 200  # the longest unseen go first

Point = tuple[float, float]


@dataclass(slots=True, kw_only=True, eq=False)
class Presence:
    """One person or vehicle; changed only by `Presences`."""

    track_id: int
    label: str
    region: Region
    confidence: float
    unseen_s: float = 0.0

    @property
    def is_seen(self) -> bool:
        """Whether the last look saw it."""
        return self.unseen_s == 0.0

    @property
    def at(self) -> Point:
        """Where it stands."""
        return feet(self.region)


class Presences:
    """All that were seen within the last `lost_s` watched seconds."""

    def __init__(self, lost_s: float) -> None:
        self._lost_s = lost_s
        self.all: list[Presence] = []

    def look(self, rows: Sequence[Row], watched_s: float) -> list[Presence]:
        """Take in the tracked rows of a look; those who left or were lost for too long are gone.

        Returns all who are here, seen in this look or not.
        """
        for known in self.all:
            known.unseen_s += max(watched_s, 1e-6)  # not seen yet, even if no time has passed
        tracked = {row.track_id: row for row in rows if row.track_id is not None}
        by_track = {known.track_id: known for known in self.all}
        for track_id, row in tracked.items():
            same = by_track.get(track_id) or self._found_again(row, tracked.keys())
            if same is None:
                self.all.append(_appeared(track_id, row))
            else:
                _saw(same, track_id, row)
        self.all = [known for known in self.all if known.unseen_s <= self._lost_s or known.is_seen]
        self.all = sorted(self.all, key=lambda known: known.unseen_s)[:MAX_PRESENCES]
        return self.all

    def clear(self) -> None:
        """Forget everybody."""
        self.all.clear()

    def _found_again(self, row: Row, numbers: Collection[int]) -> Presence | None:
        """The nearest lost one of its class, if it was lost where this one appears."""
        lost = [
            (gap, known)
            for known in self.all
            if not known.is_seen and known.track_id not in numbers and known.label == row.label
            if (gap := math.dist(known.at, feet(row.box))) <= REACH * longer_side(known.region)
        ]
        return min(lost, key=lambda pair: pair[0])[1] if lost else None


def _appeared(track_id: int, row: Row) -> Presence:
    return Presence(track_id=track_id, label=row.label, region=row.box, confidence=row.confidence)


def _saw(known: Presence, track_id: int, row: Row) -> None:
    known.track_id, known.region = track_id, row.box
    known.confidence, known.unseen_s = row.confidence, 0.0
