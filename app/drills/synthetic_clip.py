"""Drawn clips of a fire, labelled in the picture.

A seed gives the same clip but for rounding; one thread, some seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from thapcanh.app.drills.synthetic_flame import SyntheticFire
from thapcanh.app.drills.synthetic_scene import (
    Picture,
    StreetScene,
    in_colour,
    street_scene,
)
from thapcanh.config.files import whole_file

CAPTION = "clip dựng / made clip"
PLAIN_CAPTION = "clip dung / made clip"  # for OpenCV 4, whose fonts know no accents
DEFAULT_SEED = 20

_SENSOR_NOISE = 0.009  # an evening's grain, and what keeps packet sizes alive
_FULL_FLAME = 0.33  # of the picture's height
_HEADLIGHT = (1.0, 0.97, 0.92)  # a little cold: LED


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipShape:
    """Length, size and rate of a made clip."""

    duration_s: float = 24.0
    onset_s: float = 4.0
    grows_s: float = 7.0
    width: int = 640
    height: int = 360
    fps: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticClip:
    """A written clip; `onset_s` is when the first flame shows, None in a quiet clip."""

    path: Path
    onset_s: float | None
    duration_s: float


def synthetic_fire_clip(
    path: Path, *, seed: int = DEFAULT_SEED, shape: ClipShape | None = None
) -> SyntheticClip:
    """Write the fire clip; raises OSError or av.FFmpegError when the path cannot be written."""
    shape = shape or ClipShape()
    scene = street_scene(shape.width, shape.height, seed)
    fire = SyntheticFire(
        at=scene.fire_at,
        full_height=_FULL_FLAME * shape.height,
        grows_s=shape.grows_s,
        seed=seed,
    )
    pictures = (
        fire.draw(scene.still, scene.surfaces, at_s - shape.onset_s) for at_s in _times(shape)
    )
    _write(path, pictures, shape, seed)
    return SyntheticClip(path=path, onset_s=shape.onset_s, duration_s=shape.duration_s)


def synthetic_quiet_clip(
    path: Path, *, seed: int = DEFAULT_SEED, shape: ClipShape | None = None
) -> SyntheticClip:
    """Write the quiet clip: a vehicle's headlights come up the street, a lamp swings."""
    shape = shape or ClipShape()
    scene = street_scene(shape.width, shape.height, seed)
    pictures = (_with_lamps(scene, at_s) for at_s in _times(shape))
    _write(path, pictures, shape, seed)
    return SyntheticClip(path=path, onset_s=None, duration_s=shape.duration_s)


def _times(shape: ClipShape) -> Iterator[float]:
    return (number / shape.fps for number in range(round(shape.duration_s * shape.fps)))


def _with_lamps(scene: StreetScene, at_s: float) -> Picture:
    height, width = scene.still.shape[:2]
    swing = 0.012 * np.sin(at_s * 2.1)
    lamps = [(0.56 + swing, 0.16, 0.012, 0.9)]
    nearness = (at_s % 8.0) / 8.0  # a vehicle every 8 s
    spread = 0.008 + 0.05 * nearness**2
    road_x, road_y = 0.485 - 0.05 * nearness**2, 0.39 + 0.40 * nearness**2
    brightness = float(np.clip(nearness * 6, 0, 1) * np.clip((1 - nearness) * 6, 0, 1))
    for side in (-1, 1):
        lamps.append((road_x + side * spread, road_y, 0.004 + 0.012 * nearness**2, brightness))
    light = np.zeros((height, width), np.float32)
    spots = np.zeros((height, width), np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)
    for x, y, size, strength in lamps:
        down = ((rows - y * height) / (size * width)) ** 2
        across = ((columns - x * width) / (size * width)) ** 2
        spots += strength * np.exp(-0.9 * down) * np.exp(-0.9 * across)
        fading = 1 + (down + across) / 60
        light += 0.5 * strength / (fading * np.sqrt(fading))
    lit = scene.surfaces * in_colour(light, _HEADLIGHT) + in_colour(1.1 * spots, _HEADLIGHT)
    return np.asarray(scene.still + lit, np.float32)


def _write(path: Path, pictures: Iterator[Picture], shape: ClipShape, seed: int) -> None:
    """Written beside `path` and renamed: `path` is always a whole clip."""
    with (
        whole_file(path) as draft,
        av.open(str(draft), "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        stream = _encoder(out, shape)
        for number, picture in enumerate(_with_grain(pictures, shape, seed)):
            frame = VideoFrame.from_ndarray(_shown(picture), "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, shape.fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _encoder(out: OutputContainer, shape: ClipShape) -> VideoStream:
    gop = f"keyint={shape.fps}:min-keyint={shape.fps}:scenecut=0:bframes=0"
    # One thread: with more, x264's output depends on the machine.
    options = {"preset": "veryfast", "crf": "24", "x264-params": f"{gop}:threads=1"}
    stream = out.add_stream("libx264", rate=shape.fps, options=options)
    if not isinstance(stream, VideoStream):
        raise TypeError("libx264 is not a video encoder")
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "yuv420p"
    return stream


def _with_grain(pictures: Iterator[Picture], shape: ClipShape, seed: int) -> Iterator[Picture]:
    """Yield the pictures with one grain pattern at varying offsets, cheaper than fresh noise."""
    rng = np.random.default_rng(seed + 1)
    grain_value = rng.standard_normal((2 * shape.height, 2 * shape.width), dtype=np.float32)
    grain_value *= _SENSOR_NOISE
    for picture in pictures:
        top, left = (int(v) for v in rng.integers(0, (shape.height, shape.width)))
        grain = grain_value[top : top + shape.height, left : left + shape.width]
        yield np.asarray(picture + in_colour(grain), np.float32)


def _shown(picture: Picture) -> NDArray[np.uint8]:
    """Return the clipped picture with its caption."""
    shown = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    caption = CAPTION if hasattr(cv2, "FontFace") else PLAIN_CAPTION
    left, base = 6, shown.shape[0] - 7
    for at, grey in (((left + 1, base + 1), 0), ((left, base), 200)):
        colour = (grey, grey, grey)
        cv2.putText(shown, caption, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, colour, 1, cv2.LINE_AA)
    return shown
