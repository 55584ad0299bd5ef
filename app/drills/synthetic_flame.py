"""Drawing of a fire: flames of scrolling turbulence, embers, smoke, and light.

One thread; about 10 ms per picture at 640x360.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from thapcanh.app.drills.synthetic_scene import Grey, Picture, in_colour, noise_tile

_TILE = 512
_HEAT_STEPS = 150.0  # colour table entries per unit of heat
_GLOW = (0.16, 0.42, 1.0)  # firelight on surfaces, BGR

# Colour of flame by heat, BGR: what a camera's sensor makes of it, clipped to yellow-white.
_HEAT = np.array((0.0, 0.25, 0.5, 0.8, 1.1, 1.6), np.float32)
_HEAT_BGR = np.array(
    (
        (0.00, 0.00, 0.00),
        (0.02, 0.10, 0.55),
        (0.04, 0.34, 0.98),
        (0.10, 0.66, 1.05),
        (0.35, 0.92, 1.10),
        (0.80, 1.05, 1.10),
    ),
    np.float32,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tongue:
    """One flame; shares are of the whole fire's height and width."""

    offset: float
    height: float
    width: float
    phase: float
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Puff:
    """A ball of smoke or an ember, born again every `life_s` seconds."""

    born: float
    life_s: float
    drift: float
    size: float
    kind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cloud:
    """Position and opacity of one ball of smoke."""

    centre: tuple[float, float]
    size: int
    colour: tuple[float, float, float]
    cover: float


