"""Positives that are far away: small flames and plumes pasted in, whole pictures made smaller."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.tools.training.picture import (
    FLAME,
    SMOKE,
    LabelledBox,
    Pixels,
    Plane,
    TrainingPicture,
    add_light,
    blend,
)
from thapcanh.tools.training.shapes import extent, feather, halo, noise, plume

Rng = np.random.Generator
Floats = npt.NDArray[np.float32]
_LEAST_PX = 8
_BARRED = frozenset({"person", "bicycle", "motorcycle", "car", "bus", "truck"})


def far_fire(
    picture: TrainingPicture, rng: Rng, flames: Sequence[Pixels]
) -> TrainingPicture | None:
    """Paste one or two real flames, 10 to 40 px high, with their light around them."""
    made: TrainingPicture = picture
    for _ in range(int(rng.integers(1, 3))):
        flame = flames[int(rng.integers(len(flames)))]
        small = _shrunk(flame, rng.uniform(10, 40))
        made = _flame_pasted(made, small, rng) or made
    return None if made is picture else made


def far_plume(picture: TrainingPicture, rng: Rng) -> TrainingPicture | None:
    """Draw a column of smoke, wisp to cloud, white to dark; half on a drawn horizon."""
    height, width = picture.size
    landscape = rng.random() < 0.6
    foot = rng.uniform(0.3, 0.65) if landscape else rng.uniform(0.3, 0.95)
    tall = int(height * rng.uniform(0.05, min(0.5, foot)))
    wide = int(tall * rng.uniform(0.7, 1.8))
    if wide >= width or tall < _LEAST_PX or wide < _LEAST_PX:
        return None
    behind = _horizon(picture, rng, foot) if landscape else picture
    bottom, left = int(foot * height), int(rng.integers(0, width - wide))
    column, shade = plume(rng, (tall, wide))
    opacity = np.zeros(picture.size, dtype=np.float32)
    brightness = np.zeros(picture.size, dtype=np.float32)
    opacity[bottom - tall : bottom, left : left + wide] = column * rng.uniform(0.6, 1.0)
    brightness[bottom - tall : bottom, left : left + wide] = shade
    dark, span = (rng.uniform(20, 70), 60) if rng.random() < 0.3 else (rng.uniform(100, 160), 90)
    tint = np.asarray((rng.uniform(0.97, 1.08), 1.0, rng.uniform(0.95, 1.03)), np.float32)
    grey = (dark + span * brightness)[..., None] * tint
    shown = blend(behind.pixels, grey, opacity)
    return None if _hidden(behind, shown, opacity) else _with_box(behind, shown, SMOKE, opacity)


def _horizon(picture: TrainingPicture, rng: Rng, foot: float) -> TrainingPicture:
    """Draw sky and hills, with the picture pressed into the ground below; boxes follow."""
    height, width = picture.size
    rows = int(foot * height)
    low, high = rng.uniform(150, 240), rng.uniform(90, 210)
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    blue = np.asarray((rng.uniform(0, 50), rng.uniform(-5, 5), rng.uniform(-50, 0)), np.float32)
    sky = np.broadcast_to((high + (low - high) * fall) + (1 - fall) * blue, (height, width, 3))
    ground = cv2.resize(picture.pixels, (width, height - rows), interpolation=cv2.INTER_AREA)
    below = np.asarray(sky, dtype=np.float32).copy()
    below[rows:] = ground * np.float32(rng.uniform(0.4, 1.0))
    hills = (rows - noise(rng, (2, width), coarse=5)[0] * rng.uniform(2, 0.09 * height)).astype(int)
    ridge = np.arange(height)[:, None] >= hills[None, :]
    ridge[rows:] = False
    below[ridge] = rng.uniform(40, 130) + blue * 0.4
    share = rows / height
    boxes = tuple(
        LabelledBox(
            label=box.label, xyxy=(x1, share + y1 * (1 - share), x2, share + y2 * (1 - share))
        )
        for box in picture.boxes
        for x1, y1, x2, y2 in (box.xyxy,)
    )
    return replace(picture, boxes=boxes).with_pixels(
        (below + rng.normal(0, 2, below.shape)).astype(np.float32)
    )


def _hidden(behind: TrainingPicture, shown: Floats, opacity: Plane) -> bool:
    """Return whether smoke has the colour of its background and cannot be seen."""
    observed = opacity > 0.3
    if not observed.any():
        return True
    return float(np.abs(shown - behind.pixels)[observed].mean()) < 12


def pasted_smoke(
    picture: TrainingPicture, rng: Rng, smoke: Sequence[Pixels]
) -> TrainingPicture | None:
    """Paste a real piece of smoke, shrunk and faded."""
    piece = _shrunk(smoke[int(rng.integers(len(smoke)))], rng.uniform(0.1, 0.4) * picture.size[0])
    tall, wide = piece.shape[:2]
    height, width = picture.size
    if tall >= height or wide >= width or min(tall, wide) < _LEAST_PX:
        return None
    top, left = int(rng.uniform(0, 0.8) * (height - tall)), int(rng.integers(0, width - wide))
    opacity = np.zeros(picture.size, dtype=np.float32)
    opacity[top : top + tall, left : left + wide] = feather((tall, wide), 0.5) * 0.95
    laid = picture.pixels.copy()
    laid[top : top + tall, left : left + wide] = piece
    return _with_box(picture, blend(picture.pixels, laid, opacity), SMOKE, opacity)


def farther(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Shrink the picture to a quarter or half, surrounded by its mirror images.

    Boxes are mirrored with them.
    """
    height, width = picture.size
    share = rng.uniform(0.34, 0.6)
    small = cv2.resize(picture.pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    tall, wide = small.shape[:2]
    top, left = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
    framed = cv2.copyMakeBorder(
        small, top, height - tall - top, left, width - wide - left, cv2.BORDER_REFLECT
    )
    boxes = tuple(
        shown
        for box in picture.boxes
        for across in (-1, 0, 1)
        for down in (-1, 0, 1)
        if (shown := _mirrored(box, (wide / width, tall / height), (left / width, top / height),
                               (across, down))) is not None
    )  # fmt: skip
    return replace(picture, pixels=np.asarray(framed, dtype=np.uint8), boxes=boxes)


def _mirrored(
    box: LabelledBox, scale: tuple[float, float], shift: tuple[float, float], tile: tuple[int, int]
) -> LabelledBox | None:
    """Return the box in one of the nine tiles, cut at the edge; None if too little is left."""
    x1, x2 = _along(box.xyxy[0], box.xyxy[2], scale[0], shift[0], tile[0])
    y1, y2 = _along(box.xyxy[1], box.xyxy[3], scale[1], shift[1], tile[1])
    whole = (x2 - x1) * (y2 - y1)
    cut = LabelledBox(label=box.label, xyxy=(max(0, x1), max(0, y1), min(1, x2), min(1, y2)))
    return cut if whole > 0 and cut.xyxy[2] > cut.xyxy[0] and cut.area > 0.3 * whole else None


def _along(low: float, high: float, scale: float, shift: float, tile: int) -> tuple[float, float]:
    """Return a span in a tile: mirrored beside (-1, 1), unchanged in the middle (0)."""
    if tile:
        low, high = 1 - high, 1 - low
    return shift + (low + tile) * scale, shift + (high + tile) * scale


def _shrunk(pixels: Pixels, height_px: float) -> Pixels:
    share = height_px / pixels.shape[0]
    size = (max(2, round(pixels.shape[1] * share)), max(2, round(height_px)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _flame_pasted(picture: TrainingPicture, flame: Pixels, rng: Rng) -> TrainingPicture | None:
    """Paste the bright part of a flame, without its dark surroundings."""
    tall, wide = flame.shape[:2]
    height, width = picture.size
    if wide >= width // 2 or tall >= height // 2:
        return None
    top = int(rng.uniform(0.25, 0.95) * (height - tall))
    left = int(rng.integers(0, width - wide))
    spot = (left / width, top / height, (left + wide) / width, (top + tall) / height)
    if any(box.label in _BARRED and _meet(box.xyxy, spot) for box in picture.boxes):
        return None
    shine = np.clip((flame.max(axis=2).astype(np.float32) - 110) / 70, 0, 1)
    opacity = np.zeros(picture.size, dtype=np.float32)
    opacity[top : top + tall, left : left + wide] = shine * feather((tall, wide), 0.35)
    laid = picture.pixels.copy()
    laid[top : top + tall, left : left + wide] = flame
    glow = halo(picture.size, (left + wide / 2, top + tall / 2), tall * 1.5) * rng.uniform(0, 0.25)
    lit = np.clip(add_light(picture.pixels, (30, 110, 255), glow), 0, 255).astype(np.uint8)
    shown = blend(lit, laid, opacity)
    return None if _hidden(picture, shown, opacity) else _with_box(picture, shown, FLAME, opacity)


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _with_box(
    picture: TrainingPicture, shown: Floats, label: str, opacity: Plane
) -> TrainingPicture | None:
    """Return it with a box around the visible part; None if that is too small to learn."""
    observed = extent(opacity)
    if (
        observed is None
        or min(observed[2] - observed[0], observed[3] - observed[1]) < _LEAST_PX // 2
    ):
        return None
    height, width = picture.size
    x1, y1, x2, y2 = observed
    corners = (x1 / width, y1 / height, x2 / width, y2 / height)
    return picture.with_pixels(shown).with_box(LabelledBox(label=label, xyxy=corners))
