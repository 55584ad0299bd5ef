"""Signature of a view: light, detail, and the position of edges."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from thapcanh.ingest.frame import Plane

Map = NDArray[np.float32]

_FINE = (320, 180)  # where sharpness is measured: a defocus of a hundredth of the width shows
_COARSE = (80, 45)  # where edges are: noise is averaged away, shaking of 1 % is within a cell
_THUMB = (16, 9)
EDGES_SHAPE = _COARSE[::-1]
THUMB_SHAPE = _THUMB[::-1]
_BLOCKS = (5, 8)  # of 9 x 10 cells
_ALIKE = 0.45  # correlation of two blocks; unrelated ones stay below it nine times in ten
_TEXTURE = 1.2  # spread of a block's edges (luma levels a cell) from which it can be recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSignature:
    """Signature of one picture, or the mean of many."""

    light: float
    """Mean luma."""
    spread: float
    """Standard deviation of luma over the coarse cells."""
    detail: float
    """Mean Laplacian at the fine scale: what a lens out of focus loses first."""
    contrast: float
    """Mean gradient at the coarse scale: what a cover takes away too."""
    edges: Map
    """(45, 80): gradient of the coarse cells, a little smoothed."""
    thumb: Map
    """(9, 16): luma, for what is left of a scene when no edge is."""

    @property
    def sharpness(self) -> float:
        """Detail for the contrast that there is: falls with focus, not with light."""
        return self.detail / max(self.contrast, 0.1)


def view_signature(luma: Plane) -> ViewSignature:
    """Return the signature of a luma plane (h, w) uint8."""
    fine = cv2.resize(luma, _FINE, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(fine, _COARSE, interpolation=cv2.INTER_AREA).astype(np.float32)
    across = cv2.Sobel(coarse, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(coarse, cv2.CV_32F, 0, 1, scale=0.125)
    gradient = cv2.magnitude(across, down)
    return ViewSignature(
        light=float(coarse.mean()),
        spread=float(coarse.std()),
        detail=float(np.abs(cv2.Laplacian(fine, cv2.CV_16S)).mean()),
        contrast=float(gradient.mean()),
        edges=np.asarray(cv2.GaussianBlur(gradient, (3, 3), 0.8), np.float32),
        thumb=np.asarray(cv2.resize(coarse, _THUMB, interpolation=cv2.INTER_AREA), np.float32),
    )


def blended(mean: ViewSignature, new: ViewSignature, share: float) -> ViewSignature:
    """Return the mean with a `share` of a new view."""

    def mix(before: float, now: float) -> float:
        return before + share * (now - before)

    return replace(
        mean,
        light=mix(mean.light, new.light),
        spread=mix(mean.spread, new.spread),
        detail=mix(mean.detail, new.detail),
        contrast=mix(mean.contrast, new.contrast),
        edges=mean.edges + np.float32(share) * (new.edges - mean.edges),
        thumb=mean.thumb + np.float32(share) * (new.thumb - mean.thumb),
    )


def blocks_found(existing: ViewSignature, view: ViewSignature) -> tuple[float, int]:
    """Return the share of the known view's textured blocks found again, and their number."""
    before, now = _blocks(existing.edges), _blocks(view.edges)
    spread = before.std(axis=1)
    textured = spread > _TEXTURE
    count = int(np.count_nonzero(textured))
    if not count:
        return 0.0, 0
    product = (before - before.mean(axis=1, keepdims=True)) * (
        now - now.mean(axis=1, keepdims=True)
    )
    correlation = product.mean(axis=1) / np.maximum(spread * now.std(axis=1), 1e-3)
    return float(np.count_nonzero(correlation[textured] > _ALIKE)) / count, count


def edge_correlation(existing: ViewSignature, view: ViewSignature) -> float:
    """Correlation of light and dark over the picture, -1..1; 0 where there is none."""
    spreads = float(existing.thumb.std() * view.thumb.std())
    if spreads < 1.0:
        return 0.0
    product = (existing.thumb - existing.thumb.mean()) * (view.thumb - view.thumb.mean())
    return float(product.mean()) / spreads


def _blocks(edges: Map) -> Map:
    """(40, 90): the cells of each block."""
    rows, columns = _BLOCKS
    height, width = edges.shape[0] // rows, edges.shape[1] // columns
    split = edges.reshape(rows, height, columns, width).swapaxes(1, 2)
    return split.reshape(rows * columns, height * width)
