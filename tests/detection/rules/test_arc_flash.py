"""Bursts of light by name, from measured lights alone."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from thapcanh.detection.rules.arc_flash import BLIND_S, Flash, FlashFinder, FlashKind, Light

STEP_S = 1 / 15
DARK = Light(
    at_s=0.0,
    lit=0.0,
    everywhere=0.0,
    near_rise=0.0,
    far_rise=0.0,
    chroma_difference=0.0,
    region=None,
    is_pair=False,
)
ARC = replace(DARK, lit=0.1, near_rise=30.0, far_rise=2.0, region=(0.6, 0.2, 0.7, 0.3))
SKY = replace(ARC, everywhere=0.9, near_rise=100.0, far_rise=100.0)
GREAT_ARC = replace(ARC, everywhere=0.9, near_rise=100.0, far_rise=20.0)
WARM = replace(ARC, chroma_difference=35.0)
PAIR = replace(ARC, is_pair=True)


def run(lights: Sequence[Light], finder: FlashFinder | None = None) -> list[Flash]:
    """The lights at 15 a second, dark before and after."""
    finder = finder or FlashFinder()
    sequence = [DARK, *lights, *[DARK] * 5]
    shown = (replace(light, at_s=number * STEP_S) for number, light in enumerate(sequence))
    return [flash for light in shown if (flash := finder.see(light))]


def moving(by: float) -> list[Light]:
    left, top, right, bottom = ARC.region or (0.0, 0.0, 0.0, 0.0)
    return [
        replace(ARC, region=(left + by * step, top, right + by * step, bottom)) for step in range(5)
    ]


@pytest.mark.parametrize(
    ("lights", "kind", "reason"),
    [
        ([ARC], FlashKind.ARC, "flash of 0.0 s"),
        ([ARC] * 4, FlashKind.ARC, "flash of 0.2 s"),
        ([GREAT_ARC] * 3, FlashKind.ARC, "flash of 0.1 s"),  # lights the street, less far away
        ([ARC, DARK, ARC], FlashKind.ARC, "flash of 0.1 s"),  # flickers with the mains
        ([ARC, SKY, ARC], FlashKind.LIGHTNING, "the whole picture lit up"),
        ([WARM] * 3, FlashKind.HEADLIGHTS, "warm light: 35"),
        ([PAIR] * 3, FlashKind.HEADLIGHTS, "two lights side by side"),
        ([PAIR, ARC, ARC], FlashKind.ARC, "flash of 0.1 s"),  # sparks may look a pair once
        (moving(0.05), FlashKind.HEADLIGHTS, "the light moved by 20 % of the picture"),
        (moving(0.01), FlashKind.ARC, "flash of 0.3 s"),
    ],
)
def test_table(lights: Sequence[Light], kind: FlashKind, reason: str) -> None:
    (flash,) = run(lights)
    assert (flash.kind, flash.reason) == (kind, reason)
    assert flash.at_s == pytest.approx(STEP_S)


def test_two_flashes_with_darkness_between_are_two() -> None:
    assert len(run([ARC, *[DARK] * 4, ARC])) == 2


def test_what_stays_lit_is_a_lamp_told_once_a_second_at_most() -> None:
    flashes = run([ARC] * 20)
    assert flashes[0].kind is FlashKind.LAMP
    assert flashes[0].reason == "still lit after 1.1 s"


def test_faint_light_begins_nothing() -> None:
    assert run([replace(ARC, lit=0.003)] * 5) == []


@pytest.mark.parametrize("gap_s", [BLIND_S + 0.1, 60.0, -5.0])
def test_a_reconnect_or_a_clock_jump_in_a_burst_ends_it_unnamed(gap_s: float) -> None:
    finder = FlashFinder()
    assert finder.see(replace(DARK, at_s=10.0)) is None
    assert finder.see(replace(ARC, at_s=10.1)) is None
    assert not finder.is_quiet
    assert finder.see(replace(ARC, at_s=10.1 + gap_s)) is None
    assert finder.is_quiet
