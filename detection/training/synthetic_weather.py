"""Hard negatives of the air: a red sky, fog, steam. No box is added. Colours are BGR."""

import numpy as np

from thapcanh.detection.training.picture import TrainingPicture, add_light, blend
from thapcanh.detection.training.shapes import disc, halo, noise, plume

Rng = np.random.Generator
_SKY = ((60, 110, 250), (40, 80, 235), (80, 150, 255), (90, 70, 200))


def sunset(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Draw a red to yellow sky over a darkened scene, often with the sun."""
    height, width = picture.size
    horizon = rng.uniform(0.35, 0.7)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    sky = np.clip(1 - np.abs(y - horizon) / rng.uniform(0.25, 0.6), 0, 1) * (y < horizon + 0.03)
    clouds = 0.55 + 0.9 * (noise(rng, picture.size, coarse=3) - 0.5)
    strength = np.broadcast_to(sky, picture.size) * clouds * rng.uniform(0.6, 1.0)
    scene = picture.pixels * np.float32(rng.uniform(0.2, 0.55))
    colour = _SKY[rng.integers(len(_SKY))]
    pixels = np.clip(blend(scene.astype(np.uint8), colour, strength.astype(np.float32)), 0, 255)
    if rng.random() < 0.6:
        centre = (rng.uniform(0.1, 0.9) * width, (horizon - rng.uniform(0, 0.2)) * height)
        radius = rng.uniform(0.015, 0.06) * width
        lit = add_light(
            pixels.astype(np.uint8), colour, 0.8 * halo(picture.size, centre, 4 * radius)
        )
        lit8 = np.clip(lit, 0, 255).astype(np.uint8)
        pixels = blend(lit8, (200, 245, 255), disc(picture.size, centre, radius))
    return picture.with_pixels(pixels.astype(np.float32))


def fog(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Haze over the whole picture, denser towards the top, where the scene is farther."""
    height, width = picture.size
    y = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    even = rng.uniform(0.2, 0.5) + rng.uniform(0.1, 0.35) * np.broadcast_to(y, (height, width))
    dense = even + 0.15 * (noise(rng, picture.size, coarse=2) - 0.5)
    grey = rng.uniform(150, 225)
    haze = blend(picture.pixels, (grey + 4, grey, grey - 4), np.clip(dense, 0, 0.85).astype("f4"))
    return picture.with_pixels(haze)


def steam(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Draw a short white puff: a pot, a hatch, a vent."""
    height, width = picture.size
    tall, wide = int(height * rng.uniform(0.08, 0.22)), int(width * rng.uniform(0.05, 0.14))
    top = int(rng.integers(int(height * 0.3), height - tall))
    left = int(rng.integers(0, width - wide))
    opacity = np.zeros(picture.size, dtype=np.float32)
    fades = np.linspace(0.1, 1, tall, dtype=np.float32)[:, None] ** 0.7
    puff, _ = plume(rng, (tall, wide))
    opacity[top : top + tall, left : left + wide] = puff * fades * rng.uniform(0.5, 0.9)
    return picture.with_pixels(blend(picture.pixels, (250, 250, 248), opacity))
