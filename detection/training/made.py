"""Pictures that no set has: one function a kind, from a real picture and a seeded generator.

Negatives add what deceives (lamps, LED boards, red cloth, a red sky, fog, steam) and no box.
Positives add or change flames and smoke and keep or add their boxes. `None` means that this
picture does not lend itself to the kind; the builder then takes the next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from detection.training import made_far, made_light, made_night, made_weather
from detection.training.picture import FLAME, SMOKE, Picture, Pixels

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What may be pasted: pixels of real flames and of real smoke."""

    flames: Sequence[Pixels]
    smoke: Sequence[Pixels]


Make = Callable[[Picture, Rng, Stock], Picture | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of made picture."""

    make: Make
    needs: tuple[str, ...] | None
    """Made from pictures with a box of one of these labels; None: from pictures without any
    flame or smoke."""
    teaches: str


def _plain(make: Callable[[Picture, Rng], Picture | None]) -> Make:
    """A kind that pastes nothing."""
    return lambda picture, rng, _stock: make(picture, rng)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "lamps": Kind(make=_plain(made_light.lamps), needs=None, teaches="lamps are no flames"),
        "led_board": Kind(
            make=_plain(made_light.led_board), needs=None, teaches="LED boards are no flames"
        ),
        "headlights": Kind(
            make=_plain(made_light.headlights), needs=None, teaches="headlights are no flames"
        ),
        "red_cloth": Kind(
            make=_plain(made_light.red_cloth), needs=None, teaches="red cloth is no flame"
        ),
        "sunset": Kind(
            make=_plain(made_weather.sunset), needs=None, teaches="a red sky is no flame"
        ),
        "fog": Kind(make=_plain(made_weather.fog), needs=None, teaches="fog is no smoke"),
        "steam": Kind(make=_plain(made_weather.steam), needs=None, teaches="steam is no smoke"),
        "far_fire": Kind(
            make=lambda picture, rng, stock: made_far.far_fire(picture, rng, stock.flames),
            needs=None,
            teaches="small flames far away",
        ),
        "far_smoke": Kind(
            make=_plain(made_far.far_plume), needs=None, teaches="columns of smoke far away"
        ),
        "pasted_smoke": Kind(
            make=lambda picture, rng, stock: made_far.pasted_smoke(picture, rng, stock.smoke),
            needs=None,
            teaches="real smoke, small, in other places",
        ),
        "farther": Kind(
            make=_plain(made_far.farther), needs=(FLAME, SMOKE), teaches="the same from farther"
        ),
        "infra_red": Kind(
            make=_plain(made_night.infra_red),
            needs=(FLAME, SMOKE),
            teaches="grey pictures of cameras with infra-red light",
        ),
        "grey": Kind(
            make=_plain(made_night.infra_red), needs=None, teaches="grey pictures without fire"
        ),
        "dark_fire": Kind(
            make=_plain(made_night.dark), needs=(FLAME,), teaches="flames in the dark"
        ),
    }
)
