"""Zones and lines drawn on a camera's picture: what is inside, and what crosses."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from thapcanh.config.camera import LineConfig
from thapcanh.config.geometry import Polygon, distance_from_line
from thapcanh.detection.region import Region
from thapcanh.detection.tracking.presence import Point

GRID = 256


class ZonePolygon:
    """Polygon in shares of the picture; immutable."""

    def __init__(self, polygon: Polygon) -> None:
        points = np.asarray(polygon, dtype=np.float32)
        self._outline = points.reshape(-1, 1, 2)
        cells = np.zeros((GRID, GRID), dtype=np.uint8)
        cv2.fillPoly(cells, [np.rint(points * (GRID - 1)).astype(np.int32)], 1)
        self._cells = cells

    def holds(self, point: tuple[float, float]) -> bool:
        return bool(cv2.pointPolygonTest(self._outline, point, False) >= 0)

    def covers(self, region: Region) -> float:
        """Return the share (0..1) of the region inside the zone."""
        left, top = int(region[0] * (GRID - 1)), int(region[1] * (GRID - 1))
        right, bottom = int(region[2] * (GRID - 1)) + 1, int(region[3] * (GRID - 1)) + 1
        return float(self._cells[top:bottom, left:right].mean())


UNSURE = 0.01  # of the picture, on either side: a box of 720 lines trembles by 3 to 7
UNSURE_OF_BOX = 0.05  # of the box's height: large boxes tremble more


class LineSide(StrEnum):
    """Side of a line."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class CountingLine:
    """Line of the configuration; immutable."""

    def __init__(self, spec: LineConfig) -> None:
        self._points = spec.points
        self._sign = 1.0 if distance_from_line(spec.inside, spec.points) > 0 else -1.0

    def side(self, at: Point, height: float = 0.0) -> LineSide | None:
        """Return the side of feet `at` for this height (shares); None near the line."""
        inward = self._sign * distance_from_line(at, self._points)
        if abs(inward) < max(UNSURE, UNSURE_OF_BOX * height):
            return None
        return LineSide.INSIDE if inward > 0 else LineSide.OUTSIDE

    def is_between_ends(self, start: Point, end: Point) -> bool:
        """Return whether the way from `start` to `end`, on two sides, crosses between the ends."""
        first, second = self._points
        way = (start, end)
        return distance_from_line(first, way) * distance_from_line(second, way) <= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCourse:
    """Last certain position on one side."""

    side: LineSide
    at: Point


def after_step(
    course: LineCourse | None, line: CountingLine, at: Point, height: float
) -> tuple[LineCourse | None, LineSide | None]:
    """Return the course after another inference, and the side reached by crossing, or None."""
    side = line.side(at, height)
    if side is None:
        return course, None
    crossed = course is not None and course.side is not side and line.is_between_ends(course.at, at)
    return LineCourse(side=side, at=at), side if crossed else None
