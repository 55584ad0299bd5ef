"""Open track of one person or vehicle."""

import math
from dataclasses import dataclass, field

from thapcanh.detection.detections import Detection
from thapcanh.detection.region import Region, area, feet
from thapcanh.detection.sightings.cells import cells_of
from thapcanh.detection.sightings.sighting import LinePassage, SightingRecord, VehicleColour
from thapcanh.detection.tracking.drawn_shapes import CountingLine, LineCourse, after_step

_LONGEST_TRAIL = 32
_MOST_PASSAGES = 8
_LEAST_STEP_S = 0.05
_SMOOTH = 0.6  # of the newest step in the speed


@dataclass(slots=True, eq=False)
class OpenTrack:
    """Track changed only by `see` and `add_colour`, on the inference thread. Boxes in shares."""

    camera_id: str
    group: str
    row: Detection
    at_s: float
    utc_s: float
    looks: int = 0
    colour_area: float = 0.0
    """Of the largest box whose colour was asked for."""
    _began_s: float = 0.0
    _best: Detection = field(init=False)
    _best_s: float = 0.0
    _cells: int = 0
    _labels: dict[str, float] = field(default_factory=dict)
    _colours: dict[VehicleColour | None, int] = field(default_factory=dict)
    _trail: list[tuple[float, Region]] = field(default_factory=list)
    _speed: tuple[float, float] = (0.0, 0.0)
    _courses: dict[str, LineCourse] = field(default_factory=dict)
    _passages: list[LinePassage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._best, self._began_s, self._best_s = self.row, self.utc_s, self.utc_s
        self._take(self.row)

    @property
    def label(self) -> str:
        """Label with the highest summed confidence."""
        return max(self._labels, key=self._labels.__getitem__)

    @property
    def lasted_s(self) -> float:
        """Seconds from its first inference to its last."""
        return self.utc_s - self._began_s

    @property
    def confidence(self) -> float:
        return self._best.confidence

    @property
    def colour_measurements(self) -> int:
        return sum(self._colours.values())

    def where(self, at_s: float) -> Region:
        """Return its expected region at a camera time."""
        ahead_s = min(at_s - self.at_s, 2.0)
        dx, dy = self._speed[0] * ahead_s, self._speed[1] * ahead_s
        x1, y1, x2, y2 = self.row.box
        return x1 + dx, y1 + dy, x2 + dx, y2 + dy

    def see(self, row: Detection, at_s: float, utc_s: float) -> None:
        step_s = max(at_s - self.at_s, _LEAST_STEP_S)
        old, new = feet(self.row.box), feet(row.box)
        self._speed = (
            _SMOOTH * (new[0] - old[0]) / step_s + (1 - _SMOOTH) * self._speed[0],
            _SMOOTH * (new[1] - old[1]) / step_s + (1 - _SMOOTH) * self._speed[1],
        )
        self.row, self.at_s, self.utc_s = row, at_s, utc_s
        if _worth(row) > _worth(self._best):
            self._best, self._best_s = row, utc_s
        self._take(row)

    def cross(self, lines: dict[str, CountingLine]) -> None:
        """Update the side of each line, and record crossings."""
        at, height = feet(self.row.box), self.row.box[3] - self.row.box[1]
        for line_id, line in lines.items():
            course, reached = after_step(self._courses.get(line_id), line, at, height)
            if course is not None:
                self._courses[line_id] = course
            if reached is not None and len(self._passages) < _MOST_PASSAGES:
                self._passages.append(LinePassage(line=line_id, to=reached, at_s=self.utc_s))

    def add_colour(self, colour: VehicleColour | None) -> None:
        self._colours[colour] = self._colours.get(colour, 0) + 1

    def sighting(self, masked: int) -> SightingRecord:
        """Return the record without cells of the set `masked`."""
        half_s = (self._began_s + self.utc_s) / 2
        middle = min(self._trail, key=lambda one: abs(one[0] - half_s))[1]
        return SightingRecord(
            camera_id=self.camera_id,
            label=self.label,
            from_s=self._began_s,
            to_s=self.utc_s,
            best_s=self._best_s,
            confidence=self.confidence,
            first=self._trail[0][1],
            middle=middle,
            last=self.row.box,
            best=self._best.box,
            cells=self._cells & ~masked,
            colour=self._colour(),
            passages=tuple(self._passages),
        )

    def _take(self, row: Detection) -> None:
        self.looks += 1
        self._cells |= cells_of(row.box)
        self._labels[row.label] = self._labels.get(row.label, 0.0) + row.confidence
        self._trail.append((self.utc_s, row.box))
        if len(self._trail) > _LONGEST_TRAIL:
            self._trail = [*self._trail[:1], *self._trail[2::2]]

    def _colour(self) -> VehicleColour | None:
        if not self._colours:
            return None
        colour = max(self._colours, key=self._colours.__getitem__)
        return colour if 2 * self._colours[colour] > sum(self._colours.values()) else None


def _worth(row: Detection) -> float:
    """Return the quality of a box as a picture: large and sure is better."""
    return row.confidence * math.sqrt(area(row.box))
