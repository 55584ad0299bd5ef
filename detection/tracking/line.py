"""A line across the picture, ready to be asked: which side, and was it crossed between its ends?

Near the line nobody can say on which side a box's foot stands, since boxes tremble; there the side
is unknown and the last known one holds, so that somebody who waits on the line is not counted.
"""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.config.camera import LineConfig
from thapcanh.config.geometry import distance_from_line
from thapcanh.detection.tracking.presence import Point

UNSURE = 0.01  # of the picture, on either side: a box of 720 lines trembles by 3 to 7
UNSURE_OF_BOX = 0.05  # of the box's height: large boxes tremble more


class LineSide(StrEnum):
    """Where somebody stands."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class CountingLine:
    """One line of the configuration. Immutable after construction."""

    def __init__(self, spec: LineConfig) -> None:
        self._points = spec.points
        self._sign = 1.0 if distance_from_line(spec.inside, spec.points) > 0 else -1.0

    def side(self, at: Point, height: float = 0.0) -> LineSide | None:
        """The side of somebody of this height (shares) whose feet are `at`; None when near."""
        inward = self._sign * distance_from_line(at, self._points)
        if abs(inward) < max(UNSURE, UNSURE_OF_BOX * height):
            return None
        return LineSide.INSIDE if inward > 0 else LineSide.OUTSIDE

    def is_between_ends(self, start: Point, end: Point) -> bool:
        """Whether the way from `start` to `end`, which lie on two sides, crosses the line itself.

        Who walks round the end of a line has not crossed it.
        """
        first, second = self._points
        way = (start, end)
        return distance_from_line(first, way) * distance_from_line(second, way) <= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCourse:
    """Where one was last known to be on one side."""

    side: LineSide
    at: Point


def after_step(
    course: LineCourse | None, line: CountingLine, at: Point, height: float
) -> tuple[LineCourse | None, LineSide | None]:
    """The course after one more look, and the side that was reached by crossing, if any."""
    side = line.side(at, height)
    if side is None:
        return course, None
    crossed = course is not None and course.side is not side and line.is_between_ends(course.at, at)
    return LineCourse(side=side, at=at), side if crossed else None
