"""Synthetic pictures: one function per kind, from a real picture and a seeded generator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np

from thapcanh.tools.training import synthetic_far, synthetic_negatives
from thapcanh.tools.training.picture import (
    FLAME,
    SMOKE,
    LabelledBox,
    Pixels,
    Plane,
    TrainingPicture,
    blend,
)
from thapcanh.tools.training.shapes import extent, halo, noise

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


def infra_red(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Return it without colour, brightest in the camera's own light, with sensor noise.

    The warm channel weighs most, as flames are bright in near infra-red.
    """
    blue, green, red = (picture.pixels[..., i].astype(np.float32) for i in range(3))
    grey = 0.1 * blue + 0.3 * green + 0.6 * red
    height, width = picture.size
    middle = (rng.uniform(0.35, 0.65) * width, rng.uniform(0.4, 0.8) * height)
    lit = 0.45 + 0.65 * halo(picture.size, middle, rng.uniform(0.5, 0.9) * width)
    noisy = grey * lit * rng.uniform(0.8, 1.2) + rng.normal(0, rng.uniform(1, 7), picture.size)
    return picture.with_pixels(np.repeat(noisy.astype(np.float32)[..., None], 3, axis=2))


def dark(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Return it at night around the flames, which stay bright."""
    height, width = picture.size
    keep = np.zeros(picture.size, dtype=np.float32)
    for box in picture.boxes:
        if box.label == FLAME:
            x1, y1, x2, y2 = box.xyxy
            keep[int(y1 * height) : int(y2 * height) + 1, int(x1 * width) : int(x2 * width) + 1] = 1
    soft = cv2.GaussianBlur(keep, (0, 0), max(2.0, 0.03 * width))
    bright = np.clip((picture.pixels.max(axis=2).astype(np.float32) - 90) / 120, 0, 1)
    share = rng.uniform(0.12, 0.4) + 0.85 * soft * bright
    return picture.with_pixels(picture.pixels * np.clip(share, 0, 1)[..., None].astype(np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStock:
    """Pixels of real flames and smoke to paste."""

    flames: Sequence[Pixels]
    smoke: Sequence[Pixels]


Make = Callable[[TrainingPicture, Rng, PictureStock], TrainingPicture | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticKind:
    """Kind of synthetic picture."""

    make: Make
    needs: tuple[str, ...] | None
    """Made from pictures with a box of one of these labels; None: from pictures without any
    flame or smoke."""
    teaches: str


def _plain(make: Callable[[TrainingPicture, Rng], TrainingPicture | None]) -> Make:
    """Return a kind that pastes nothing."""
    return lambda picture, rng, _stock: make(picture, rng)


KINDS: Mapping[str, SyntheticKind] = MappingProxyType(
    {
        "lamps": SyntheticKind(
            make=_plain(synthetic_negatives.lamps), needs=None, teaches="lamps are no flames"
        ),
        "led_board": SyntheticKind(
            make=_plain(synthetic_negatives.led_board),
            needs=None,
            teaches="LED boards are no flames",
        ),
        "headlights": SyntheticKind(
            make=_plain(synthetic_negatives.headlights),
            needs=None,
            teaches="headlights are no flames",
        ),
        "red_cloth": SyntheticKind(
            make=_plain(synthetic_negatives.red_cloth), needs=None, teaches="red cloth is no flame"
        ),
        "sunset": SyntheticKind(
            make=_plain(synthetic_negatives.sunset), needs=None, teaches="a red sky is no flame"
        ),
        "fog": SyntheticKind(
            make=_plain(synthetic_negatives.fog), needs=None, teaches="fog is no smoke"
        ),
        "steam": SyntheticKind(
            make=_plain(synthetic_negatives.steam), needs=None, teaches="steam is no smoke"
        ),
        "far_fire": SyntheticKind(
            make=lambda picture, rng, stock: synthetic_far.far_fire(picture, rng, stock.flames),
            needs=None,
            teaches="small flames far away",
        ),
        "far_smoke": SyntheticKind(
            make=_plain(synthetic_far.far_plume), needs=None, teaches="columns of smoke far away"
        ),
        "pasted_smoke": SyntheticKind(
            make=lambda picture, rng, stock: synthetic_far.pasted_smoke(picture, rng, stock.smoke),
            needs=None,
            teaches="real smoke, small, in other places",
        ),
        "farther": SyntheticKind(
            make=_plain(synthetic_far.farther),
            needs=(FLAME, SMOKE),
            teaches="the same from farther",
        ),
        "infra_red": SyntheticKind(
            make=_plain(infra_red),
            needs=(FLAME, SMOKE),
            teaches="grey pictures of cameras with infra-red light",
        ),
        "grey": SyntheticKind(
            make=_plain(infra_red), needs=None, teaches="grey pictures without fire"
        ),
        "dark_fire": SyntheticKind(make=_plain(dark), needs=(FLAME,), teaches="flames in the dark"),
        "filling_smoke": SyntheticKind(
            make=_plain(filling_smoke),
            needs=None,
            teaches="smoke without a column: a room or street that fills",
        ),
    }
)
