"""A thing that stands, moves, shakes or is lit keeps its inside; a flame does not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from thapcanh.detection.confirmation.local_change import MIN_REACH_PX, FramePair
from thapcanh.detection.region import Region

Picture = NDArray[np.uint8]
BOX: Region = (0.4, 0.4, 0.6, 0.6)
RNG = np.random.default_rng(5)


def _scene(seed: int, *, rough: float = 6.0) -> NDArray[np.float32]:
    """Three times 200 px of something with an inside, as coarse as `rough` px."""
    wild = np.random.default_rng(seed).normal(0, 1, (600, 600)).astype(np.float32)
    soft = cv2.GaussianBlur(wild, (0, 0), rough)
    return np.asarray(120 + 45 * soft / soft.std(), dtype=np.float32)


def _filmed(
    scene: NDArray[np.float32], at: tuple[float, float] = (0.0, 0.0), light: float = 1.0
) -> Picture:
    """200 px of it, through a camera that has turned so far, in a light so strong, with noise."""
    moved = np.array([[1, 0, at[0] - 200], [0, 1, at[1] - 200]], dtype=np.float32)
    seen = cv2.warpAffine(scene, moved, (200, 200), flags=cv2.INTER_LINEAR) * light
    noisy = np.clip(seen + RNG.normal(0, 1, seen.shape), 0, 255)
    return np.asarray(noisy, dtype=np.uint8)


def _burning(picture: Picture, seed: int) -> Picture:
    """With something else in the box."""
    changed = picture.copy()
    changed[80:120, 80:120] = _filmed(_scene(seed))[80:120, 80:120]
    return changed


def _inner(before: Picture, now: Picture, box: Region = BOX) -> float:
    return FramePair(before, now).inside(box).inner


def test_a_lamp_does_not_change() -> None:
    change = FramePair(_filmed(_scene(1)), _filmed(_scene(1))).inside(BOX)
    assert change.inner < 1
    assert change.correlation > 0.99
    assert change.moved_px == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("at", [(10.0, 6.0), (0.5, 0.0), (-3.3, 1.7), (0.25, -0.75)])
@pytest.mark.parametrize("rough", [1.5, 6.0])
def test_what_moves_or_shakes_as_a_whole_does_not_change_inside(
    at: tuple[float, float], rough: float
) -> None:
    scene = _scene(1, rough=rough)
    change = FramePair(_filmed(scene), _filmed(scene, at)).inside(BOX)
    assert change.inner < 3
    assert change.correlation > 0.95
    assert change.moved_px == pytest.approx(np.hypot(*at), abs=0.5)


@pytest.mark.parametrize("light", [0.7, 0.9, 1.1, 1.2])
def test_another_light_is_no_change_from_within(light: float) -> None:
    scene = _scene(1)
    assert _inner(_filmed(scene), _filmed(scene, (0.4, 0.2), light)) < 3


def test_a_camera_that_turns_farther_than_things_move_is_followed() -> None:
    at = (-70.0, 9.0)
    scene = _scene(1)
    change = FramePair(_filmed(scene), _filmed(scene, at)).inside(BOX)
    assert change.inner < 3
    assert change.moved_px == pytest.approx(np.hypot(*at), abs=1)
    assert MIN_REACH_PX < 70


@pytest.mark.parametrize("at", [(0.0, 0.0), (3.0, 0.5), (-70.0, 9.0)])
def test_a_flame_changes_inside_whatever_the_camera_does(at: tuple[float, float]) -> None:
    scene = _scene(1)
    before, now = _burning(_filmed(scene), 2), _burning(_filmed(scene, at), 3)
    change = FramePair(before, now).inside(BOX)
    assert change.inner > 15
    assert change.correlation < 0.9


def test_a_small_flame_changes_as_much_as_a_large_one() -> None:
    box = (0.47, 0.47, 0.51, 0.51)
    scene = _scene(1)
    before, now = _burning(_filmed(scene), 2), _burning(_filmed(scene), 3)
    assert _inner(before, now, box) > 4
    assert _inner(_filmed(scene), _filmed(scene, (0.5, 0.3)), box) < 3


def test_a_flat_thing_on_a_flat_ground_is_like_itself() -> None:
    flat = np.full((200, 200), 235, dtype=np.uint8)
    change = FramePair(flat, flat).inside(BOX)
    assert change.inner == pytest.approx(0, abs=0.1)
    assert change.correlation == 1


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
@pytest.mark.parametrize("at", [(0.0, 0.0), (90.0, -60.0)])
def test_any_box_can_be_measured(box: Region, at: tuple[float, float]) -> None:
    scene = _scene(3)
    change = FramePair(_filmed(scene), _filmed(scene, at)).inside(box)
    assert 0 <= change.inner <= 255 / 0.4
    assert 0 <= change.correlation <= 1
    if at == (0.0, 0.0):
        assert change.inner < 4