class SyntheticFire:
    """A fire at a place of the picture, drawn at any second of its life."""

    def __init__(
        self, *, at: tuple[int, int], full_height: float, grows_s: float, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        self._at = at
        self._full_height = full_height
        self._grows_s = grows_s
        self._noise = noise_tile(rng, _TILE, octaves=6)
        self._tongues = [_tongue(rng, place) for place in np.linspace(-0.62, 0.62, 7)]
        self._smoke = [_puff(rng) for _ in range(34)]
        self._embers = [_puff(rng) for _ in range(26)]
        steps = np.arange(256) / _HEAT_STEPS
        channels = [np.interp(steps, _HEAT, _HEAT_BGR[:, channel]) for channel in range(3)]
        self._colours = np.stack(channels, axis=-1).astype(np.float32)
        self._sprites = _smoke_sprites(rng, self._noise)

    def height_px(self, age_s: float) -> float:
        grown = min(1.0, max(0.0, age_s) / self._grows_s)
        return self._full_height * (0.17 + 0.83 * math.pow(grown, 0.8))

    def draw(self, picture: Picture, surfaces: Picture, age_s: float) -> Picture:
        """Return the picture with the fire; `surfaces` (albedo) reflect its light."""
        if age_s < 0:
            return picture
        lit = picture + surfaces * self._light(picture.shape[:2], age_s)
        self._draw_smoke(lit, age_s)
        self._draw_flames(lit, age_s)
        self._draw_embers(lit, age_s)
        return lit

    def _flicker(self, age_s: float) -> float:
        row = int(age_s * 97) % _TILE
        return 0.75 + 0.5 * float(self._noise[row, 11])

    def _light(self, size: tuple[int, int], age_s: float) -> Picture:
        tall = self.height_px(age_s)
        x, y = self._at[0], self._at[1] - 0.35 * tall
        rows = np.arange(size[0], dtype=np.float32)[:, None]
        columns = np.arange(size[1], dtype=np.float32)
        reach = 1.1 * tall + 12
        distance = ((columns - x) ** 2 + 1.6 * (rows - y) ** 2) / reach**2
        strength = 1.3 * self._flicker(age_s) / (1.0 + distance) ** 1.6
        return in_colour(np.asarray(strength, np.float32), _GLOW)

    def _draw_flames(self, lit: Picture, age_s: float) -> None:
        tall = self.height_px(age_s)
        half, above, below = int(tall * 0.85) + 8, int(tall * 1.35) + 8, int(tall * 0.16) + 6
        box = _clipped(lit, self._at, half, above, below)
        if box is None:
            return
        rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]].astype(np.float32)
        x = (columns - self._at[0]) / tall
        y = (self._at[1] - rows) / tall
        heat = np.zeros_like(x)
        for tongue in self._tongues:
            heat = np.maximum(heat, self._tongue_heat(tongue, x, y, age_s))
        heat = cv2.GaussianBlur(heat, (0, 0), 0.7)
        colour = self._colours[np.minimum(heat * _HEAT_STEPS, 255).astype(np.uint8)]
        cover = np.clip(heat * 1.7, 0, 0.9)[..., None]
        part = lit[box[1] : box[3], box[0] : box[2]]
        part[:] = part * (1 - cover) + colour
        bloom = cv2.GaussianBlur(colour, (0, 0), max(2.0, tall * 0.07))
        part += 0.35 * bloom

    def _tongue_heat(self, tongue: _Tongue, x: Grey, y: Grey, age_s: float) -> Grey:
        pulse = self._at_noise(tongue.phase * 311 + age_s * 90, tongue.phase * 97)
        height = tongue.height * (0.65 + 0.7 * pulse)
        rise = y / height
        scroll = age_s * tongue.speed
        bend = self._turbulence(x * 0.55 + tongue.phase, y * 0.5 - scroll * 0.6) - 0.5
        lean = 0.10 * math.sin(age_s * 1.7 + tongue.phase * 6)
        across = x - tongue.offset * (1 - 0.45 * rise) + (0.75 * bend - lean) * np.clip(rise, 0, 2)
        body = np.clip(1.08 - rise, 0, 1.1) ** 0.75
        wide = tongue.width * body + 1e-3
        erosion = self._turbulence(x * 1.25 + tongue.phase, y * 0.8 - scroll)
        shape = 1.0 - (across / wide) ** 2
        torn = (erosion - 0.36) * (0.9 + 0.8 * np.clip(rise, 0, 1.2))
        heat = shape * (1.35 - 0.7 * np.clip(rise, 0, 1.3)) - 1.7 * torn
        ground = np.clip((y + 0.16 - 0.22 * erosion) * 8, 0, 1)
        return np.asarray(np.clip(np.where(wide > 2e-3, heat * ground, 0), 0, 1.6), np.float32)

    def _turbulence(self, x: Grey, y: Grey) -> Grey:
        turbulence = cv2.remap(
            self._noise, x * 230, y * 230, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        return np.asarray(turbulence, np.float32)

    def _at_noise(self, x: float, y: float) -> float:
        return float(self._noise[int(y) % _TILE, int(x) % _TILE])

    def _draw_smoke(self, lit: Picture, age_s: float) -> None:
        tall = self.height_px(age_s)
        for puff in self._smoke:
            age = (age_s - puff.born) % puff.life_s
            if age_s - puff.born < 0:
                continue
            share = age / puff.life_s
            size = int(tall * (0.35 + 1.25 * share) * puff.size) + 6
            x = self._at[0] + tall * (puff.drift * (0.2 + share) + 0.55 * share * share)
            y = self._at[1] - tall * (0.65 + 2.1 * share)
            dark = 0.62 * min(1.0, share * 5) * (1 - share) ** 1.1
            glow = max(0.0, 0.5 - 1.6 * share)
            cloud = _Cloud(
                centre=(x, y),
                size=size,
                colour=(0.14 + 0.07 * glow, 0.14 + 0.22 * glow, 0.15 + 0.59 * glow),
                cover=dark,
            )
            _blend(lit, self._sprites[puff.kind], cloud)

    def _draw_embers(self, lit: Picture, age_s: float) -> None:
        tall = self.height_px(age_s)
        for ember in self._embers:
            age = (age_s - ember.born) % ember.life_s
            if age_s - ember.born < 0:
                continue
            share = age / ember.life_s
            wave = math.sin(age * 6 + ember.born * 9) * 0.08
            x = self._at[0] + tall * (ember.drift * (0.3 + 0.9 * share) + wave + 0.3 * share)
            y = self._at[1] - tall * (0.5 + 1.6 * share * ember.size)
            column, row = round(x), round(y)
            if 1 <= row < lit.shape[0] - 1 and 1 <= column < lit.shape[1] - 1:
                bright = (1 - share) * 0.9
                lit[row, column] += np.array((0.15, 0.6, 1.1), np.float32) * bright
                lit[row + 1, column] += np.array((0.05, 0.25, 0.6), np.float32) * bright


def _tongue(rng: np.random.Generator, place: float) -> _Tongue:
    middle = 1.0 - 0.75 * abs(place)
    return _Tongue(
        offset=float(place * 0.55 + rng.uniform(-0.04, 0.04)),
        height=float(middle * rng.uniform(0.75, 1.05)),
        width=float(rng.uniform(0.16, 0.26)),
        phase=float(rng.uniform(0, 5)),
        speed=float(rng.uniform(1.3, 1.9)),
    )


def _puff(rng: np.random.Generator) -> _Puff:
    life_s = float(rng.uniform(2.2, 4.2))
    return _Puff(
        born=float(rng.uniform(0.3, 0.3 + life_s)),
        life_s=life_s,
        drift=float(rng.uniform(-0.28, 0.28)),
        size=float(rng.uniform(0.6, 1.1)),
        kind=int(rng.integers(0, 5)),
    )


def _smoke_sprites(rng: np.random.Generator, noise: Grey) -> list[Grey]:
    """Round clouds with torn edges, 96x96, 0..1."""
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    soft_edge = np.clip(1.15 - np.sqrt(x * x + y * y), 0, 1)
    sprites = []
    for _ in range(5):
        top, left = (int(v) for v in rng.integers(0, _TILE - 192, 2))
        cut = cv2.resize(noise[top : top + 192, left : left + 192], (96, 96))
        cloud = np.clip(soft_edge * 1.7 - (1 - cut) * 0.95, 0, 1) * np.clip(soft_edge * 2, 0, 1)
        sprites.append(cv2.GaussianBlur(cloud.astype(np.float32), (0, 0), 1.5))
    return sprites


def _clipped(
    picture: Picture, at: tuple[int, int], half: int, above: int, below: int
) -> tuple[int, int, int, int] | None:
    height, width = picture.shape[:2]
    left, right = max(0, at[0] - half), min(width, at[0] + half)
    top, bottom = max(0, at[1] - above), min(height, at[1] + below)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _blend(picture: Picture, sprite: Grey, cloud: _Cloud) -> None:
    """Lay a cloud over the picture; what lies outside is cut off."""
    height, width = picture.shape[:2]
    size = cloud.size
    left, top = round(cloud.centre[0] - size / 2), round(cloud.centre[1] - size / 2)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + size), min(height, top + size)
    if x0 >= x1 or y0 >= y1 or cloud.cover <= 0:
        return
    cover = cv2.resize(sprite, (size, size), interpolation=cv2.INTER_LINEAR)
    cover = (cover[y0 - top : y1 - top, x0 - left : x1 - left] * cloud.cover)[..., None]
    part = picture[y0:y1, x0:x1]
    part[:] = part * (1 - cover) + np.array(cloud.colour, np.float32) * cover
