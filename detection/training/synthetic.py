"""Synthetic pictures: one function per kind, from a real picture and a seeded generator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from thapcanh.detection.training import (
    synthetic_far,
    synthetic_light,
    synthetic_night,
    synthetic_smoke,
    synthetic_weather,
)
from thapcanh.detection.training.picture import FLAME, SMOKE, Pixels, TrainingPicture

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStock:
    """Pixels of real flames and smoke to paste."""

    flames: Sequence[Pixels]
    smoke: Sequence[Pixels]


Make = Callable[[TrainingPicture, Rng, PictureStock], TrainingPicture | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticKind:
    """Kind of synthetic picture."""

    make: Make
    needs: tuple[str, ...] | None
    """Made from pictures with a box of one of these labels; None: from pictures without any
    flame or smoke."""
    teaches: str


def _plain(make: Callable[[TrainingPicture, Rng], TrainingPicture | None]) -> Make:
    """Return a kind that pastes nothing."""
    return lambda picture, rng, _stock: make(picture, rng)


KINDS: Mapping[str, SyntheticKind] = MappingProxyType(
    {
        "lamps": SyntheticKind(
            make=_plain(synthetic_light.lamps), needs=None, teaches="lamps are no flames"
        ),
        "led_board": SyntheticKind(
            make=_plain(synthetic_light.led_board), needs=None, teaches="LED boards are no flames"
        ),
        "headlights": SyntheticKind(
            make=_plain(synthetic_light.headlights), needs=None, teaches="headlights are no flames"
        ),
        "red_cloth": SyntheticKind(
            make=_plain(synthetic_light.red_cloth), needs=None, teaches="red cloth is no flame"
        ),
        "sunset": SyntheticKind(
            make=_plain(synthetic_weather.sunset), needs=None, teaches="a red sky is no flame"
        ),
        "fog": SyntheticKind(
            make=_plain(synthetic_weather.fog), needs=None, teaches="fog is no smoke"
        ),
        "steam": SyntheticKind(
            make=_plain(synthetic_weather.steam), needs=None, teaches="steam is no smoke"
        ),
        "far_fire": SyntheticKind(
            make=lambda picture, rng, stock: synthetic_far.far_fire(picture, rng, stock.flames),
            needs=None,
            teaches="small flames far away",
        ),
        "far_smoke": SyntheticKind(
            make=_plain(synthetic_far.far_plume), needs=None, teaches="columns of smoke far away"
        ),
        "pasted_smoke": SyntheticKind(
            make=lambda picture, rng, stock: synthetic_far.pasted_smoke(picture, rng, stock.smoke),
            needs=None,
            teaches="real smoke, small, in other places",
        ),
        "farther": SyntheticKind(
            make=_plain(synthetic_far.farther),
            needs=(FLAME, SMOKE),
            teaches="the same from farther",
        ),
        "infra_red": SyntheticKind(
            make=_plain(synthetic_night.infra_red),
            needs=(FLAME, SMOKE),
            teaches="grey pictures of cameras with infra-red light",
        ),
        "grey": SyntheticKind(
            make=_plain(synthetic_night.infra_red), needs=None, teaches="grey pictures without fire"
        ),
        "dark_fire": SyntheticKind(
            make=_plain(synthetic_night.dark), needs=(FLAME,), teaches="flames in the dark"
        ),
        "filling_smoke": SyntheticKind(
            make=_plain(synthetic_smoke.filling_smoke),
            needs=None,
            teaches="smoke without a column: a room or street that fills",
        ),
    }
)
