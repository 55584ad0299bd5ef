"""Polygons of the configuration, ready to be asked: is this point inside, how much of this box?

The polygon is drawn once on a grid of `GRID` cells a side; a box's covered share is the mean of its
cells (a small box asks the one cell it lies in). Points are tested exactly; an edge belongs to the
zone, so that somebody standing on the line counts as inside.
"""

import cv2
import numpy as np

from thapcanh.config.geometry import Polygon
from thapcanh.detection.region import Region

GRID = 256


class ZonePolygon:
    """One polygon in shares of the picture. Immutable after construction."""

    def __init__(self, polygon: Polygon) -> None:
        points = np.asarray(polygon, dtype=np.float32)
        self._outline = points.reshape(-1, 1, 2)
        cells = np.zeros((GRID, GRID), dtype=np.uint8)
        cv2.fillPoly(cells, [np.rint(points * (GRID - 1)).astype(np.int32)], 1)
        self._cells = cells

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether the point is inside or on the edge."""
        return bool(cv2.pointPolygonTest(self._outline, point, False) >= 0)

    def covers(self, region: Region) -> float:
        """The share (0..1) of the region that lies in the zone."""
        left, top = int(region[0] * (GRID - 1)), int(region[1] * (GRID - 1))
        right, bottom = int(region[2] * (GRID - 1)) + 1, int(region[3] * (GRID - 1)) + 1
        return float(self._cells[top:bottom, left:right].mean())
