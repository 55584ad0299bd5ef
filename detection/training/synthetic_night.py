"""Pictures as cameras see at night: infra-red, or dark around the flames."""

import cv2
import numpy as np

from thapcanh.detection.training.picture import FLAME, TrainingPicture
from thapcanh.detection.training.shapes import halo

Rng = np.random.Generator


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
