"""Whether a part of the picture has the colour of flame, and whether the picture has colour at all.

Flame is warm: its V (red difference) lies far above its U (blue difference), if not in the
blown-out core then at its edge. Headlights, lamps and reflections are much nearer to white. At
night and in infra-red the camera sends grey pictures, which have no chroma difference. Pure.
"""

import numpy as np

from detection.detectors.letterbox import Picture
from detection.region import Region

SAMPLES = 64  # a side; enough for a percentile
GREY_BELOW = 10.0  # spread of |U-128| + |V-128| of a picture without colour (grey ones have 2 to 7)
_MIDDLE = 128

Planes = tuple[Picture, Picture, Picture]


def chroma_difference(planes: Planes, region: Region) -> float:
    """V minus U (-255..255) of the warmest twentieth of the region."""
    _, u, v = planes
    rows, columns = (
        _slice(region[1], region[3], u.shape[0]),
        _slice(region[0], region[2], u.shape[1]),
    )
    difference = v[rows, columns].astype(np.int16) - u[rows, columns]
    return float(np.percentile(difference, 95))


def colour_of(planes: Planes, region: Region) -> float:
    """Distance of U and V from grey (0..180), the median over the region."""
    _, u, v = planes
    rows, columns = (
        _slice(region[1], region[3], u.shape[0]),
        _slice(region[0], region[2], u.shape[1]),
    )
    blue = u[rows, columns].astype(np.float32) - _MIDDLE
    red = v[rows, columns].astype(np.float32) - _MIDDLE
    return float(np.median(np.hypot(blue, red)))


def has_colour(planes: Planes) -> bool:
    """Whether the picture has colour at all; a grey one has no chroma difference."""
    _, u, v = planes
    whole = _slice(0.0, 1.0, u.shape[0]), _slice(0.0, 1.0, u.shape[1])
    spread = np.abs(u[whole].astype(np.int16) - _MIDDLE) + np.abs(
        v[whole].astype(np.int16) - _MIDDLE
    )
    return float(np.percentile(spread, 95)) >= GREY_BELOW


def _slice(start: float, end: float, length: int) -> slice:
    """The span of a plane, thinned out to about `SAMPLES`."""
    first = min(int(start * length), length - 1)
    last = max(first + 1, min(length, round(end * length)))
    return slice(first, last, max(1, (last - first) // SAMPLES))
