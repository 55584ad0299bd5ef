"""What the first detector takes for smoke: clouds, fog and mist drawn on pictures; real skies.

Pictures are BGR `uint8`. Panoramas are equirectangular, linear light, `float32`; views of them are
what a camera on a pole would see.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from detection.training.errors import DataError
from detection.training.picture import Pixels, Plane, blend
from detection.training.shapes import noise

Rng = np.random.Generator
_VIEW = (512, 320)  # pixels of a view, width and height
_STILL_PX = 512
_STILLS = frozenset({".jpg", ".jpeg", ".png"})


def clouds(pixels: Pixels, rng: Rng) -> Pixels:
    """A sky with broken clouds over the upper part; rows crowd towards the horizon."""
    height, width = pixels.shape[:2]
    horizon = rng.uniform(0.35, 1.15) * height
    y = np.arange(height, dtype=np.float32)[:, None]
    near = np.clip((horizon - y) / horizon, 0.02, 1)
    cover = _seen_towards(rng, (height, width), near)
    cover = np.clip((cover - rng.uniform(0.25, 0.75)) / rng.uniform(0.1, 0.35), 0, 1)
    shade = 1 - 0.6 * (cv2.GaussianBlur(cover, (0, 0), width * 0.02) - 0.4 * cover)
    sky, cloud = _colours(rng)
    above = sky * (0.75 + 0.25 * near)[..., None] * (1 - cover[..., None])
    above = above + cloud * (shade * cover)[..., None]
    edge = horizon + 6 * (noise(rng, (1, width), coarse=20)[0] - 0.5)
    is_sky = 1 / (1 + np.exp(np.clip((y - edge) / 1.5, -50, 50)))
    dimmed = (pixels * rng.uniform(0.5, 1)).astype(np.uint8)
    return _cut(blend(dimmed, above, is_sky.astype(np.float32)))


def depth_fog(pixels: Pixels, rng: Rng) -> Pixels:
    """Fog that thickens towards the horizon, with drifting patches."""
    height, width = pixels.shape[:2]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    far = 0.15 / np.clip(y - rng.uniform(0.1, 0.5) + 0.15, 0.15, None)
    patches = 0.5 + noise(rng, (height, width), coarse=2) * rng.uniform(0.2, 1.2)
    dense = 1 - np.exp(-rng.uniform(1, 5) * far * patches - rng.uniform(0, 0.4))
    grey = rng.uniform(110, 235)
    colour = (grey + rng.uniform(-4, 14), grey, grey + rng.uniform(-10, 10))
    return _cut(blend(pixels, colour, np.clip(dense, 0, 0.97).astype(np.float32)))


def bank_of_mist(pixels: Pixels, rng: Rng) -> Pixels:
    """A torn white band across the picture."""
    height, width = pixels.shape[:2]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    torn = noise(rng, (height, width), coarse=3)
    away = (y - rng.uniform(0.2, 0.8) - 0.3 * (torn - 0.5)) / rng.uniform(0.08, 0.25)
    dense = np.exp(-(away**2)) * np.clip(1.5 * torn, 0, 1) * rng.uniform(0.5, 0.95)
    grey = rng.uniform(150, 240)
    return _cut(blend(pixels, (grey + 6, grey, grey - 3), dense.astype(np.float32)))


WEATHER: Mapping[str, Callable[[Pixels, Rng], Pixels]] = MappingProxyType(
    {"clouds": clouds, "depth_fog": depth_fog, "bank_of_mist": bank_of_mist}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyPictures:
    """Real pictures without flame or smoke, most of them with much sky."""

    stills: tuple[Pixels, ...]
    panoramas: tuple[Plane, ...]

    def views(self, rng: Rng, stills: int, panoramas: int) -> Iterator[tuple[str, Pixels]]:
        """Parts of them at random, each with the name of its kind."""
        for _ in range(stills if self.stills else 0):
            yield "sky_still", _part(self.stills[rng.integers(len(self.stills))], rng)
        for _ in range(panoramas if self.panoramas else 0):
            yield "sky_panorama", _view(self.panoramas[rng.integers(len(self.panoramas))], rng)


def read_skies(folder: Path) -> SkyPictures:
    """Read `*.jpg`, `*.png` and panoramas `*.hdr` of a folder; raise `DataError` if it has none."""
    paths = sorted(folder.glob("*")) if folder.is_dir() else []
    stills = [cv2.imread(str(path)) for path in paths if path.suffix.lower() in _STILLS]
    panoramas = [_panorama(path) for path in paths if path.suffix.lower() == ".hdr"]
    if not stills and not panoramas:
        raise DataError(f"{folder}: no pictures of skies (*.jpg, *.png, *.hdr) in it")
    kept = tuple(np.asarray(still, np.uint8) for still in stills if still is not None)
    return SkyPictures(stills=kept, panoramas=tuple(panoramas))


def _panorama(path: Path) -> Plane:
    seen = cv2.imread(str(path), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if seen is None:
        raise DataError(f"{path}: not a panorama that can be read")
    return np.asarray(seen, dtype=np.float32)


def _part(still: Pixels, rng: Rng) -> Pixels:
    height, width = still.shape[:2]
    share = rng.uniform(0.25, 0.9)
    high, wide = int(height * share), int(min(width, 1.6 * height) * share)
    top, left = int(rng.integers(height - high)), int(rng.integers(width - wide))
    part = still[top : top + high, left : left + wide]
    size = (_STILL_PX, round(_STILL_PX * high / wide))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _view(panorama: Plane, rng: Rng) -> Pixels:
    """A view of 35 to 80 degrees, from slightly down to well up, exposed at random."""
    width, height = _VIEW
    yaw, pitch = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(-5, 35))
    distance = width / 2 / np.tan(np.radians(rng.uniform(35, 80)) / 2)
    x, y = np.meshgrid(np.arange(width) - width / 2 + 0.5, height / 2 - 0.5 - np.arange(height))
    length = np.sqrt(x**2 + y**2 + distance**2)
    up = (y * np.cos(pitch) + distance * np.sin(pitch)) / length
    ahead = distance * np.cos(pitch) - y * np.sin(pitch)
    turn = (np.arctan2(x, ahead) + yaw) / (2 * np.pi) % 1
    rows, columns = panorama.shape[:2]
    map_x = (turn * columns).astype(np.float32)
    map_y = ((0.5 - np.arcsin(np.clip(up, -1, 1)) / np.pi) * rows).astype(np.float32)
    seen = cv2.remap(panorama, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    exposed = seen / (np.percentile(seen, 60) + 1e-4) * 0.4 * 2.0 ** rng.uniform(-2, 1)
    return _cut(255 * np.clip(exposed, 0, 1) ** (1 / 2.2))


def _seen_towards(rng: Rng, size: tuple[int, int], near: Plane) -> Plane:
    """Cloudy noise as on a ceiling that reaches to the horizon."""
    height, width = size
    ceiling = noise(rng, (2 * height, 2 * width), coarse=int(rng.integers(3, 9)), octaves=6)
    far = (1 - near) ** rng.uniform(1, 3)
    x, y = np.arange(width)[None] - width / 2, np.arange(height)[:, None] / height
    map_x = np.clip(width + x * (0.55 + 1.4 * far), 0, 2 * width - 1)
    map_y = (0.7 * y + far * rng.uniform(0.2, 1.1)) * height * np.ones_like(map_x)
    drawn = cv2.remap(ceiling, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    low, high = np.percentile(drawn, [1, 99])
    return np.asarray(np.clip((drawn - low) / (high - low + 1e-6), 0, 1), dtype=np.float32)


def _colours(rng: Rng) -> tuple[Plane, Plane]:
    """Of the sky and of its clouds: by day, overcast, at dusk, at night."""
    kinds = (
        ((rng.uniform(170, 240), rng.uniform(120, 180), rng.uniform(60, 130)), (250, 248, 245)),
        ((170, 166, 162), tuple(np.array((215, 212, 210)) * rng.uniform(0.5, 1.1))),
        ((rng.uniform(90, 180), 115, rng.uniform(150, 230)), (95, 135, rng.uniform(210, 255))),
        ((45, 34, 26), tuple(np.array((95, 85, 90)) * rng.uniform(0.5, 1.5))),
    )
    sky, cloud = kinds[rng.integers(len(kinds))]
    return np.array(sky, np.float32), np.array(cloud, np.float32)


def _cut(values: np.typing.ArrayLike) -> Pixels:
    return np.asarray(np.clip(np.asarray(values), 0, 255), dtype=np.uint8)
