"""Metres between two places of one city. Pure."""

import math

Position = tuple[float, float]  # latitude, longitude in degrees

_EARTH_M = 6_371_000.0


def distance_m(one: Position, other: Position) -> float:
    """Metres between two places of one city, where the earth is flat enough."""
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * math.cos(math.radians(one[0]))
    return _EARTH_M * math.hypot(north, east)
