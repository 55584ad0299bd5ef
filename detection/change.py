"""How a part of the picture has changed since the last look: as a thing that moves, or from within.

A lamp, a red wall, a car's headlight look the same after they have been moved back to where they
were; a flame or smoke does not. So the region is searched for in the last look's picture, and what
differs at the best match is the *inner change*: RMS of luma (0..255), and the correlation there.
Measured on `Frame.small_luma`. Pure: pictures go in, numbers come out.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detection.letterbox import Picture
from detection.region import Region

MIN_PX = 6  # a smaller box is mostly noise; it is measured together with its surroundings
REACH_SHARE = 0.5  # of the box's longer side: how far the thing may have moved
MIN_REACH_PX = 6
MAX_REACH_PX = 24
LARGE_PX = 128  # a box this large is searched for on a picture reduced further
_FLAT = 1e-3  # sum of squares: a patch without an inside is like everything
_Map = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs inside a region when its movement is taken away."""

    inner: float  # RMS of luma, 0..255
    likeness: float  # correlation at the best match, -1..1
    moved_px: float  # how far the best match lies, in pixels of the small picture


def change_of(before: Picture, now: Picture, region: Region) -> Change | None:
    """The change inside `region` between two small pictures; nothing when their sizes differ."""
    if before.shape != now.shape:
        return None  # the camera has changed its resolution
    left, top, right, bottom = _pixels(region, now.shape[1], now.shape[0])
    reach = round(REACH_SHARE * max(right - left, bottom - top))
    reach = min(MAX_REACH_PX, max(MIN_REACH_PX, reach))
    from_x, from_y = max(0, left - reach), max(0, top - reach)
    patch = now[top:bottom, left:right]
    around = before[from_y : bottom + reach, from_x : right + reach]
    scale = min(1.0, LARGE_PX / max(patch.shape))
    if scale < 1.0:
        patch, around = _reduced(patch, scale), _reduced(around, scale)
    differences, likenesses = _matched(patch, around)
    least, _, (x, y), _ = cv2.minMaxLoc(differences)
    return Change(
        inner=math.sqrt(max(0.0, least) / patch.size),
        likeness=float(likenesses.max()),
        moved_px=math.hypot(x / scale - (left - from_x), y / scale - (top - from_y)),
    )


def _matched(patch: Picture, around: Picture) -> tuple[_Map, _Map]:
    """Sum of squared differences, and correlation (-1..1), of the patch at every place of `around`.

    Both from one correlation, which is what costs: of pictures whose mean is near 0, so that
    little is lost where large sums are subtracted.
    """
    mean = patch.mean(dtype=np.float32)
    here, there = patch - mean, around - mean
    height, width = patch.shape
    correlation = cv2.matchTemplate(there, here, cv2.TM_CCORR).astype(np.float64)
    total, squares = (
        table[height:, width:] - table[:-height, width:] - table[height:, :-width]
        + table[:-height, :-width]
        for table in cv2.integral2(there, sdepth=cv2.CV_64F, sqdepth=cv2.CV_64F)
    )  # fmt: skip
    own = float(np.square(here, dtype=np.float64).sum())
    spread = np.sqrt(own * np.maximum(squares - total**2 / patch.size, 0.0))
    nothing_to_tell = np.full_like(spread, 1.0 if own < _FLAT else 0.0)
    likeness = np.divide(correlation, spread, out=nothing_to_tell, where=spread > _FLAT)
    return own - 2 * correlation + squares, np.clip(likeness, -1.0, 1.0)


def _reduced(picture: Picture, scale: float) -> Picture:
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _pixels(region: Region, width: int, height: int) -> tuple[int, int, int, int]:
    """The region in whole pixels, at least `MIN_PX` a side, inside the picture."""
    left, right = _span(region[0] * width, region[2] * width, width)
    top, bottom = _span(region[1] * height, region[3] * height, height)
    return left, top, right, bottom


def _span(start: float, end: float, limit: int) -> tuple[int, int]:
    missing = max(0.0, MIN_PX - (end - start)) / 2
    first = max(0, min(round(start - missing), limit - MIN_PX))
    return first, max(first + MIN_PX, min(round(end + missing), limit))
