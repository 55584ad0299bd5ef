"""Fog is grey without edges; a night, or haze that one sees through, is none. Made pictures."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detection.confirmation.fog import is_foggy

Picture = NDArray[np.uint8]


def _street() -> Picture:
    """Houses, windows and a road, as luma."""
    picture = np.full((180, 320), 120, dtype=np.uint8)
    picture[120:] = 60
    for x in range(10, 300, 40):
        cv2.rectangle(picture, (x, 30), (x + 28, 120), 200, cv2.FILLED)
        cv2.rectangle(picture, (x + 8, 50), (x + 18, 70), 20, cv2.FILLED)
    return picture


def _under_fog(thickness: float) -> Picture:
    haze = (1 - thickness) * _street() + thickness * 190
    return np.asarray(cv2.GaussianBlur(haze, (0, 0), 2 * thickness), dtype=np.uint8)


@pytest.mark.parametrize(
    ("picture", "foggy"),
    [
        (_street(), False),
        (_under_fog(0.4), False),  # haze through which one still sees
        (_under_fog(0.85), True),
        ((_under_fog(0.85) * 0.2).astype(np.uint8), False),  # a dark night
        (np.full((180, 320), 140, dtype=np.uint8), True),
    ],
)
def test_fog(picture: Picture, foggy: bool) -> None:
    assert is_foggy(picture) is foggy
