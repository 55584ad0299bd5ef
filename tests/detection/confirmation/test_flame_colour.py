"""Flame is warm, headlights are not, and a grey picture says nothing."""

import cv2
import numpy as np
import pytest

from detection.confirmation.flame_colour import Planes, chroma_difference, has_colour
from detection.confirmation.stages import FLAME_WARMTH


def _planes(spot: tuple[int, int, int], around: tuple[int, int, int] = (40, 60, 90)) -> Planes:
    """A picture of 64×64 in RGB with a spot in its middle, as I420 planes."""
    picture = np.full((64, 64, 3), around, dtype=np.uint8)
    picture[16:48, 16:48] = spot
    i420 = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
    y, u, v = i420[:64], i420[64:80].reshape(32, 32), i420[80:].reshape(32, 32)
    return y, u, v


@pytest.mark.parametrize(
    ("spot", "is_warm"),
    [
        ((255, 140, 30), True),
        ((255, 200, 90), True),
        ((255, 244, 220), False),
        ((230, 235, 255), False),
    ],
)
def test_warmth(spot: tuple[int, int, int], is_warm: bool) -> None:
    difference = chroma_difference(_planes(spot), (0.25, 0.25, 0.75, 0.75))
    assert (difference >= FLAME_WARMTH) is is_warm


def test_a_blown_out_core_with_a_warm_edge_is_warm() -> None:
    y, u, v = _planes((255, 140, 30))
    u[10:22, 10:22], v[10:22, 10:22] = 128, 128
    difference = chroma_difference((y, u, v), (0.25, 0.25, 0.75, 0.75))
    assert difference >= FLAME_WARMTH


@pytest.mark.parametrize(
    ("spot", "around", "colour"),
    [
        ((255, 255, 255), (60, 60, 60), False),
        ((60, 60, 60), (60, 60, 60), False),
        ((255, 140, 30), (60, 60, 60), True),
    ],
)
def test_whether_a_picture_has_colour(
    spot: tuple[int, int, int], around: tuple[int, int, int], colour: bool
) -> None:
    assert has_colour(_planes(spot, around)) is colour


@pytest.mark.parametrize(("at", "is_warm"), [(0.0, False), (0.5, True), (1.0, False)])
def test_a_box_without_area_can_be_asked(at: float, *, is_warm: bool) -> None:
    assert (chroma_difference(_planes((255, 140, 30)), (at, at, at, at)) > 0) is is_warm
