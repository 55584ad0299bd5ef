"""Metres between two places of one city. Pure."""

import math

Position = tuple[float, float]  # latitude, longitude in degrees

_EARTH_M = 6_371_000.0
METRES_PER_DEGREE = _EARTH_M * math.pi / 180.0  # of latitude


def distance_m(one: Position, other: Position) -> float:
    """Metres between two places of one city, where the earth is flat enough."""
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * east_scale(one)
    return _EARTH_M * math.hypot(north, east)


def east_scale(place: Position) -> float:
    """How many degrees of latitude are as long as one of longitude at a place; never 0."""
    return max(math.cos(math.radians(place[0])), 1e-6)
