"""Classification of light bursts in a pole's zone: arc or something else."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from thapcanh.detection.region import Region

LIT = 0.004  # share of the zone newly saturated from which a burst begins
DIMMED = 0.3  # of the burst's brightest: with less it is dark again
DARK_S = 0.12  # so long dark, the burst is over; an arc flickers with the mains
LONGEST_S = 1.0  # what burns for longer is a lamp
BLIND_S = 0.5  # pictures further apart cannot tell what is brief
EVERYWHERE = 0.6  # share of the picture that became lighter together
AS_FAR = 0.5  # as much lighter far away as beside the light: it does not come from the pole
MOVED = 0.15  # of the picture's width, within a burst
WARM = 20.0  # V minus U: halogen headlights 32 to 39, LED ones and arcs below 10
TWO = 0.6  # share of a burst's pictures in which it is a pair of lights


class FlashKind(StrEnum):
    """Kind of a light burst."""

    ARC = "arc"  # brief, white, still, and only here
    LIGHTNING = "lightning"  # the whole picture lit up
    HEADLIGHTS = "headlights"  # moved, warm, or two of a kind
    LAMP = "lamp"  # stays lit


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Light of one picture in the zone, against the last quiet picture."""

    at_s: float
    lit: float  # share of the zone that is newly saturated
    everywhere: float  # share of the rest of the picture that became lighter
    near_rise: float  # median luma gained beside the light, in the zone
    far_rise: float  # median luma gained outside the zone
    chroma_difference: float  # V minus U about the light; 0 where the picture has no colour
    region: Region | None  # of the newly saturated part
    is_pair: bool  # two lights of a size, side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A burst of light that is over (or has lasted too long to be an arc)."""

    kind: FlashKind
    reason: str
    at_s: float
    region: Region


@dataclass(slots=True, kw_only=True)
class _Burst:
    """Burst in progress: its pictures, and when it was last bright."""

    lights: list[Light] = field(default_factory=list)
    peak: float = 0.0
    bright_s: float = 0.0


class FlashFinder:
    """Burst detection in one zone, picture by picture."""

    def __init__(self) -> None:
        self._burst: _Burst | None = None
        self._last_s = float("-inf")

    @property
    def is_quiet(self) -> bool:
        """True if no burst is in progress, so that this picture shows the usual zone."""
        return self._burst is None

    def forget(self) -> None:
        self._burst = None
        self._last_s = float("-inf")

    def see(self, light: Light) -> Flash | None:
        """Add the next picture; return the flash that it ends, or None."""
        gap_s, self._last_s = light.at_s - self._last_s, light.at_s
        if not 0 <= gap_s <= BLIND_S:
            self._burst = None
            return None
        if self._burst is None:
            if light.lit >= LIT:
                self._burst = _Burst(lights=[light], peak=light.lit, bright_s=light.at_s)
            return None
        return self._go_on(self._burst, light)

    def _go_on(self, burst: _Burst, light: Light) -> Flash | None:
        if light.lit >= max(LIT, DIMMED * burst.peak):
            burst.lights.append(light)
            burst.peak, burst.bright_s = max(burst.peak, light.lit), light.at_s
            if light.at_s - burst.lights[0].at_s <= LONGEST_S:
                return None
        elif light.at_s - burst.bright_s < DARK_S:
            return None
        self._burst = None
        return _named(burst.lights)


def _named(lights: Sequence[Light]) -> Flash:
    lasted_s = lights[-1].at_s - lights[0].at_s
    kind, reason = _kind(lights, lasted_s)
    brightest = max(lights, key=lambda light: light.lit)
    return Flash(
        kind=kind,
        reason=reason,
        at_s=lights[0].at_s,
        region=brightest.region or (0.0, 0.0, 1.0, 1.0),
    )


def _kind(lights: Sequence[Light], lasted_s: float) -> tuple[FlashKind, str]:
    if any(_is_sky(light) for light in lights):
        return FlashKind.LIGHTNING, "the whole picture lit up"
    moved = _moved(lights)
    if moved > MOVED:
        return FlashKind.HEADLIGHTS, f"the light moved by {100 * moved:.0f} % of the picture"
    if sum(light.is_pair for light in lights) >= TWO * len(lights):
        return FlashKind.HEADLIGHTS, "two lights side by side"
    chroma_difference = median(light.chroma_difference for light in lights)
    if chroma_difference > WARM:
        return FlashKind.HEADLIGHTS, f"warm light: {chroma_difference:.0f}"
    if lasted_s > LONGEST_S:
        return FlashKind.LAMP, f"still lit after {lasted_s:.1f} s"
    return FlashKind.ARC, f"flash of {lasted_s:.1f} s"


def _is_sky(light: Light) -> bool:
    """Light from the pole falls off with distance; light from the sky does not."""
    return light.everywhere >= EVERYWHERE and light.far_rise >= AS_FAR * light.near_rise


def _moved(lights: Sequence[Light]) -> float:
    middles = [
        ((light.region[0] + light.region[2]) / 2, (light.region[1] + light.region[3]) / 2)
        for light in lights
        if light.region is not None
    ]
    return max((math.dist(middles[0], middle) for middle in middles), default=0.0)
