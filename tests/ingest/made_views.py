"""A drawn street as a fixed camera sees it, and what may happen to the camera; grey pictures."""

from itertools import cycle

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 360
_GRAINS = np.random.default_rng(4).normal(0, 2.5, (7, HEIGHT, WIDTH)).astype(np.int16)
_next_grain = cycle(_GRAINS)


def street(seed: int = 1) -> Luma:
    """Walls, windows and kerbs at random places; another seed is another place."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH), 110, np.uint8)
    for _ in range(60):
        left, top = int(rng.integers(0, WIDTH - 40)), int(rng.integers(0, HEIGHT - 30))
        width, height = int(rng.integers(20, 140)), int(rng.integers(15, 90))
        grey = int(rng.integers(30, 220))
        cv2.rectangle(picture, (left, top), (left + width, top + height), grey, -1)
    for line in range(40):
        y = int(rng.integers(0, HEIGHT))
        cv2.line(picture, (0, y), (WIDTH, int(rng.integers(0, HEIGHT))), 40 + line * 4, 1)
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.7), np.uint8)


def seen(picture: Luma) -> Luma:
    """The picture with the sensor's noise."""
    return np.asarray(np.clip(picture + next(_next_grain), 0, 255), np.uint8)


def covered(light: int = 90) -> Luma:
    """A cloth before the lens: a soft shade and nothing else."""
    shade = np.linspace(-4, 4, WIDTH)[None, :] + np.zeros((HEIGHT, 1))
    return np.asarray(light + shade).astype(np.uint8)


def turned(picture: Luma, share: float = 0.3) -> Luma:
    """Another part of the place, as after a push: the rest comes in from the side."""
    by = int(WIDTH * share)
    return np.hstack([picture[:, by:], street(77)[:, :by]])


def defocused(picture: Luma) -> Luma:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), WIDTH / 100), np.uint8)


def lorry(picture: Luma, share: float = 0.65) -> Luma:
    """A flat side of a lorry over most of the picture."""
    out = picture.copy()
    out[HEIGHT // 8 :, : int(WIDTH * share)] = 150
    return out


def headlights(picture: Luma) -> Luma:
    """Two suns and their glare over everything."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    glare = np.zeros((HEIGHT, WIDTH), np.float32)
    for x in (250, 390):
        glare += 230 * np.exp(-(((columns - x) ** 2 + (rows - 220) ** 2) / 110.0**2))
    return np.asarray(np.clip(picture * 0.7 + 60 + glare, 0, 255), np.uint8)


def infra_red(picture: Luma) -> Luma:
    """The lamp at the camera: the middle bright, the corners gone, shades the other way round."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    away = ((columns - WIDTH / 2) / WIDTH) ** 2 + ((rows - HEIGHT / 2) / HEIGHT) ** 2
    lit = (0.55 * (255.0 - picture) + 40) * np.exp(-away * 3.0)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def at_dusk(picture: Luma, share: float) -> Luma:
    """From day (0) to a night with one lamp (1)."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    lamp = np.exp(-(((columns - 430) ** 2 + (rows - 120) ** 2) / 120.0**2))
    day, night = picture.astype(np.float32), picture * (0.12 + 0.7 * lamp) + 10 + 90 * lamp**4
    return np.asarray(np.clip(day * (1 - share) + night * share, 0, 255), np.uint8)
