"""Polygons as the configuration writes them: a list of [x, y], each 0..1 of the picture."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator

Point = tuple[float, float]


def crossing_edges(points: Sequence[Point]) -> tuple[int, int] | None:
    """Return the numbers of the first points of two polygon edges that cross, or None.

    Edges that share a point do not cross.
    """
    count = len(points)
    for one, other in combinations(range(count), 2):
        if other - one in (1, count - 1):
            continue
        ends = (points[one], points[(one + 1) % count], points[other], points[(other + 1) % count])
        if _cross(*ends):
            return one, other
    return None


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    """Return a positive value if `c` is left of the line from `a` to `b`, negative if right."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _checked(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(points) < 3:
        raise ValueError(f"{len(points)} points, a polygon needs 3")
    for index, (x, y) in enumerate(points):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(f"point {index} is [{x}, {y}], expected 0 to 1 of the picture")
    if _area(points) <= 0:
        raise ValueError("the points lie on one line, a polygon needs an area")
    return points


def _area(points: tuple[Point, ...]) -> float:
    """Shoelace formula; the sign (direction of drawing) does not matter to us."""
    following = points[1:] + points[:1]
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, following, strict=True))
    return abs(twice) / 2


Polygon = Annotated[tuple[Point, ...], AfterValidator(_checked)]


def distance_from_line(point: Point, line: tuple[Point, Point]) -> float:
    """Return the signed distance of a point from the endless line, in shares of the picture."""
    (x1, y1), (x2, y2) = line
    across = (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
    return across / math.hypot(x2 - x1, y2 - y1)
