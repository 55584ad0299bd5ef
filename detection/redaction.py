"""Hidden regions of each picture of a clip that was inferred a few times a second."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import cv2
import numpy as np

from thapcanh.detection.detections import Detection
from thapcanh.ingest.frame import Plane

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
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in shares of the picture, 0..1."""
CROWD = "crowd"
"""The label of a place where there are too many to tell apart."""
Part = tuple[int, int, int, int]
"""Left, top, width, height of a part of a picture in pixels, all even."""
_HIDDEN_FROM = {
    "person": 0.0, "car": 0.3, "motorcycle": 0.0, "bicycle": 0.0, "bus": 0.0, "truck": 0.0,
}  # fmt: skip
"""Where in the box's height the hidden part begins."""
_MARGIN = 0.12  # of the box's size on each side: boxes cut off hands, mirrors and feet


@dataclass(frozen=True, slots=True)
class HiddenRegion:
    """Hidden part of an object of this label."""

    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Sample:
    """Hidden regions at one time of the clip."""

    at_s: float
    regions: tuple[HiddenRegion, ...]


def sample_of(at_s: float, regions: Sequence[HiddenRegion]) -> Sample:
    """Return a sample in limited memory."""
    if len(regions) > MOST_REGIONS:
        return Sample(at_s, _in_cells(regions))
    return Sample(at_s, tuple(regions))


def _in_cells(regions: Sequence[HiddenRegion]) -> tuple[HiddenRegion, ...]:
    """Return all touched cells, merged into as few rows as possible; rows identify objects."""
    is_hidden = np.zeros((_ROWS, _COLUMNS + 2), dtype=np.int8)
    for x1, y1, x2, y2 in (one.box for one in regions):
        top, bottom = int(y1 * _ROWS), ceil(y2 * _ROWS)
        left, right = int(x1 * _COLUMNS), ceil(x2 * _COLUMNS)
        is_hidden[top:bottom, left + 1 : right + 1] = 1
    steps = np.diff(is_hidden, axis=1)
    start_times, ends = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return tuple(
        _row(int(row), int(left), int(right))
        for (row, left), (_, right) in zip(start_times, ends, strict=True)
    )


@cache
def _row(row: int, left: int, right: int) -> HiddenRegion:
    box = (left / _COLUMNS, row / _ROWS, right / _COLUMNS, (row + 1) / _ROWS)
    return HiddenRegion(CROWD, box)


@dataclass(frozen=True, slots=True)
class _Interval:
    from_s: float
    to_s: float
    box: Box


class Cover:
    """Hidden regions for every time of a clip, queried in order.

    Only regions near the present time are held: an hour of a crowd has millions.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Create it from samples in order of time."""
        self._samples = samples
        self._times = [one.at_s for one in samples]
        self._near: dict[int, list[_Interval]] = {}
        self._known: tuple[float, float, list[Box]] = (0.0, float("-inf"), [])

    def at(self, at_s: float) -> list[Box]:
        """Return the hidden boxes at this time, without nested ones."""
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

    def _stretches(self, first: int, last: int) -> list[_Interval]:
        """Return the intervals of samples `first` to `last`; all others are discarded."""
        existing = self._near
        self._near = {
            number: existing.get(number) or _stretches(self._samples, number)
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


def hidden_regions(rows: Iterable[Detection]) -> list[HiddenRegion]:
    """Return the hidden part of each row; rows of every confidence count."""
    return [
        HiddenRegion(row.label, _hidden(row.box, _HIDDEN_FROM[row.label]))
        for row in rows
        if row.label in _HIDDEN_FROM
    ]


def can_be_hidden(labels: Iterable[str]) -> bool:
    """Return whether a model with these labels can hide people and vehicles."""
    return {"person", "car", "motorcycle"} <= set(labels)


def grown(box: Box, share: float) -> Box:
    """Return the box grown by this share of its size on each side, within the picture."""
    x1, y1, x2, y2 = box
    wide, high = (x2 - x1) * share, (y2 - y1) * share
    return max(0.0, x1 - wide), max(0.0, y1 - high), min(1.0, x2 + wide), min(1.0, y2 + high)


def _hull(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def overlap(one: Box, other: Box) -> float:
    """Return the common area in shares of the picture; 0 if they are apart."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def quarters(width: int, height: int) -> list[Part]:
    """Four parts that cover a picture of even sides, each a fifth into the others."""
    wide, high = (round(side * 0.6 / 2) * 2 for side in (width, height))
    return [(left, top, wide, high) for left in (0, width - wide) for top in (0, height - high)]


def within(part: Box, box: Box) -> Box:
    """Return a box given in shares of a part in shares of the picture."""
    wide, high = part[2] - part[0], part[3] - part[1]
    return (
        part[0] + box[0] * wide,
        part[1] + box[1] * high,
        part[0] + box[2] * wide,
        part[1] + box[3] * high,
    )


def _stretches(samples: Sequence[Sample], number: int) -> list[_Interval]:
    sample, found = samples[number], []
    for region in sample.regions:
        found.append(_Interval(sample.at_s - HOLD_S, sample.at_s + HOLD_S, region.box))
        between = _until_observed_again(region, sample.at_s, samples, number + 1)
        if between is not None:
            found.append(between)
    return found


def _until_observed_again(
    region: HiddenRegion, at_s: float, samples: Sequence[Sample], first: int
) -> _Interval | None:
    """Return what lies between a region and the nearest of its label in a later sample."""
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
            return _Interval(at_s, later.at_s, _hull(region.box, again))
    return None


def _outermost(boxes: Collection[Box]) -> list[Box]:
    """Return the boxes that lie within no other; vectorised for crowds."""
    found = np.array(sorted(boxes), dtype=np.float64).reshape(-1, 4)
    starts, ends = found[:, :2], found[:, 2:]
    starts_in = np.all(starts[:, None] >= starts[None], axis=-1)
    is_in = np.asarray(starts_in & np.all(ends[:, None] <= ends[None], axis=-1))
    np.fill_diagonal(is_in, val=False)
    is_retained = ~np.any(is_in, axis=1)
    return [(row[0], row[1], row[2], row[3]) for row in found[is_retained].tolist()]


def _even(region: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the region's corners in pixels, moved outwards to even numbers."""
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


def _hidden(box: Box, start_times: float) -> Box:
    x1, y1, x2, y2 = box
    return grown((x1, y1 + (y2 - y1) * start_times, x2, y2), _MARGIN)
