"""What is hidden in each picture of a film that was looked at a few times a second. Pure.

A region is hidden from a moment before it was seen until a moment after. Where it was lost, and
something was seen near it within a few seconds, everything between the two is hidden for that time:
nobody is seen because one look missed them. All errors are on the side of hiding more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from detection.redaction.regions import Box, HiddenRegion, grown, hull, overlap

SAMPLE_S = 0.2  # a runner moves by less than his width meanwhile
HOLD_S = 0.6  # three looks
LINK_S = 3.0
_TICK_S = 1e-6
_NEAR = 0.6  # of its size: as far as detection/tracking/tracker.py believes it is the same
_NEAR_PER_S = 1.0  # and further with each second that it was not seen


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: its moment in the film, and what is hidden there."""

    at_s: float
    regions: tuple[HiddenRegion, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    from_s: float
    to_s: float
    box: Box


class Cover:
    """The hidden regions of one film, for every moment of it; asked in the film's order."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        """`samples` in the order of their moments."""
        self._stretches = sorted(_stretches(samples), key=lambda one: one.from_s)
        self._begins = [one.from_s for one in self._stretches]
        self._longest_s = max((one.to_s - one.from_s for one in self._stretches), default=0.0)
        self._known: tuple[float, float, list[Box]] = (0.0, float("-inf"), [])

    def at(self, at_s: float) -> list[Box]:
        """What is hidden at this moment, without what lies within another."""
        from_s, to_s, boxes = self._known
        if not from_s <= at_s <= to_s:
            first = bisect_left(self._begins, at_s - self._longest_s)
            last = bisect_right(self._begins, at_s)
            some = [one for one in self._stretches[first:last] if one.to_s >= at_s]
            ends = [one.to_s for one in some]
            if last < len(self._begins):
                ends.append(self._begins[last] - _TICK_S)
            boxes = _outermost({one.box for one in some})
            self._known = (at_s, min(ends, default=float("inf")), boxes)
        return boxes


def _stretches(samples: Sequence[Sample]) -> list[_Stretch]:
    found = []
    for number, sample in enumerate(samples):
        for region in sample.regions:
            found.append(_Stretch(sample.at_s - HOLD_S, sample.at_s + HOLD_S, region.box))
            between = _until_seen_again(region, sample.at_s, samples, number + 1)
            if between is not None:
                found.append(between)
    return found


def _until_seen_again(
    region: HiddenRegion, at_s: float, samples: Sequence[Sample], first: int
) -> _Stretch | None:
    """What lies between a region and the nearest of its label in the next look that has one."""
    for later in samples[first:]:
        gap_s = later.at_s - at_s
        if gap_s > LINK_S:
            break
        near = grown(region.box, _NEAR + _NEAR_PER_S * gap_s)
        shared = [
            (overlap(near, other.box), other.box)
            for other in later.regions
            if other.label == region.label
        ]
        most, again = max(shared, default=(0.0, region.box))
        if most > 0.0:
            return _Stretch(at_s, later.at_s, hull(region.box, again))
    return None


def _outermost(boxes: Collection[Box]) -> list[Box]:
    """The boxes that lie within no other; a crowd has thousands."""
    found = np.array(sorted(boxes), dtype=np.float64).reshape(-1, 4)
    starts, ends = found[:, :2], found[:, 2:]
    starts_in = np.all(starts[:, None] >= starts[None], axis=-1)
    is_in = np.asarray(starts_in & np.all(ends[:, None] <= ends[None], axis=-1))
    np.fill_diagonal(is_in, val=False)
    is_kept = ~np.any(is_in, axis=1)
    return [(row[0], row[1], row[2], row[3]) for row in found[is_kept].tolist()]
