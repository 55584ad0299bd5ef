"""Distance in metres between two places of one city."""

import math

Position = tuple[float, float]  # latitude, longitude in degrees

_EARTH_M = 6_371_000.0
METRES_PER_DEGREE = _EARTH_M * math.pi / 180.0  # of latitude


def distance_m(one: Position, other: Position) -> float:
    """Return the metres between two places, on flat ground."""
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * east_scale(one)
    return _EARTH_M * math.hypot(north, east)


def east_scale(place: Position) -> float:
    """Return the ratio of a degree of longitude to one of latitude; never 0."""
    return max(math.cos(math.radians(place[0])), 1e-6)


def box_round(centre: Position, within_m: float) -> tuple[Position, Position]:
    """Return the south-west and north-east corner of the box that holds a circle of this radius."""
    north = within_m / METRES_PER_DEGREE
    east = north / east_scale(centre)
    return (centre[0] - north, centre[1] - east), (centre[0] + north, centre[1] + east)
