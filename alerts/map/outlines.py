"""How far a place is from an outline on the ground. Pure; flat, as a city is."""

import math
from collections.abc import Sequence

from alerts.store.distance import METRES_PER_DEGREE, Position, east_scale


def distance_to_outline_m(place: Position, corners: Sequence[Position]) -> float:
    """Metres from a place to the outline with these corners; 0 inside it."""
    scale = east_scale(place)
    flat = [
        (
            (lon - place[1]) * scale * METRES_PER_DEGREE,
            (lat - place[0]) * METRES_PER_DEGREE,
        )
        for lat, lon in corners
    ]
    edges = list(zip(flat, [*flat[1:], *flat[:1]], strict=True))
    if _is_round_origin(edges):
        return 0.0
    return min(_to_edge(one, other) for one, other in edges)


_Point = tuple[float, float]


def _is_round_origin(edges: Sequence[tuple[_Point, _Point]]) -> bool:
    """Whether a ray from the origin to the east crosses an odd number of edges."""
    crossed = 0
    for (east, north), (next_east, next_north) in edges:
        if (north > 0) != (next_north > 0):
            at = east + (next_east - east) * -north / (next_north - north)
            crossed += at > 0
    return crossed % 2 == 1


def _to_edge(one: _Point, other: _Point) -> float:
    """Metres from the origin to the nearest point between two corners."""
    along = (other[0] - one[0], other[1] - one[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else -(one[0] * along[0] + one[1] * along[1]) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(one[0] + share * along[0], one[1] + share * along[1])
