"""Smoke without a column: a room or a street that fills, drawn over a picture. Colours are BGR."""

import numpy as np

from thapcanh.detection.training.picture import SMOKE, LabelledBox, Plane, TrainingPicture, blend
from thapcanh.detection.training.shapes import extent, noise

Rng = np.random.Generator
_OBSERVED = 0.25
"""The opacity from which on smoke is boxed: what is thinner, nobody would draw a box around."""
_LEAST_CONTRAST = 20.0


def filling_smoke(picture: TrainingPicture, rng: Rng) -> TrainingPicture | None:
    """Draw billows that spread from a point or hang under the ceiling.

    Unlike fog they are ragged, and denser at their source.
    """
    hangs = rng.random() < 0.35
    spread = _hanging(picture.size, rng) if hangs else _spreading(picture.size, rng)
    ragged = 0.35 + 1.3 * noise(rng, picture.size, coarse=int(rng.integers(2, 5)), octaves=5)
    opacity = np.clip(spread * ragged * rng.uniform(0.45, 1.0), 0, 0.93).astype(np.float32)
    shade = noise(rng, picture.size, coarse=3) - 0.5
    grey = rng.uniform(40, 110) if rng.random() < 0.3 else rng.uniform(120, 225)
    tint = np.asarray((rng.uniform(0.96, 1.07), 1.0, rng.uniform(0.95, 1.04)), np.float32)
    shown = blend(picture.pixels, (grey + 60 * shade)[..., None] * tint, opacity)
    observed = extent(opacity, _OBSERVED)
    if observed is None or float(np.abs(shown - picture.pixels)[opacity > _OBSERVED].mean()) < (
        _LEAST_CONTRAST
    ):
        return None
    height, width = picture.size
    x1, y1, x2, y2 = observed
    if (x2 - x1) * (y2 - y1) < 0.04 * height * width:
        return None
    corners = (x1 / width, y1 / height, x2 / width, y2 / height)
    return picture.with_pixels(shown).with_box(LabelledBox(label=SMOKE, xyxy=corners))


def _spreading(size: tuple[int, int], rng: Rng) -> Plane:
    """Return opacity that is dense at a low point and thins around it."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x / width - rng.uniform(0.05, 0.95)) / rng.uniform(0.15, 0.6)
    up = (rng.uniform(0.4, 0.95) - y / height) / rng.uniform(0.25, 0.8)
    far = np.hypot(across, np.where(up > 0, up, 3.0 * up))
    thins: Plane = np.clip(1.25 - far, 0, 1).astype(np.float32)
    return thins


def _hanging(size: tuple[int, int], rng: Rng) -> Plane:
    """Return a layer from the upper edge down to a wavy lower edge."""
    height, width = size
    low = rng.uniform(0.2, 0.65) + 0.25 * (noise(rng, (2, width), coarse=4)[0] - 0.5)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    layer: Plane = np.clip((low[None, :] - y) / rng.uniform(0.08, 0.3), 0, 1).astype(np.float32)
    return layer
