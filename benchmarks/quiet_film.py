"""Makes minutes of a fixed camera out of a quiet clip: looped without a seam, in changing weather.

The clip is played forward and backward, so nothing jumps. Each minute has its own light; noise,
sway in the wind and, in some minutes, rain are drawn over; it is encoded as a camera sends it (no
B-frames, short groups). The same clip and minute always give the same film.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.ingest.packets.libav import open_container

Picture = npt.NDArray[np.uint8]

FPS = 8
WIDTH_PX = 640
GOP_S = 2
SWAY_PX = 1.5
NOISE = 3.0  # luma, RMS; twice as much in less light than …
NIGHT = 0.5
PASSES_S = 8.0  # a vehicle drives past, for half of this
_NOISES = 16
_DROPS = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Look of one minute. `light` multiplies, `warm` is added to red and taken from blue.

    `is_infrared` is without colour and noisier; `begins_bright`: its first second is the white of a
    camera that has just changed its filter.
    """

    name: str
    light: float
    warm: float = 0.0
    has_rain: bool = False
    wind: float = 1.0
    is_infrared: bool = False
    begins_bright: bool = False
    has_headlights: bool = False


MINUTES = (
    Weather(name="day", light=1.0),
    Weather(name="cloud", light=0.85),
    Weather(name="gust", light=0.95, wind=2.5),
    Weather(name="rain", light=0.8, has_rain=True, wind=1.5),
    Weather(name="low sun", light=1.1, warm=10.0),
    Weather(name="dusk", light=0.6, warm=4.0),
)


def pictures_of(path: Path, most: int = 400) -> list[Picture]:
    """The clip's pictures at the film's rate and width."""
    found: list[Picture] = []
    with open_container(str(path)) as source:
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        next_s = 0.0
        for frame in source.decode(stream):
            at_s = float(frame.time or 0.0)
            if at_s + 1e-6 < next_s or len(found) >= most:
                continue
            next_s = at_s + 1 / FPS
            width = min(WIDTH_PX, frame.width) // 2 * 2
            height = round(frame.height * width / frame.width / 2) * 2
            shown = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
            found.append(np.asarray(shown, np.uint8))
    return found


def write_minute(pictures: list[Picture], weather: Weather, target: Path, seconds: int) -> None:
    """Encode one minute of this weather."""
    height, width = pictures[0].shape[:2]
    with av.open(str(target), "w", format="mp4") as out:
        options = {"preset": "ultrafast", "crf": "24", "bf": "0"}
        options["x264-params"] = f"keyint={GOP_S * FPS}:min-keyint={GOP_S * FPS}:scenecut=0"
        stream = out.add_stream("libx264", rate=Fraction(FPS), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, picture in enumerate(weathered(pictures, weather, seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def weathered(pictures: list[Picture], weather: Weather, count: int) -> Iterator[Picture]:
    """So many pictures of the film in this weather."""
    chance = np.random.default_rng(len(weather.name) + len(pictures))
    shape = pictures[0].shape
    noise = 2 * NOISE if weather.light < NIGHT else NOISE
    noises = [
        chance.normal(0, noise, (*shape[:2], 1)).repeat(3, axis=2).astype(np.int16)
        for _ in range(_NOISES)
    ]
    for number in range(count):
        picture = _swayed(picture_at(pictures, number), number / FPS, weather.wind)
        if weather.is_infrared:
            picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        lit = cv2.LUT(picture, _levels(weather, number))
        grains = noises[int(chance.integers(_NOISES))]
        shown = np.asarray(cv2.add(lit, grains, dtype=cv2.CV_8U), np.uint8)
        if weather.has_headlights:
            shown = _driven_past(shown, number / FPS, is_wet=weather.has_rain)
        yield _rained(shown, chance) if weather.has_rain else shown


def _levels(weather: Weather, number: int) -> npt.NDArray[np.int16]:
    """Return what each of 256 levels becomes, (1, 256, 3) int16, blue first."""
    at_s = number / FPS
    levels = np.arange(256)[None, :, None] * weather.light * (1 + 0.02 * math.sin(at_s / 7))
    levels = levels + np.array([-weather.warm, 0.0, weather.warm])
    if weather.is_infrared:
        levels = levels.mean(axis=2, keepdims=True).repeat(3, axis=2)
    if weather.begins_bright and at_s < 1:
        levels = levels + 255 * (1 - at_s)
    return np.asarray(np.rint(levels), np.int16)


def picture_at(pictures: list[Picture], number: int) -> Picture:
    """The picture at a place of the endless film: forward, then backward, and so on."""
    if len(pictures) == 1:
        return pictures[0]
    turn = number % (2 * (len(pictures) - 1))
    return pictures[turn if turn < len(pictures) else 2 * (len(pictures) - 1) - turn]


def _swayed(picture: Picture, at_s: float, wind: float) -> Picture:
    right = SWAY_PX * wind * math.sin(at_s * 1.3) * math.sin(at_s * 0.17)
    down = 0.4 * SWAY_PX * wind * math.sin(at_s * 1.9 + 1)
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    moved = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _driven_past(picture: Picture, at_s: float, *, is_wet: bool) -> Picture:
    """Two headlights that cross the lower part and grow, with their glare; mirrored if wet."""
    turn, done = divmod(at_s, PASSES_S)
    done = 2 * done / PASSES_S
    if done >= 1:
        return picture
    height, width = picture.shape[:2]
    across = done if turn % 2 else 1 - done
    radius = 1 + round((0.006 + 0.012 * done) * width)
    lights = np.zeros_like(picture)
    for apart in (-2.5, 2.5):
        middle = (round(across * width + apart * radius), round((0.55 + 0.3 * done) * height))
        cv2.circle(lights, middle, radius, (200, 235, 255), -1)
        if is_wet:
            below = (middle[0], middle[1] + 5 * radius)
            cv2.line(lights, middle, below, (90, 130, 150), radius)
    glare = cv2.GaussianBlur(lights, (0, 0), 4.0 * radius)
    return np.asarray(cv2.add(cv2.add(picture, lights), cv2.multiply(glare, 2)), np.uint8)


def _rained(picture: Picture, chance: np.random.Generator) -> Picture:
    streaks = picture.copy()
    height, width = picture.shape[:2]
    for x, y in chance.integers((0, 0), (width, height), (_DROPS, 2)):
        length = int(chance.integers(6, 18))
        cv2.line(streaks, (int(x), int(y)), (int(x) - 2, int(y) + length), (200, 200, 200), 1)
    return np.asarray(cv2.addWeighted(picture, 0.7, streaks, 0.3, 0), np.uint8)
