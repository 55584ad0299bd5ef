"""Boxes as shares of the picture, and operations on them."""

from thapcanh.detection.event import Box

Region = tuple[float, float, float, float]


def area(region: Region) -> float:
    """Share of the picture's area."""
    x1, y1, x2, y2 = region
    return max(0.0, x2 - x1) * max(0.0, y2 - y1)


def union(one: Region, other: Region) -> Region:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def grown(region: Region, share: float) -> Region:
    """Return the region grown by `share` of its longer side on every side, cut at the picture."""
    x1, y1, x2, y2 = region
    margin = share * longer_side(region)
    return (
        max(0.0, x1 - margin),
        max(0.0, y1 - margin),
        min(1.0, x2 + margin),
        min(1.0, y2 + margin),
    )


def longer_side(region: Region) -> float:
    """Width or height, whichever is more."""
    return max(region[2] - region[0], region[3] - region[1])


def touch(one: Region, other: Region) -> bool:
    """Return whether the two share any point."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def overlap(one: Region, other: Region) -> float:
    shared = shared_area(one, other)
    whole = area(one) + area(other) - shared
    return shared / whole if whole > 0 else 0.0


def shared_area(one: Region, other: Region) -> float:
    return area(
        (
            max(one[0], other[0]),
            max(one[1], other[1]),
            min(one[2], other[2]),
            min(one[3], other[3]),
        )
    )


def feet(region: Region) -> tuple[float, float]:
    """Return the bottom centre: where a person stands or a vehicle's wheels are."""
    return (region[0] + region[2]) / 2, region[3]


def as_box(region: Region) -> Box:
    """Return x, y, width, height, the form of events."""
    x1, y1, x2, y2 = region
    return (x1, y1, x2 - x1, y2 - y1)
