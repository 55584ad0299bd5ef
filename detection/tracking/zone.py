"""Zone polygons: tests of points and covered shares of boxes."""

import cv2
import numpy as np

from thapcanh.config.geometry import Polygon
from thapcanh.detection.region import Region

GRID = 256


class ZonePolygon:
    """Polygon in shares of the picture; immutable."""

    def __init__(self, polygon: Polygon) -> None:
        points = np.asarray(polygon, dtype=np.float32)
        self._outline = points.reshape(-1, 1, 2)
        cells = np.zeros((GRID, GRID), dtype=np.uint8)
        cv2.fillPoly(cells, [np.rint(points * (GRID - 1)).astype(np.int32)], 1)
        self._cells = cells

    def holds(self, point: tuple[float, float]) -> bool:
        return bool(cv2.pointPolygonTest(self._outline, point, False) >= 0)

    def covers(self, region: Region) -> float:
        """Return the share (0..1) of the region inside the zone."""
        left, top = int(region[0] * (GRID - 1)), int(region[1] * (GRID - 1))
        right, bottom = int(region[2] * (GRID - 1)) + 1, int(region[3] * (GRID - 1)) + 1
        return float(self._cells[top:bottom, left:right].mean())
