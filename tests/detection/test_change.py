"""A thing that stands or moves keeps its inside; a flame does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detection.change import change_of
from detection.region import Region

Picture = NDArray[np.uint8]
BOX: Region = (0.4, 0.4, 0.6, 0.6)


def _blob(at: tuple[int, int], seed: int) -> Picture:
    """A textured square of 40 px on a calm background of 200×200."""
    picture = np.full((200, 200), 40, dtype=np.uint8)
    x, y = at
    picture[y : y + 40, x : x + 40] = np.random.default_rng(seed).integers(100, 255, (40, 40))
    return picture


def test_a_lamp_does_not_change() -> None:
    change = change_of(_blob((80, 80), 1), _blob((80, 80), 1), BOX)
    assert change is not None
    assert change.inner == pytest.approx(0, abs=0.5)
    assert change.likeness == pytest.approx(1, abs=0.01)
    assert change.moved_px == 0


def test_what_moves_as_a_whole_does_not_change_inside() -> None:
    change = change_of(_blob((70, 74), 1), _blob((80, 80), 1), BOX)
    assert change is not None
    assert change.inner < 1
    assert change.moved_px == pytest.approx(np.hypot(10, 6))


def test_a_flame_changes_inside() -> None:
    change = change_of(_blob((80, 80), 1), _blob((80, 80), 2), BOX)
    assert change is not None
    assert change.inner > 30
    assert change.likeness < 0.5


def test_a_flat_thing_on_a_flat_ground_is_like_itself() -> None:
    flat = np.full((200, 200), 235, dtype=np.uint8)
    change = change_of(flat, flat, BOX)
    assert change is not None
    assert (change.inner, change.likeness) == (0, 1)


def test_a_change_of_brightness_alone_keeps_the_likeness() -> None:
    before = _blob((80, 80), 1)
    after = (before * 0.8).astype(np.uint8)
    change = change_of(before, after, BOX)
    assert change is not None
    assert change.likeness > 0.99


def test_another_resolution_cannot_be_compared() -> None:
    assert change_of(_blob((80, 80), 1), np.zeros((100, 100), dtype=np.uint8), BOX) is None


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 0.0, 0.0),
        (1.0, 1.0, 1.0, 1.0),
        (0.999, 0.0, 1.0, 0.001),
        (0.0, 0.3, 1.0, 0.31),
    ],
)
def test_any_box_can_be_measured(box: Region) -> None:
    picture = _blob((80, 80), 3)
    change = change_of(picture, picture, box)
    assert change is not None
    assert change.inner == pytest.approx(0, abs=0.5)
