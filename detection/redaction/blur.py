"""Hiding regions of a picture: a few mean values across each, with soft edges between them.

So few that no face or number can be made out of many pictures of one film either; what burns beside
a person stays as it was. The planes of `yuv420p` are changed in place.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from detection.redaction.regions import Box
from ingest.frame import Plane

CELLS = 8
"""Mean values along a region's longer side: a person's head is about one of them."""


def blur(planes: Plane, width: int, height: int, regions: Iterable[Box]) -> None:
    """Hide the regions in a picture of `height * 3 / 2` rows as libav gives it; even sides."""
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    for region in regions:
        left, top, right, bottom = _even(region, width, height)
        if right <= left or bottom <= top:
            continue
        _soften(planes[:height], left, top, right, bottom)
        for plane in chroma:
            _soften(plane, left // 2, top // 2, right // 2, bottom // 2)


def _even(region: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = region
    left, top = int(x1 * width) // 2 * 2, int(y1 * height) // 2 * 2
    right, bottom = (int(x2 * width) + 2) // 2 * 2, (int(y2 * height) + 2) // 2 * 2
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _soften(plane: Plane, left: int, top: int, right: int, bottom: int) -> None:
    part = plane[top:bottom, left:right]
    high, wide = part.shape
    scale = CELLS / max(high, wide)
    few = (max(1, round(wide * scale)), max(1, round(high * scale)))
    means = cv2.resize(np.ascontiguousarray(part), few, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(means, (wide, high), interpolation=cv2.INTER_LINEAR)
