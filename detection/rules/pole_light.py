"""Light at a pole, measured from a frame's planes against the last quiet picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.config.geometry import Polygon
from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.region import Region
from thapcanh.detection.rules.arc_flash import LIT, Light

SATURATED = 225  # of 235, white in limited range
LIT_LATELY_S = (
    60.0  # a white wall or a lamp that somebody passing hides and shows again is no flash
)
LIGHTER = 12  # levels of luma from which a spot of the picture became lighter
GRID = 24  # spots a side
SIZED = 0.5  # a pair of lights: the smaller is at least so large …
LEVEL = 1.0  # … and no further up or down than its own height
RIM = 5  # pixels round the light: its core is white whatever its colour

Mask = NDArray[np.bool_]
Planes = tuple[Picture, Picture, Picture]  # Y, U, V


class PoleLight:
    """Zone of one camera; `of` is called with its pictures in order."""

    def __init__(self, polygon: Polygon) -> None:
        self._polygon = polygon
        self._shape: tuple[int, int] | None = None
        self._zone: Mask = np.zeros((0, 0), dtype=np.bool_)
        self._corner = (0, 0)
        self._far: Mask = np.zeros((0, 0), dtype=np.bool_)
        self._usual: tuple[Picture, Picture] | None = None
        self._lit_at: NDArray[np.float64] = np.zeros(
            (0, 0)
        )  # when each spot was lit in a quiet one

    def forget(self) -> None:
        """Discard the reference picture."""
        self._usual = None

    def of(self, planes: Planes, at_s: float, *, is_quiet: bool) -> Light:
        """Return the light in this picture; `is_quiet` makes a dark one the reference."""
        luma = planes[0]
        if luma.shape != self._shape:
            self._measure_out(luma.shape[0], luma.shape[1])
        now = self._here(luma), _grid(luma)
        if self._usual is None:
            self._usual = self._learn(now, at_s)
        light = self._light(planes, now, self._usual, at_s)
        if is_quiet and light.lit < LIT:
            self._usual = self._learn(now, at_s)
        return light

    def _learn(self, now: tuple[Picture, Picture], at_s: float) -> tuple[Picture, Picture]:
        self._lit_at[now[0] >= SATURATED] = at_s
        return now[0].copy(), now[1]

    def _light(
        self,
        planes: Planes,
        now: tuple[Picture, Picture],
        usual: tuple[Picture, Picture],
        at_s: float,
    ) -> Light:
        lately = (np.abs(at_s - self._lit_at) <= LIT_LATELY_S).astype(np.uint8)
        was_lit = cv2.dilate(lately, np.ones((3, 3), np.uint8))
        lit = (now[0] >= SATURATED) & (was_lit == 0) & self._zone
        share = float(lit.sum() / max(1, self._zone.sum()))
        if share < LIT:
            return _dark(at_s, share)
        gained = now[1].astype(np.int16) - usual[1]
        beside = (now[0].astype(np.int16) - usual[0])[self._zone & ~lit]
        far = gained[self._far]
        region, is_pair = self._shape_of(lit)
        return Light(
            at_s=at_s,
            lit=share,
            everywhere=float((far >= LIGHTER).mean()) if far.size else 0.0,
            near_rise=float(np.median(beside)) if beside.size else 0.0,
            far_rise=float(np.median(far)) if far.size else 0.0,
            chroma_difference=self._chroma_difference(planes, lit),
            region=region,
            is_pair=is_pair,
        )

    def _shape_of(self, lit: Mask) -> tuple[Region, bool]:
        """Return the lit region in shares, and whether two similar lights are side by side.

        The region is that of the largest light, so that a distant one does not move it.
        """
        number, _, stats, middles = cv2.connectedComponentsWithStats(lit.astype(np.uint8))
        order = sorted(range(1, number), key=lambda one: -int(stats[one, cv2.CC_STAT_AREA]))
        left, top, width, height, size = (int(value) for value in stats[order[0]])
        is_pair = False
        if len(order) > 1:
            other = int(stats[order[1], cv2.CC_STAT_AREA])
            third = int(stats[order[2], cv2.CC_STAT_AREA]) if len(order) > 2 else 0
            apart_x, apart_y = np.abs(middles[order[0]] - middles[order[1]])
            is_level = apart_y <= LEVEL * height and apart_x > apart_y
            is_pair = other >= SIZED * size > third and bool(is_level)
        return self._in_shares(left, top, width, height), is_pair

    def _in_shares(self, left: int, top: int, width: int, height: int) -> Region:
        rows, columns = self._shape or (1, 1)
        x, y = self._corner[0] + left, self._corner[1] + top
        return x / columns, y / rows, (x + width) / columns, (y + height) / rows

    def _chroma_difference(self, planes: Planes, lit: Mask) -> float:
        rim = cv2.dilate(lit.astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
        halved = rim[::2, ::2]
        x, y = self._corner[0] // 2, self._corner[1] // 2
        rows, columns = halved.shape
        u = planes[1][y : y + rows, x : x + columns]
        v = planes[2][y : y + rows, x : x + columns]
        halved = halved[: u.shape[0], : u.shape[1]]
        if not halved.any():
            return 0.0
        return float(np.mean(v[halved].astype(np.int16) - u[halved]))

    def _here(self, luma: Picture) -> Picture:
        x, y = self._corner
        rows, columns = self._zone.shape
        return luma[y : y + rows, x : x + columns]

    def _measure_out(self, rows: int, columns: int) -> None:
        """Draw the zone for pictures of this size and discard the reference."""
        self._shape, self._usual = (rows, columns), None
        points = np.asarray(self._polygon, dtype=np.float64) * (columns - 1, rows - 1)
        left, top = (int(value) for value in np.floor(points.min(axis=0)))
        right, bottom = (int(value) for value in np.ceil(points.max(axis=0)))
        self._corner = (left, top)
        whole = np.zeros((rows, columns), dtype=np.uint8)
        cv2.fillPoly(whole, [np.rint(points).astype(np.int32)], 1)
        self._zone = whole[top : bottom + 1, left : right + 1] > 0
        self._lit_at = np.full(self._zone.shape, -np.inf)
        context = cv2.dilate(_grid(whole), np.ones((3, 3), np.uint8))
        self._far = context == 0


def _dark(at_s: float, share: float) -> Light:
    """Return the light of a picture whose newly saturated share is below `LIT`."""
    return Light(
        at_s=at_s,
        lit=share,
        everywhere=0.0,
        near_rise=0.0,
        far_rise=0.0,
        chroma_difference=0.0,
        region=None,
        is_pair=False,
    )


def _grid(luma: Picture) -> Picture:
    """Return about `GRID` points a side."""
    rows, columns = luma.shape
    return np.ascontiguousarray(luma[:: max(1, rows // GRID), :: max(1, columns // GRID)])
