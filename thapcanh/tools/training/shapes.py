"""Soft shapes that made pictures are drawn with: noise, discs, plumes. Opacities of 0 to 1."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.tools.training.picture import Plane

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """Billow of smoke."""

    x: float
    y: float
    radius_px: float
    dense: float
    """Opacity in its middle."""


def noise(rng: Rng, size: tuple[int, int], coarse: int = 4, octaves: int = 4) -> Plane:
    """Cloudy noise, mean about 0.5: coarse random grids, enlarged and added with falling weight."""
    height, width = size
    total = np.zeros(size, dtype=np.float32)
    weight_sum = 0.0
    for octave in range(octaves):
        cells = coarse * 2**octave
        grid = rng.random((max(2, cells * height // max(size)), max(2, cells * width // max(size))))
        weight = 0.5**octave
        total += weight * cv2.resize(
            grid.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        weight_sum += weight
    return _opacity(total / weight_sum)


def disc(size: tuple[int, int], centre: tuple[float, float], radius_px: float) -> Plane:
    """Return a disc with a soft edge of one pixel; centre x, y in pixels."""
    return _opacity(radius_px - _distance(size, centre) + 0.5)


def halo(size: tuple[int, int], centre: tuple[float, float], radius_px: float) -> Plane:
    """Return light that falls off around a point: half of it at about one radius."""
    far = _distance(size, centre) / max(radius_px, 0.5)
    return _opacity(np.exp(-0.7 * far**2))


def feather(size: tuple[int, int], share: float = 0.25) -> Plane:
    """Opaque in the middle, fading towards an ellipse inside the rectangle: for pasting."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot((x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1)
    return _opacity((1 - far) / share)


def plume(rng: Rng, size: tuple[int, int]) -> tuple[Plane, Plane]:
    """Return a column of smoke as opacity and brightness (0..1).

    Each billow is lit from one side; the foot is at the bottom.
    """
    height, width = size
    opacity, shade = np.zeros(size, dtype=np.float32), np.full(size, 0.5, dtype=np.float32)
    lean, bend = rng.uniform(-0.4, 0.4), rng.uniform(0.7, 2.0)
    sun = rng.choice((-1.0, 1.0))
    thins = rng.uniform(0.1, 0.6)
    for up in np.sort(rng.random(int(rng.integers(40, 110))) ** 0.8):
        spread = 0.03 + rng.uniform(0.05, 0.12) * up
        x = (0.5 - lean / 2 + lean * up**bend + rng.normal(0, 0.6) * spread) * width
        y = (1 - 0.9 * up) * height - 0.03 * height
        radius = max(1.5, (0.03 + 0.11 * up) * rng.uniform(0.6, 1.4) * height)
        ball = Ball(x=x, y=y, radius_px=radius, dense=0.9 - thins * up)
        _billow(opacity, shade, ball, sun)
    ragged = np.clip(noise(rng, size, coarse=6) * 2 - 0.1, 0.35, 1)
    return _opacity(opacity * ragged), _opacity(shade)


def _billow(opacity: Plane, shade: Plane, ball: Ball, sun: float) -> None:
    """Draw a soft ball lit from the sun's side (-1, 1)."""
    x, y, radius = ball.x, ball.y, ball.radius_px
    top, left = max(0, int(y - 1.5 * radius)), max(0, int(x - 1.5 * radius))
    bottom, right = int(y + 1.5 * radius) + 1, int(x + 1.5 * radius) + 1
    part = opacity[top:bottom, left:right]
    if not part.size:
        return
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    across, down = (columns - x) / radius, (rows - y) / radius
    shown = np.clip(1.35 - np.hypot(across, down), 0, 1) * ball.dense
    light = np.clip(0.5 + 0.3 * sun * across - 0.25 * down, 0, 1)
    shade[top:bottom, left:right] += shown * (light - shade[top:bottom, left:right])
    opacity[top:bottom, left:right] = 1 - (1 - part) * (1 - shown)


def extent(opacity: Plane, least: float = 0.12) -> tuple[int, int, int, int] | None:
    """Return x1, y1, x2, y2 in pixels of the visible part, or None."""
    rows = np.flatnonzero((opacity > least).any(axis=1))
    columns = np.flatnonzero((opacity > least).any(axis=0))
    if not len(rows) or not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _opacity(values: npt.ArrayLike) -> Plane:
    cut: Plane = np.clip(np.asarray(values), 0, 1).astype(np.float32)
    return cut


def _distance(size: tuple[int, int], centre: tuple[float, float]) -> Plane:
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    far: Plane = np.hypot(x - centre[0], y - centre[1]).astype(np.float32)
    return far
