"""Made clips for the pole rule: a drawn street at night with a pole, and lights of several kinds.

No recorded arc was at hand, so these are drawings: what they prove is that the rule tells apart
what it was told to tell apart, not that it finds every real arc. Encoded as a camera sends it.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.secret import SecretUrl

FPS = 15
WIDTH, HEIGHT = 320, 180
POLE = ((0.6, 0.05), (0.8, 0.05), (0.8, 0.5), (0.6, 0.5))
POLE_AT = (0.7, 0.25)
CAMERA = CameraConfig(
    id="pole",
    name="Pole",
    source=SecretUrl("rtsp://camera/1"),
    zones=(ZoneConfig(id="pole", name="Pole", polygon=POLE),),
)

Picture = NDArray[np.float32]
Painter = Callable[[Picture, float], Picture]
BLUISH = (0.85, 0.93, 1.0)
COLD = (1.0, 0.98, 0.95)
HALOGEN = (1.0, 0.72, 0.35)
SODIUM = (1.0, 0.6, 0.2)


def street() -> Picture:
    """Dim walls, a road, a pole, and a street lamp that is always lit."""
    rows = np.linspace(0.10, 0.28, HEIGHT, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(rows, (HEIGHT, WIDTH, 3)) * np.array((0.9, 0.9, 1.1), np.float32)
    picture = picture.copy()
    picture[:, int(0.695 * WIDTH) : int(0.705 * WIDTH)] = 0.35
    return glow(picture, (0.63, 0.12), 0.012, SODIUM)


def glow(
    picture: Picture,
    at: tuple[float, float],
    size: float,
    colour: tuple[float, float, float],
    strength: float = 1.0,
) -> Picture:
    """A light with a saturated core of `size` (share of the width), and what it lights up."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    away = np.hypot(columns - at[0] * WIDTH, rows - at[1] * HEIGHT) / (size * WIDTH)
    light = 3.0 * np.exp(-0.5 * away**2) + 0.25 / (1 + (away / 8) ** 2)
    shown = picture + strength * light[..., None].astype(np.float32) * np.array(colour, np.float32)
    return np.asarray(shown, np.float32)


def arc(*at_s: float, lasts_s: float = 0.2) -> Painter:
    """Flashes at the pole that flicker while they last."""

    def paint(picture: Picture, now_s: float) -> Picture:
        for begins_s in at_s:
            if begins_s <= now_s < begins_s + lasts_s:
                flicker = 1.0 if round(now_s * FPS) % 2 else 0.6
                picture = glow(picture, POLE_AT, 0.02, BLUISH, flicker)
        return picture

    return paint


def lightning(*at_s: float) -> Painter:
    """The whole picture, for two or three pictures; the sky above is saturated."""

    def paint(picture: Picture, now_s: float) -> Picture:
        if any(begins_s <= now_s < begins_s + 0.2 for begins_s in at_s):
            picture = picture + np.float32(0.45)
            picture[: HEIGHT // 6] += 0.6
        return picture

    return paint


def headlights(colour: tuple[float, float, float], *, apart: float, speed: float) -> Painter:
    """A vehicle at 2 s behind the pole's zone: its lights go through it at a speed (widths/s)."""

    def paint(picture: Picture, now_s: float) -> Picture:
        x = 0.7 + speed * (now_s - 2.3)
        if not 0.58 <= x <= 0.82 or not 2.0 <= now_s < 2.6:
            return picture
        for side in (-apart / 2, apart / 2) if apart else (0.0,):
            picture = glow(picture, (x + side, 0.4), 0.012, colour)
        return picture

    return paint


def lamp(begins_s: float, colour: tuple[float, float, float] = COLD) -> Painter:
    """A white lamp at the pole that is switched on and stays on."""

    def paint(picture: Picture, now_s: float) -> Picture:
        return glow(picture, POLE_AT, 0.02, colour) if now_s >= begins_s else picture

    return paint


def passing(*at_s: float) -> Painter:
    """A white sheet hangs at the pole; something dark passes before it for a moment."""

    def paint(picture: Picture, now_s: float) -> Picture:
        top, left = int(0.15 * HEIGHT), int(0.64 * WIDTH)
        sheet = picture[top : top + 30, left : left + 20]
        hidden = any(begins_s <= now_s < begins_s + 0.3 for begins_s in at_s)
        sheet[:, : 12 if hidden else 20] = 0.1 if hidden else 1.0
        return picture

    return paint


def pictures(paint: Painter, seconds: float) -> Iterator[NDArray[np.uint8]]:
    """A clip's pictures (rgb), with a sensor's grain."""
    random = np.random.default_rng(3)
    still = street()
    for number in range(round(seconds * FPS)):
        grain = random.normal(0, 0.012, (HEIGHT, WIDTH, 1)).astype(np.float32)
        shown = paint(still.copy(), number / FPS) + grain
        yield (np.clip(shown, 0, 1) * 255).astype(np.uint8)


def write(path: Path, paint: Painter, seconds: float) -> Path:
    """An H.264 clip with a keyframe every two seconds."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "26"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.gop_size, stream.max_b_frames = 2 * FPS, 0
        for number, picture in enumerate(pictures(paint, seconds)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
