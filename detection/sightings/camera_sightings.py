"""The tracks of one recorded camera: looks in, finished sightings out.

Owned by the thread that looks; no clock is read. What stands under a mask, of either kind, is not
taken in, so no record of it ever exists. Work a look is bounded, whatever the picture shows.
"""

from config.camera import CameraConfig
from detection.detections import Detection, Detections
from detection.region import Region, area, feet
from detection.sightings.cells import masked_cells
from detection.sightings.matching import GROUPS, matches, without_twice
from detection.sightings.open_track import OpenTrack
from detection.sightings.sighting import COLOURED, SightingRecord
from detection.sightings.vehicle_colour import PictureColours
from detection.tracking.line import CountingLine
from detection.tracking.zone import ZonePolygon
from ingest.frame import Frame

BEGINS_AT = 0.4
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
_MOST_COLOUR_LOOKS = 5
_LARGER = 1.2
_EDGE = 0.01


class CameraSightings:
    """One camera's open tracks; `observe` for every look, `end` when it is not watched any more."""

    def __init__(self, camera: CameraConfig) -> None:
        masks = (*camera.masks, *camera.privacy_masks)
        self._camera_id = camera.id
        self._masks = [ZonePolygon(mask) for mask in masks]
        self._masked = masked_cells(masks)
        self._lines = {line.id: CountingLine(line) for line in camera.lines}
        self._open: list[OpenTrack] = []
        self._last_at_s = float("-inf")

    def observe(self, frame: Frame, detections: Detections) -> list[SightingRecord]:
        """Take in a look; return the tracks that ended."""
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
            elif row.confidence >= BEGINS_AT:
                track = OpenTrack(self._camera_id, GROUPS[row.label], row, at_s, utc_s)
                self._open.append(track)
            if track is not None:
                track.cross(self._lines)
                self._ask_colour(track, colours)
        return ended + self._ended(at_s)

    def end(self) -> list[SightingRecord]:
        """Every open track ends now."""
        open_ones, self._open = self._open, []
        return self._records(open_ones)

    def _usable(self, detections: Detections) -> list[Detection]:
        """The people and vehicles of a look outside every mask, surest first."""
        wanted = [label in GROUPS for label in detections.label]
        if not any(wanted):
            return []
        rows = [
            row
            for row, is_wanted in zip(detections.rows(), wanted, strict=True)
            if is_wanted and row.confidence >= HOLDS_AT and not self._is_masked(row.box)
        ]
        return sorted(rows, key=lambda row: -row.confidence)[:MOST_BOXES]

    def _is_masked(self, box: Region) -> bool:
        if not self._masks:
            return False
        points = feet(box), ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        return any(mask.holds(point) for mask in self._masks for point in points)

    def _ask_colour(self, track: OpenTrack, colours: PictureColours) -> None:
        """Of the largest boxes only, a few times."""
        box = track.row.box
        size = area(box)
        is_cut = min(box[0], box[1], 1 - box[2], 1 - box[3]) < _EDGE
        is_due = size > _LARGER * track.colour_area and track.colour_looks < _MOST_COLOUR_LOOKS
        if track.row.label in COLOURED and is_due and not is_cut:
            track.colour_area = size
            track.colour_seen(colours.vehicle(box))

    def _ended(self, at_s: float) -> list[SightingRecord]:
        if not self._open:
            return []
        kept = [one for one in self._open if at_s - one.at_s <= LOST_S and one.lasted_s < LONGEST_S]
        if len(kept) > MOST_OPEN:
            kept = sorted(kept, key=lambda one: -one.at_s)[:MOST_OPEN]
        if len(kept) == len(self._open):
            return []
        ended = [one for one in self._open if one not in kept]
        self._open = kept
        return self._records(ended)

    def _records(self, tracks: list[OpenTrack]) -> list[SightingRecord]:
        return [
            one.sighting(self._masked)
            for one in tracks
            if one.looks > 1 or one.confidence >= ALONE_AT
        ]
