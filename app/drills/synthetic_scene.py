"""The drawn street corner of the made clips: a still picture, and the light that falls on it.

Pure drawing, deterministic.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (h, w, 3) BGR, 0..1 and above before it is shown
Grey = NDArray[np.float32]  # (h, w)

_DRAWN_AT = (1280, 720)  # twice the usual size: shrinking it afterwards smooths the edges
_EVENING = (0.52, 0.44, 0.40)  # the light of an overcast evening, a little blue (BGR)
_HORIZON = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetScene:
    """A street: `still` is the unlit picture, `surfaces` its albedo."""

    still: Picture
    surfaces: Picture
    fire_at: tuple[int, int]  # px: where the rubbish heap is


def in_colour(light: Grey, colour: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Picture:
    """Return light of one colour, BGR; merging channels is faster than broadcasting."""
    return np.asarray(cv2.merge([light * np.float32(part) for part in colour]), np.float32)


def noise_tile(rng: np.random.Generator, size: int, octaves: int = 5) -> Grey:
    """Fractal value noise that repeats without a seam, 0..1; `size` is a power of two."""
    total = np.zeros((size, size), np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        cells = min(size, 4 << octave)
        grid = rng.random((cells, cells), dtype=np.float32)
        margin = 2
        wrapped = np.pad(grid, margin, mode="wrap")
        scale = size // cells
        big = cv2.resize(wrapped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        cut = margin * scale
        total += weight * big[cut : cut + size, cut : cut + size]
        weights += weight
        weight *= 0.55
    low, high = float(total.min()), float(total.max())
    return np.asarray((total - low) / (high - low), np.float32)


def street_scene(width: int, height: int, seed: int) -> StreetScene:
    """Return the street corner at a size in pixels; a seed gives the same street."""
    rng = np.random.default_rng(seed)
    noise = noise_tile(rng, 1024, octaves=7)
    canvas = np.zeros((_DRAWN_AT[1], _DRAWN_AT[0], 3), np.float32)
    _sky_and_far_houses(canvas, rng)
    _ground(canvas, noise, rng)
    _left_house(canvas, rng)
    _yard_wall(canvas, rng)
    _pole_and_wires(canvas)
    _rubbish(canvas, rng)
    _weather(canvas, noise)
    surfaces = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    surfaces = np.clip(surfaces, 0, 1).astype(np.float32)
    still = surfaces * np.asarray(_EVENING, np.float32)
    fire_at = (round(width * 0.734), round(height * 0.755))
    return StreetScene(still=still, surfaces=surfaces, fire_at=fire_at)


def _fill(canvas: Picture, points: list[tuple[int, int]], colour: tuple[float, ...]) -> None:
    cv2.fillPoly(canvas, [np.array(points, np.int32)], colour, lineType=cv2.LINE_AA)


def _sky_and_far_houses(canvas: Picture, rng: np.random.Generator) -> None:
    top, bottom = np.array((0.62, 0.55, 0.50)), np.array((0.72, 0.72, 0.74))
    share = np.linspace(0, 1, _HORIZON)[:, None, None]
    canvas[:_HORIZON] = top * (1 - share) + bottom * share
    left = 420
    while left < 1280:
        wide, tall = int(rng.integers(60, 150)), int(rng.integers(60, 170))
        shade = float(rng.uniform(0.36, 0.5))
        roof = _HORIZON - tall
        _fill(
            canvas,
            [(left, _HORIZON), (left, roof), (left + wide, roof), (left + wide, _HORIZON)],
            (shade * 1.05, shade, shade * 0.97),
        )
        for x in range(left + 10, left + wide - 12, 22):
            for y in range(roof + 12, _HORIZON - 16, 26):
                glass = shade * float(rng.uniform(0.5, 0.8))
                _fill(
                    canvas,
                    [(x, y), (x + 10, y), (x + 10, y + 14), (x, y + 14)],
                    (glass * 1.1, glass, glass * 0.95),
                )
        left += wide + int(rng.integers(-6, 14))


def _ground(canvas: Picture, noise: Grey, rng: np.random.Generator) -> None:
    rows = np.arange(_HORIZON, 720)
    depth = (720 - _HORIZON) / (rows - _HORIZON + 14.0)
    columns = (np.arange(1280)[None, :] - 640) * depth[:, None] / 6
    map_x = np.mod(columns + 512, 1024).astype(np.float32)
    map_y = np.mod(np.repeat((depth * 90)[:, None], 1280, axis=1), 1024).astype(np.float32)
    grain = cv2.remap(noise, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    stones = rng.standard_normal(grain.shape).astype(np.float32) * 0.035
    asphalt = 0.34 + 0.16 * (grain - 0.5) + stones
    canvas[_HORIZON:] = asphalt[..., None] * np.array((1.03, 1.0, 0.98))
    _fill(canvas, [(0, 720), (0, 560), (470, 262), (510, 262), (250, 720)], (0.47, 0.48, 0.49))
    _fill(canvas, [(250, 720), (510, 262), (516, 262), (275, 720)], (0.62, 0.63, 0.64))
    for near, far in ((690, 600), (540, 480), (440, 402), (372, 346), (324, 306)):
        left = [(_lane(near, 0), near), (_lane(far, 0), far)]
        right = [(_lane(far, 1), far), (_lane(near, 1), near)]
        _fill(canvas, left + right, (0.66, 0.68, 0.68))


def _lane(y: int, side: int) -> int:
    nearness = (y - _HORIZON) / (720 - _HORIZON)
    return round(575 + 60 * nearness + side * 18 * nearness)


def _left_house(canvas: Picture, rng: np.random.Generator) -> None:
    _fill(canvas, [(0, 0), (330, 96), (452, 170), (452, 272), (0, 590)], (0.50, 0.58, 0.62))
    _fill(canvas, [(330, 96), (452, 170), (452, 272), (330, 352)], (0.44, 0.51, 0.55))
    for x, wide in ((40, 84), (170, 66), (350, 34), (402, 26)):
        for floor in (0, 1):
            top = 150 + x // 6 + floor * (170 - x // 4)
            tall = 92 - x // 8
            glass = float(rng.uniform(0.16, 0.24))
            frame = [(x - 5, top - 5), (x + wide + 5, top + 2)]
            frame += [(x + wide + 5, top + tall - 2), (x - 5, top + tall + 6)]
            _fill(canvas, frame, (0.66, 0.68, 0.70))
            pane = [(x, top), (x + wide, top + 5), (x + wide, top + tall - 6), (x, top + tall)]
            _fill(canvas, pane, (glass * 1.2, glass, glass * 0.9))
            middle = x + wide // 2
            cv2.line(canvas, (middle, top), (middle, top + tall - 4), (0.6, 0.62, 0.64), 3)
    _fill(canvas, [(0, 300), (300, 296), (340, 322), (0, 350)], (0.30, 0.42, 0.34))


def _yard_wall(canvas: Picture, rng: np.random.Generator) -> None:
    """Draw a brick wall that comes towards the camera on the right."""
    corners = np.array([(700, 262), (1280, 120), (1280, 640), (700, 330)], np.float32)
    bricks = np.full((256, 1024, 3), (0.46, 0.49, 0.52), np.float32)
    for row in range(16):
        for column in range(-1, 16):
            shade = float(rng.uniform(0.82, 1.12))
            x = column * 64 + (32 if row % 2 else 0)
            colour = (0.30 * shade, 0.36 * shade, 0.47 * shade)
            cv2.rectangle(bricks, (x + 2, row * 16 + 2), (x + 61, row * 16 + 13), colour, -1)
    flat = np.array([(0, 0), (1024, 0), (1024, 256), (0, 256)], np.float32)
    projection = cv2.getPerspectiveTransform(flat, corners)
    warped = cv2.warpPerspective(bricks, projection, _DRAWN_AT, flags=cv2.INTER_AREA)
    mask = np.zeros((720, 1280), np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 255)
    canvas[mask > 0] = warped[mask > 0]
    _fill(canvas, [(696, 256), (1280, 104), (1280, 128), (696, 268)], (0.52, 0.54, 0.56))
    _fill(
        canvas, [(700, 330), (1280, 640), (1280, 720), (1180, 720), (690, 340)], (0.40, 0.42, 0.43)
    )


def _pole_and_wires(canvas: Picture) -> None:
    _fill(canvas, [(706, 0), (722, 0), (728, 356), (702, 356)], (0.40, 0.41, 0.42))
    _fill(canvas, [(717, 0), (722, 0), (728, 356), (720, 356)], (0.30, 0.31, 0.32))
    cv2.rectangle(canvas, (664, 40), (770, 47), (0.3, 0.32, 0.33), -1)
    for start, end in (((668, 40), (0, 8)), ((690, 40), (0, 36)), ((760, 40), (1280, 10))):
        cv2.line(canvas, start, end, (0.2, 0.2, 0.21), 2, cv2.LINE_AA)


def _rubbish(canvas: Picture, rng: np.random.Generator) -> None:
    """Cardboard boxes and bags at the foot of the wall: what is going to burn."""
    for x, y in ((906, 500), (892, 522), (1004, 520)):
        cv2.ellipse(canvas, (x, y), (27, 23), 0, 0, 360, (0.17, 0.17, 0.18), -1, cv2.LINE_AA)
        cv2.ellipse(canvas, (x - 6, y - 9), (9, 4), -30, 0, 360, (0.3, 0.3, 0.31), -1, cv2.LINE_AA)
    for x, y, size in ((930, 506, 50), (968, 528, 58), (916, 536, 46), (950, 552, 44)):
        shade = float(rng.uniform(0.85, 1.1))
        half = size // 2
        front = [(x - half, y - half), (x + half, y - half + 4), (x + half, y + half)]
        _fill(
            canvas, [*front, (x - half, y + half - 5)], (0.26 * shade, 0.38 * shade, 0.46 * shade)
        )
        lid = [(x - half, y - half), (x - half + 16, y - half - 14), (x + half + 12, y - half - 10)]
        _fill(canvas, [*lid, (x + half, y - half + 4)], (0.34 * shade, 0.47 * shade, 0.55 * shade))


def _weather(canvas: Picture, noise: Grey) -> None:
    """Add stains below the sky, and vignetting."""
    stains = cv2.resize(noise, _DRAWN_AT, interpolation=cv2.INTER_LINEAR)[..., None]
    canvas *= 0.86 + 0.28 * stains
    y, x = np.mgrid[-1:1:720j, -1:1:1280j]
    canvas *= (1.0 - 0.22 * (x * x + y * y) / 2)[..., None].astype(np.float32)
