"""Which boxes of a look continue which tracks: by overlap with where each is expected.

The rules' tracker (ByteTrack) is used where a rule needs it; it costs 70 MB and up to a millisecond
a look, too much for a record of everything. Here a number that is lost or given twice costs one
record more, so a greedy match by buffered overlap and constant speed is enough. Pure.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detection.detections import Detection
from detection.region import Region
from detection.sightings.open_track import OpenTrack

MARGIN = 0.6  # of a box's own sides: between two looks a thing leaves its own box
LEAST_OVERLAP = 0.1
TWICE = 0.7  # overlap of two boxes of one thing
GROUPS = {
    "person": "person",
    "bicycle": "two wheels",
    "motorcycle": "two wheels",
    "car": "four wheels",
    "bus": "four wheels",
    "truck": "four wheels",
}

_Boxes = npt.NDArray[np.float64]


def without_twice(rows: Sequence[Detection]) -> list[Detection]:
    """The rows, surest first, less those that a surer row of their group already stands for."""
    if len(rows) < 2:
        return list(rows)
    boxes = np.array([row.box for row in rows])
    dropped: set[int] = set()
    for surer, other in np.argwhere(np.triu(_overlaps(boxes, boxes) > TWICE, 1)).tolist():
        if surer not in dropped and GROUPS[rows[surer].label] == GROUPS[rows[other].label]:
            dropped.add(other)
    return [row for index, row in enumerate(rows) if index not in dropped]


def matches(
    tracks: Sequence[OpenTrack], rows: Sequence[Detection], at_s: float
) -> dict[int, OpenTrack]:
    """The track that each row, by its index, continues."""
    if not tracks or not rows:
        return {}
    expected = _buffered([track.where(at_s) for track in tracks])
    shared = _overlaps(_buffered([row.box for row in rows]), expected)
    of_rows = np.array([GROUPS[row.label] for row in rows])
    of_tracks = np.array([track.group for track in tracks])
    shared[of_rows[:, None] != of_tracks[None, :]] = 0.0
    found: dict[int, OpenTrack] = {}
    taken: set[int] = set()
    flat = shared.ravel()
    for index in np.argsort(-flat, kind="stable")[: np.count_nonzero(flat > LEAST_OVERLAP)]:
        row, track = divmod(int(index), len(tracks))
        if row not in found and track not in taken:
            found[row] = tracks[track]
            taken.add(track)
    return found


def _buffered(regions: Sequence[Region]) -> _Boxes:
    boxes = np.array(regions)
    sides = MARGIN * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - sides, boxes[:, 2:] + sides], axis=1)


def _overlaps(ones: _Boxes, others: _Boxes) -> _Boxes:
    """Intersection over union, (n, m)."""
    low = np.maximum(ones[:, None, :2], others[None, :, :2])
    high = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    sides = np.clip(high - low, 0.0, None)
    shared = sides[..., 0] * sides[..., 1]
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (ones, others)]
    whole = areas[0][:, None] + areas[1][None, :] - shared
    return np.asarray(shared / np.maximum(whole, 1e-12))
