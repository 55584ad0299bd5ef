"""What is hidden in each picture of a film that was looked at a few times a second. Pure.

A region is hidden from a moment before it was seen until a moment after. Where it was lost, and
something was seen near it within a few seconds, everything between the two is hidden for that time:
nobody is seen because one look missed them. All errors are on the side of hiding more: of a crowd
only the cells of a grid are kept that somebody is in.

`blur`: Hiding regions of a picture: a few mean values across each, with soft edges between them. So
few that no face or number can be made out of many pictures of one film either; what burns beside a
person stays as it was. The planes of `yuv420p` are changed in place.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import cv2
import numpy as np

from detection.redaction.regions import CROWD, Box, HiddenRegion, grown, hull, overlap
from ingest.frame import Plane

SAMPLE_S = 0.2  # a runner moves by less than his width meanwhile
HOLD_S = 0.6  # three looks
LINK_S = 3.0
MOST_REGIONS = 64
"""Of one look; of more their cells are kept. An hour has 18,000 looks, all kept until it ends."""
_COLUMNS, _ROWS = 32, 18
_TICK_S = 1e-6
_NEAR = 0.6  # of its size: as far as detection/tracking/tracker.py believes it is the same
_NEAR_PER_S = 1.0  # and further with each second that it was not seen
CELLS = 8
"""Mean values along a region's longer side: a person's head is about one of them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: its moment in the film, and what is hidden there."""

    at_s: float
    regions: tuple[HiddenRegion, ...]


def sample_of(at_s: float, regions: Sequence[HiddenRegion]) -> Sample:
    """A look with what is hidden there, in bounded memory."""
    if len(regions) > MOST_REGIONS:
        return Sample(at_s, _in_cells(regions))
    return Sample(at_s, tuple(regions))


def _in_cells(regions: Sequence[HiddenRegion]) -> tuple[HiddenRegion, ...]:
    """All cells that a region touches, as few rows of them; the same rows are the same objects."""
    is_hidden = np.zeros((_ROWS, _COLUMNS + 2), dtype=np.int8)
    for x1, y1, x2, y2 in (one.box for one in regions):
        top, bottom = int(y1 * _ROWS), ceil(y2 * _ROWS)
        left, right = int(x1 * _COLUMNS), ceil(x2 * _COLUMNS)
        is_hidden[top:bottom, left + 1 : right + 1] = 1
    steps = np.diff(is_hidden, axis=1)
    begins, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return tuple(
        _row(int(row), int(left), int(right))
        for (row, left), (_, right) in zip(begins, ends, strict=True)
    )


@cache
def _row(row: int, left: int, right: int) -> HiddenRegion:
    box = (left / _COLUMNS, row / _ROWS, right / _COLUMNS, (row + 1) / _ROWS)
    return HiddenRegion(CROWD, box)


@dataclass(frozen=True, slots=True)
class _Stretch:
    from_s: float
    to_s: float
    box: Box


class Cover:
    """The hidden regions of one film, for every moment of it; asked in the film's order.

    Only what lies round the moment is kept: an hour of a crowd has millions of stretches.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        """`samples` in the order of their moments."""
        self._samples = samples
        self._times = [one.at_s for one in samples]
        self._near: dict[int, list[_Stretch]] = {}
        self._known: tuple[float, float, list[Box]] = (0.0, float("-inf"), [])

    def at(self, at_s: float) -> list[Box]:
        """What is hidden at this moment, without what lies within another."""
        from_s, to_s, boxes = self._known
        if not from_s <= at_s <= to_s:
            first = bisect_left(self._times, at_s - LINK_S - _TICK_S)
            last = bisect_right(self._times, at_s + HOLD_S + _TICK_S)
            near = self._stretches(first, last)
            some = [one for one in near if one.from_s <= at_s <= one.to_s]
            ends = [one.to_s for one in some]
            ends += [one.from_s - _TICK_S for one in near if one.from_s > at_s]
            if last < len(self._times):
                ends.append(self._times[last] - HOLD_S - _TICK_S)
            boxes = _outermost({one.box for one in some})
            self._known = (at_s, min(ends, default=float("inf")), boxes)
        return boxes

    def _stretches(self, first: int, last: int) -> list[_Stretch]:
        """Those of the looks from `first` until before `last`; all others are forgotten."""
        known = self._near
        self._near = {
            number: known.get(number) or _stretches(self._samples, number)
            for number in range(first, last)
        }
        return [one for each in self._near.values() for one in each]


def blur(planes: Plane, width: int, height: int, regions: Iterable[Box]) -> None:
    """Hide the regions in a picture of `height * 3 / 2` rows as libav gives it; even sides."""
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    for region in regions:
        left, top, right, bottom = _even(region, width, height)
        if right <= left or bottom <= top:
            continue
        _soften(planes[:height], left, top, right, bottom)
        for plane in chroma:
            _soften(plane, left // 2, top // 2, right // 2, bottom // 2)


def _stretches(samples: Sequence[Sample], number: int) -> list[_Stretch]:
    sample, found = samples[number], []
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
            if other.label == region.label or CROWD in (other.label, region.label)
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


def _even(region: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = region
    left, top = int(x1 * width) // 2 * 2, int(y1 * height) // 2 * 2
    right, bottom = (int(x2 * width) + 2) // 2 * 2, (int(y2 * height) + 2) // 2 * 2
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _soften(plane: Plane, left: int, top: int, right: int, bottom: int) -> None:
    part = plane[top:bottom, left:right]
    high, wide = part.shape
    scale = CELLS / max(high, wide)
    few = (max(1, round(wide * scale)), max(1, round(high * scale)))
    means = cv2.resize(np.ascontiguousarray(part), few, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(means, (wide, high), interpolation=cv2.INTER_LINEAR)
