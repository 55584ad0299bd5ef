"""When a picture cannot be compared with those before: cuts, shifts, carried cameras, lightning."""

import numpy as np
import pytest

from thapcanh.detection.confirmation.picture_motion import MotionMonitor, PictureState, Unsteady
from thapcanh.detection.detectors.letterbox import Picture

WIDTH, HEIGHT = 320, 180


def _scene(seed: int) -> Picture:
    """Blocks of different brightness, as houses and streets are; smooth enough to be shifted."""
    blocks = np.random.default_rng(seed).integers(20, 235, (14, 24), dtype=np.uint8)
    return np.kron(blocks, np.ones((16, 16), np.uint8)).astype(np.uint8)


STREET, SQUARE = _scene(1), _scene(2)


def _view(scene: Picture, left: int = 16, light: int = 0) -> Picture:
    cut = scene[16 : 16 + HEIGHT, left : left + WIDTH].astype(np.int16)
    return np.clip(cut + light, 0, 255).astype(np.uint8)


def _after(pictures: list[Picture]) -> PictureState:
    monitor = MotionMonitor()
    states = [monitor.observe(0.5 * number, one) for number, one in enumerate(pictures)]
    return states[-1]


def _walker(number: int) -> Picture:
    picture = _view(STREET).copy()
    picture[60:140, 10 + 10 * number : 50 + 10 * number] = 10
    return picture


@pytest.mark.parametrize(
    ("pictures", "unsteady"),
    [
        ([_view(STREET)] * 4, None),
        ([_walker(number) for number in range(8)], None),
        ([_view(STREET), _view(SQUARE)], Unsteady.CUT),
        ([_view(STREET), _view(STREET, 26)], Unsteady.SHIFTED),
        ([_view(STREET), _view(STREET, light=60)], Unsteady.CHANGED),  # lightning, a lamp
    ],
)
def test_what_happened_to_the_picture(pictures: list[Picture], unsteady: Unsteady | None) -> None:
    assert _after(pictures).unsteady is unsteady


def test_a_cut_is_said_of_its_own_look_and_held_for_some_seconds() -> None:
    at_cut = _after([_view(STREET), _view(SQUARE)])
    assert at_cut.is_cut_now
    after_2_s = _after([_view(STREET), *[_view(SQUARE)] * 5])
    assert (after_2_s.is_cut_now, after_2_s.unsteady) == (False, Unsteady.CUT)
    after_3_s = _after([_view(STREET), *[_view(SQUARE)] * 7])
    assert after_3_s.unsteady is None


def test_a_carried_camera_is_known_and_a_cut_alone_makes_none() -> None:
    carried = [_view(STREET, 16 + 4 * (number % 9)) for number in range(20)]
    assert _after(carried).is_moving_camera
    assert not _after([*[_view(STREET)] * 10, *[_view(SQUARE)] * 10]).is_moving_camera


def test_it_starts_anew_when_told_to() -> None:
    monitor = MotionMonitor()
    monitor.observe(10.0, _view(STREET))
    monitor.forget()
    assert monitor.observe(1.0, _view(SQUARE)).unsteady is None


def test_thumbnails_are_not_changed_by_being_compared() -> None:
    """`phaseCorrelate` lays its window over its inputs: later looks then saw a dark rim change."""
    monitor = MotionMonitor()
    for number in range(4):
        state = monitor.observe(0.5 * number, _walker(number))
        assert state.unsteady is None
