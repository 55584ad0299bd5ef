"""Outline of the country, to detect wrong positions before anybody drives there."""

import math
from collections.abc import Sequence
from enum import StrEnum

from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position, east_scale

_MARGIN_M = 25_000.0
_MAINLAND: tuple[Position, ...] = (
    (22.4, 102.2), (22.8, 103.3), (22.5, 104.0), (22.8, 104.7), (23.3, 105.3), (22.9, 106.3),
    (22.6, 106.8), (21.9, 106.8), (21.5, 108.0), (20.6, 108.2), (19.0, 107.0), (17.5, 107.6),
    (16.2, 109.1), (13.0, 110.0), (11.3, 109.8), (10.0, 108.8), (8.4, 107.0), (8.2, 104.6),
    (9.8, 103.4), (10.4, 103.8), (10.5, 104.6), (10.9, 105.1), (11.0, 106.1), (11.6, 105.9),
    (12.0, 106.5), (12.3, 107.3), (13.5, 107.5), (14.7, 107.5), (15.4, 107.6), (16.2, 107.2),
    (16.6, 106.6), (17.3, 105.9), (18.3, 105.2), (19.2, 104.0), (20.0, 104.8), (20.7, 104.0),
    (20.9, 103.2), (21.4, 102.9), (22.0, 102.5),
)  # fmt: skip
_ISLANDS = ((15.5, 17.3, 111.0, 113.0), (6.5, 12.0, 111.0, 117.5))  # south, north, west, east
_Point = tuple[float, float]


class PositionFault(StrEnum):
    """Why a position cannot be right."""

    ZERO = "zero"  # what a device tells that has no fix yet
    ABROAD = "abroad"


def position_fault(place: Position) -> PositionFault | None:
    lat, lon = place
    if abs(lat) < 0.01 and abs(lon) < 0.01:
        return PositionFault.ZERO
    if any(south <= lat <= north and west <= lon <= east for south, north, west, east in _ISLANDS):
        return None
    if not (7.0 <= lat <= 24.0 and 101.0 <= lon <= 111.0):
        return PositionFault.ABROAD
    is_local = distance_to_outline_m(place, _MAINLAND) <= _MARGIN_M
    return None if is_local else PositionFault.ABROAD


def distance_to_outline_m(place: Position, corners: Sequence[Position]) -> float:
    """Return the metres from a place to the outline with these corners; 0 inside it."""
    scale = east_scale(place)
    flat = [
        (
            (lon - place[1]) * scale * METRES_PER_DEGREE,
            (lat - place[0]) * METRES_PER_DEGREE,
        )
        for lat, lon in corners
    ]
    edges = list(zip(flat, [*flat[1:], *flat[:1]], strict=True))
    if _surround_origin(edges):
        return 0.0
    return min(_to_edge(one, other) for one, other in edges)


def _surround_origin(edges: Sequence[tuple[_Point, _Point]]) -> bool:
    """Return whether an eastward ray from the origin crosses an odd number of edges."""
    crossed = 0
    for (east, north), (next_east, next_north) in edges:
        if (north > 0) != (next_north > 0):
            at = east + (next_east - east) * -north / (next_north - north)
            crossed += at > 0
    return crossed % 2 == 1


def _to_edge(one: _Point, other: _Point) -> float:
    """Return the metres from the origin to the nearest point of an edge."""
    along = (other[0] - one[0], other[1] - one[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else -(one[0] * along[0] + one[1] * along[1]) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(one[0] + share * along[0], one[1] + share * along[1])
