"""Local change: how a part of the picture changed from within since the last inference."""

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.region import Region

MIN_PX = 6  # a smaller box is mostly noise; it is measured together with its surroundings
REACH_SHARE = 0.5  # of the box's longer side: how far the thing may have moved
MIN_REACH_PX = 6
MAX_REACH_PX = 24
LARGE_PX = 128  # a box this large is searched for on a picture reduced further
SOFT_PX = 1.0  # standard deviation
WHOLE_PX = 24  # what is narrower loses some of its inside in softening, so that counts more …
LEAST_SHARE = 0.4  # … up to this
STEPS = 2  # of the fit; the second begins where the first has ended
NEAREST_STEP_PX, FARTHEST_STEP_PX = 0.1, 1.5  # it ends there; what leads farther found nothing
UNMOVED = 4.0  # mean difference of luma; a picture that moved far as a whole differs by more
SURE_SWEEP = 0.3  # of 1: how much of the picture says that it moved as a whole
_RIDGE = 1e-3  # luma squared: a flat patch says nothing of where it lies
_FLAT = 1e-3  # sum of squares: a patch without an inside is like everything
_Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalChange:
    """Difference inside a region without movement and brightness."""

    inner: float  # RMS of luma, 0..255; of a small thing made greater
    correlation: float  # correlation of what was fitted and what is there, 0..1
    moved_px: float  # how far the best match lies, in pixels of the small picture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Best match of a patch in the last picture."""

    left: float  # RMS of what the fit leaves over
    at: tuple[float, float]  # x, y in the last picture


class FramePair:
    """Two small pictures of one camera, an inference apart."""

    def __init__(self, before: Picture, now: Picture) -> None:
        """Create a pair of pictures of equal size, (h, w) uint8."""
        self._before = before
        self._now = now

    def inside(self, region: Region) -> LocalChange:
        """Return the change inside this region of the newer picture."""
        left, top, right, bottom = _pixels(region, self._now.shape[1], self._now.shape[0])
        before, now = self._soft
        patch = now[top:bottom, left:right]
        found = [_search(patch, before, (left, top))]
        if self._sweep is not None:
            found.append(_search(patch, before, (left - self._sweep[0], top - self._sweep[1])))
        best = min(found, key=lambda match: match.left)
        spread = float(patch.std())
        unlike = best.left / spread if spread > _FLAT else 0.0
        share = max(LEAST_SHARE, min(patch.shape) / WHOLE_PX)
        return LocalChange(
            inner=best.left / min(1.0, share),
            correlation=math.sqrt(max(0.0, 1.0 - unlike**2)),
            moved_px=math.hypot(best.at[0] - left, best.at[1] - top),
        )

    @cached_property
    def _soft(self) -> tuple[_Floats, _Floats]:
        before, now = (
            cv2.GaussianBlur(picture.astype(np.float32), (0, 0), SOFT_PX)
            for picture in (self._before, self._now)
        )
        return np.asarray(before, np.float32), np.asarray(now, np.float32)

    @cached_property
    def _sweep(self) -> tuple[int, int] | None:
        """Shift of the whole picture in pixels, or None if the search covers it."""
        if cv2.absdiff(self._before, self._now).mean() < UNMOVED:
            return None
        before, now = (
            cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            for picture in self._soft
        )
        window = cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F)
        (across, down), sureness = cv2.phaseCorrelate(before, now, window)
        moved = round(2 * across), round(2 * down)
        if sureness < SURE_SWEEP or max(map(abs, moved)) <= MIN_REACH_PX:
            return None
        return moved


def _search(patch: _Floats, before: _Floats, near: tuple[int, int]) -> _Found:
    """Return the best match of the patch around `near` in the last picture."""
    height, width = patch.shape
    reach = round(REACH_SHARE * max(width, height))
    reach = min(MAX_REACH_PX, max(MIN_REACH_PX, reach))
    x = min(max(0, near[0]), before.shape[1] - width)
    y = min(max(0, near[1]), before.shape[0] - height)
    from_x, from_y = max(0, x - reach), max(0, y - reach)
    context = before[from_y : y + height + reach, from_x : x + width + reach]
    scale = min(1.0, LARGE_PX / max(patch.shape))
    if scale < 1.0:
        patch, context = _reduced(patch, scale), _reduced(context, scale)
    differences = cv2.matchTemplate(context, patch, cv2.TM_SQDIFF)
    _, _, least, _ = cv2.minMaxLoc(differences)
    left, (fit_x, fit_y) = _fitted(patch, context, least)
    return _Found(left=left, at=(from_x + fit_x / scale, from_y + fit_y / scale))


def _fitted(
    patch: _Floats, context: _Floats, at: tuple[int, int]
) -> tuple[float, tuple[float, float]]:
    """Return the residual (RMS) of the best fit near `at`, and its position in `context`."""
    height, width = patch.shape
    mean = patch.mean(dtype=np.float32)
    requested = (patch - mean).ravel()
    best, (x, y) = math.inf, (float(at[0]), float(at[1]))
    for _ in range(STEPS):
        moved = np.array([[1, 0, x - 1], [0, 1, y - 1]], dtype=np.float32)
        there = cv2.warpAffine(
            context, moved, (width + 2, height + 2),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        ) - mean  # fmt: skip
        provided = np.stack(
            [
                there[1:-1, 1:-1].ravel(),
                np.ones_like(requested),
                (there[1:-1, 2:] - there[1:-1, :-2]).ravel() / 2,
                (there[2:, 1:-1] - there[:-2, 1:-1]).ravel() / 2,
            ]
        )
        products = (provided @ provided.T).astype(np.float64)
        products[np.diag_indices_from(products)] += _RIDGE * requested.size
        contrast, light, across, down = np.linalg.solve(products, provided @ requested)
        over = requested - np.array([contrast, light, across, down], np.float32) @ provided
        left = float(np.sqrt(np.square(over).mean()))
        if left >= best:
            break
        best, found = left, (x, y)
        step = max(abs(across), abs(down))
        if not NEAREST_STEP_PX * contrast < step < FARTHEST_STEP_PX * contrast:
            break
        x, y = x + across / contrast, y + down / contrast
    return best, found


def _reduced(picture: _Floats, scale: float) -> _Floats:
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _pixels(region: Region, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the region in whole pixels, at least `MIN_PX` a side, inside the picture."""
    left, right = _span(region[0] * width, region[2] * width, width)
    top, bottom = _span(region[1] * height, region[3] * height, height)
    return left, top, right, bottom


def _span(start: float, end: float, limit: int) -> tuple[int, int]:
    missing = max(0.0, MIN_PX - (end - start)) / 2
    first = max(0, min(round(start - missing), limit - MIN_PX))
    return first, max(first + MIN_PX, min(round(end + missing), limit))
