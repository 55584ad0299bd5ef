"""Crops for the witness: the candidate, its surroundings, and the whole picture."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.region import Region

INPUT_PX = 260
NEAR, WIDE = 1.3, 2.5  # times the candidate's longer side
LEAST_PX = 12  # a smaller candidate is cut out together with its surroundings
GREY = 114  # outside the picture, as in the detector's letterbox
Crop = npt.NDArray[np.uint8]
_Square = tuple[int, int, int]  # left, top, side in pixels, all even; may reach outside


def crops_of(pixels: Crop, region: Region) -> tuple[Crop, Crop, Crop]:
    """Near, wide and whole of a picture, (h, w, 3) uint8 BGR; `INPUT_PX` a side, RGB."""
    near, wide, whole = (_cut(pixels, square) for square in _squares(region, pixels.shape))
    return near, wide, whole


def _squares(region: Region, shape: tuple[int, ...]) -> Iterator[_Square]:
    height, width = shape[:2]
    middle = (region[0] + region[2]) / 2 * width, (region[1] + region[3]) / 2 * height
    longest = max((region[2] - region[0]) * width, (region[3] - region[1]) * height)
    near = _even(max(LEAST_PX, NEAR * longest))
    yield _even(middle[0] - near / 2), _even(middle[1] - near / 2), near
    wide = _even(min(max(LEAST_PX, WIDE * longest), max(width, height)))
    yield _inside(middle[0], wide, width), _inside(middle[1], wide, height), wide
    whole = _even(max(width, height))
    yield _even((width - whole) / 2), _even((height - whole) / 2), whole


def _inside(middle: float, side: int, limit: int) -> int:
    """Return the start of a side moved into the picture; centred if it is longer."""
    if side > limit:
        return _even((limit - side) / 2)
    return _even(min(max(0.0, middle - side / 2), limit - side))


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2


def _cut(pixels: Crop, square: _Square) -> Crop:
    left, top, side = square
    x, y = max(0, left), max(0, top)
    part = pixels[y : max(0, top + side), x : max(0, left + side)]
    filled = np.full((side, side, 3), GREY, dtype=np.uint8)
    filled[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part[..., ::-1]
    how = cv2.INTER_AREA if side > INPUT_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(filled, (INPUT_PX, INPUT_PX), interpolation=how), dtype=np.uint8)
