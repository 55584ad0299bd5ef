"""Tracks of one recorded camera: detections in, finished sightings out.

Objects under a mask of either kind are never recorded. Owned by the inference thread; no clock is
read.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from thapcanh.config.camera import CameraConfig
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.region import Region, area, feet
from thapcanh.detection.sightings.cells import masked_cells
from thapcanh.detection.sightings.open_track import OpenTrack
from thapcanh.detection.sightings.sighting import COLOURED, SightingRecord
from thapcanh.detection.sightings.vehicle_colour import PictureColours
from thapcanh.detection.tracking.drawn_shapes import CountingLine, ZonePolygon
from thapcanh.ingest.frame import Frame

STARTS_AT = 0.4
"""Confidence from which a box begins a track."""
HOLDS_AT = 0.25
"""Confidence from which a box continues one."""
ALONE_AT = 0.6
"""Who was seen in one look only is recorded from this confidence."""
LOST_S = 6.0
LONGEST_S = 900.0
"""Who stays longer is recorded once in this time: one who still stands is found too."""
MOST_BOXES = 60
MOST_OPEN = 120
_MOST_COLOUR_INFERENCES = 5
_LARGER = 1.2
_EDGE = 0.01
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
"""Classes that models take for one another; each other class is a group by itself."""
_BURNING = frozenset({"fire", "smoke"})  # which have alerts, and are no sightings

_Boxes = npt.NDArray[np.float64]


def without_twice(rows: Sequence[Detection]) -> list[Detection]:
    """Return the rows, surest first, without duplicates within a group."""
    if len(rows) < 2:
        return list(rows)
    boxes = np.array([row.box for row in rows])
    dropped: set[int] = set()
    for surer, other in np.argwhere(np.triu(_overlaps(boxes, boxes) > TWICE, 1)).tolist():
        if surer not in dropped and _group(rows[surer]) == _group(rows[other]):
            dropped.add(other)
    return [row for index, row in enumerate(rows) if index not in dropped]


def matches(
    tracks: Sequence[OpenTrack], rows: Sequence[Detection], at_s: float
) -> dict[int, OpenTrack]:
    """Return the track that each row, by its index, continues."""
    if not tracks or not rows:
        return {}
    expected = _buffered([track.where(at_s) for track in tracks])
    shared = _overlaps(_buffered([row.box for row in rows]), expected)
    of_rows = np.array([_group(row) for row in rows])
    of_tracks = np.array([track.group for track in tracks])
    shared[of_rows[:, None] != of_tracks[None, :]] = 0.0
    found: dict[int, OpenTrack] = {}
    accepted: set[int] = set()
    flat = shared.ravel()
    for index in np.argsort(-flat, kind="stable")[: np.count_nonzero(flat > LEAST_OVERLAP)]:
        row, track = divmod(int(index), len(tracks))
        if row not in found and track not in accepted:
            found[row] = tracks[track]
            accepted.add(track)
    return found


def _group(row: Detection) -> str:
    return GROUPS.get(row.label, row.label)


def _buffered(regions: Sequence[Region]) -> _Boxes:
    boxes = np.array(regions)
    sides = MARGIN * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - sides, boxes[:, 2:] + sides], axis=1)


def _overlaps(items: _Boxes, others: _Boxes) -> _Boxes:
    """Intersection over union, (n, m)."""
    low = np.maximum(items[:, None, :2], others[None, :, :2])
    high = np.minimum(items[:, None, 2:], others[None, :, 2:])
    sides = np.clip(high - low, 0.0, None)
    shared = sides[..., 0] * sides[..., 1]
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (items, others)]
    whole = areas[0][:, None] + areas[1][None, :] - shared
    return np.asarray(shared / np.maximum(whole, 1e-12))


class CameraSightings:
    """Open tracks of one camera; `observe` for every inference, `end` when it stops."""

    def __init__(self, camera: CameraConfig) -> None:
        masks = (*camera.masks, *camera.privacy_masks)
        self._camera_id = camera.id
        self._masks = [ZonePolygon(mask) for mask in masks]
        self._masked = masked_cells(masks)
        self._lines = {line.id: CountingLine(line) for line in camera.lines}
        self._open: list[OpenTrack] = []
        self._last_at_s = float("-inf")

    def observe(self, frame: Frame, detections: Detections) -> list[SightingRecord]:
        """Process an inference; return the tracks that ended."""
        at_s, utc_s = detections.at_s, detections.captured_at
        ended = self.end() if at_s < self._last_at_s else []
        self._last_at_s = at_s
        rows = without_twice(self._usable(detections))
        colours = PictureColours(frame)
        found = matches(self._open, rows, at_s)
        for index, row in enumerate(rows):
            track = found.get(index)
            if track is not None:
                track.see(row, at_s, utc_s)
            elif row.confidence >= STARTS_AT:
                track = OpenTrack(self._camera_id, _group(row), row, at_s, utc_s)
                self._open.append(track)
            if track is not None:
                track.cross(self._lines)
                self._ask_colour(track, colours)
        return ended + self._ended(at_s)

    def end(self) -> list[SightingRecord]:
        open_items, self._open = self._open, []
        return self._records(open_items)

    def _usable(self, detections: Detections) -> list[Detection]:
        """Return the people, vehicles and things outside every mask, surest first."""
        requested = [label not in _BURNING for label in detections.label]
        if not any(requested):
            return []
        rows = [
            row
            for row, is_requested in zip(detections.rows(), requested, strict=True)
            if is_requested and row.confidence >= HOLDS_AT and not self._is_masked(row.box)
        ]
        return sorted(rows, key=lambda row: -row.confidence)[:MOST_BOXES]

    def _is_masked(self, box: Region) -> bool:
        if not self._masks:
            return False
        points = feet(box), ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        return any(mask.holds(point) for mask in self._masks for point in points)

    def _ask_colour(self, track: OpenTrack, colours: PictureColours) -> None:
        """Measure the colour of a track's largest boxes, a few times."""
        box = track.row.box
        size = area(box)
        is_cut = min(box[0], box[1], 1 - box[2], 1 - box[3]) < _EDGE
        is_due = (
            size > _LARGER * track.colour_area
            and track.colour_measurements < _MOST_COLOUR_INFERENCES
        )
        if track.row.label in COLOURED and is_due and not is_cut:
            track.colour_area = size
            track.add_colour(colours.vehicle(box))

    def _ended(self, at_s: float) -> list[SightingRecord]:
        if not self._open:
            return []
        retained = [
            one for one in self._open if at_s - one.at_s <= LOST_S and one.lasted_s < LONGEST_S
        ]
        if len(retained) > MOST_OPEN:
            retained = sorted(retained, key=lambda one: -one.at_s)[:MOST_OPEN]
        if len(retained) == len(self._open):
            return []
        ended = [one for one in self._open if one not in retained]
        self._open = retained
        return self._records(ended)

    def _records(self, tracks: list[OpenTrack]) -> list[SightingRecord]:
        return [
            one.sighting(self._masked)
            for one in tracks
            if one.looks > 1 or one.confidence >= ALONE_AT
        ]
