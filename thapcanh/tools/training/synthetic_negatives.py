"""Hard negatives: lamps, LED boards, headlights, cloth, red skies, fog, steam. BGR colours."""

import cv2
import numpy as np

from thapcanh.tools.training.picture import Pixels, Plane, TrainingPicture, add_light, blend
from thapcanh.tools.training.shapes import disc, halo, noise, plume

Rng = np.random.Generator
_WARM = ((120, 190, 255), (60, 150, 255), (40, 110, 250), (180, 225, 255), (30, 170, 255))
_BOARD = ((30, 30, 255), (20, 110, 255), (20, 190, 255), (40, 60, 240))
_CLOTH = ((30, 30, 190), (20, 70, 225), (25, 110, 235), (40, 30, 150), (40, 160, 235))


def lamps(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Warm street lamps, lanterns and bulbs at night, with their halo."""
    dark = _darkened(picture.pixels, rng)
    for _ in range(int(rng.integers(2, 10))):
        radius = rng.uniform(0.008, 0.05) * max(picture.size)
        dark = _lamp(dark, _place(picture, rng, 0.75), radius, _WARM[rng.integers(len(_WARM))], rng)
    return picture.with_pixels(dark.astype(np.float32))


def headlights(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Draw pairs of dazzling headlights low in a dark picture."""
    dark = _darkened(picture.pixels, rng)
    height, width = picture.size
    for _ in range(int(rng.integers(1, 4))):
        radius = rng.uniform(0.012, 0.05) * width
        y, x = rng.uniform(0.4, 0.85) * height, rng.uniform(0.1, 0.9) * width
        colour = (int(rng.integers(170, 256)), int(rng.integers(215, 256)), 255)
        for side in (-1, 1):
            dark = _lamp(dark, (x + side * radius * rng.uniform(1.6, 3), y), radius, colour, rng)
    return picture.with_pixels(dark.astype(np.float32))


def led_board(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Draw a board of glowing red, orange or yellow dots."""
    height, width = picture.size
    dark = _darkened(picture.pixels, rng)
    board_h, board_w = int(height * rng.uniform(0.08, 0.3)), int(width * rng.uniform(0.15, 0.55))
    top = int(rng.integers(0, max(1, int(height * 0.7) - board_h)))
    left = int(rng.integers(0, width - board_w))
    lit = np.zeros((height, width), dtype=np.float32)
    lit[top : top + board_h, left : left + board_w] = _dots(rng, (board_h, board_w))
    colour = _BOARD[rng.integers(len(_BOARD))]
    glow = cv2.GaussianBlur(lit, (0, 0), rng.uniform(3, 14)).astype(np.float32)
    shown = blend(dark, colour, lit)
    with_glow = shown + glow[..., None] * np.asarray(colour, np.float32) * rng.uniform(0.2, 0.8)
    return picture.with_pixels(with_glow)


def red_cloth(picture: TrainingPicture, rng: Rng) -> TrainingPicture:
    """Draw flags, jackets and tarpaulins with folds, lit by the scene."""
    pixels = picture.pixels
    for _ in range(int(rng.integers(1, 4))):
        shape = _blob(picture.size, rng)
        folds = 0.75 + 0.5 * (_folds(picture.size, rng) - 0.5)
        colour = np.asarray(_CLOTH[rng.integers(len(_CLOTH))], np.float32)
        light = float(np.clip(pixels.mean() / 120, 0.35, 1.15))
        cloth = folds[..., None] * colour * light
        pixels = np.clip(blend(pixels, cloth, shape), 0, 255).astype(np.uint8)
    return picture.with_pixels(pixels.astype(np.float32))


def _darkened(pixels: Pixels, rng: Rng) -> Pixels:
    night = pixels.astype(np.float32) * rng.uniform(0.12, 0.5)
    return np.asarray(np.clip(night, 0, 255), dtype=np.uint8)


def _place(picture: TrainingPicture, rng: Rng, lowest: float) -> tuple[float, float]:
    height, width = picture.size
    return rng.uniform(0, width), rng.uniform(0, lowest * height)


def _lamp(
    pixels: Pixels, centre: tuple[float, float], radius: float, colour: tuple[int, int, int],
    rng: Rng,
) -> Pixels:  # fmt: skip
    """Draw an overexposed core with a halo in the lamp's colour."""
    size = (pixels.shape[0], pixels.shape[1])
    glow = halo(size, centre, radius * rng.uniform(1.5, 4)) * rng.uniform(0.4, 0.9)
    lit = np.clip(add_light(pixels, colour, glow), 0, 255).astype(np.uint8)
    core = np.asarray(colour, np.float32) * 0.35 + 255 * 0.65
    return np.clip(blend(lit, core, disc(size, centre, radius)), 0, 255).astype(np.uint8)


def _dots(rng: Rng, size: tuple[int, int]) -> Plane:
    """Return rows of dotted signs as opacity."""
    pitch = int(rng.integers(3, 7))
    rows, columns = max(1, size[0] // pitch), max(1, size[1] // pitch)
    signs = rng.random((max(1, rows // 2), max(1, columns // 2))) < rng.uniform(0.35, 0.7)
    grid = cv2.resize(signs.astype(np.float32), (columns, rows), interpolation=cv2.INTER_NEAREST)
    dots = cv2.resize(grid, (size[1], size[0]), interpolation=cv2.INTER_NEAREST)
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    gaps = (y % pitch == 0) | (x % pitch == 0)
    shine: Plane = np.where(gaps, 0.25 * dots, dots).astype(np.float32)
    return shine


def _blob(size: tuple[int, int], rng: Rng) -> Plane:
    """Return a closed soft shape of 1 to 12 % of the picture."""
    height, width = size
    corners = int(rng.integers(5, 9))
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    far = rng.uniform(0.6, 1.0, corners) * np.sqrt(rng.uniform(0.01, 0.12) * height * width / 2.5)
    x = rng.uniform(0.1, 0.9) * width + far * np.cos(turn)
    y = rng.uniform(0.1, 0.95) * height + far * rng.uniform(0.8, 1.8) * np.sin(turn)
    filled = np.zeros(size, dtype=np.uint8)
    cv2.fillPoly(filled, [np.stack([x, y], axis=1).astype(np.int32)], 255)
    soft: Plane = (cv2.GaussianBlur(filled, (0, 0), 1.5) / 255.0).astype(np.float32)
    return soft


def _folds(size: tuple[int, int], rng: Rng) -> Plane:
    x = np.linspace(0, 1, size[1], dtype=np.float32)[None, :]
    y = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    along = x * rng.uniform(10, 50) + y * rng.uniform(-20, 20) + 4 * noise(rng, size)
    waves: Plane = (0.5 + 0.5 * np.sin(along)).astype(np.float32)
    return waves


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
