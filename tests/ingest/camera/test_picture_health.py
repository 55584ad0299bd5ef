"""Frozen and dark pictures: noticed in time, not before, and over when the world is back."""

from collections.abc import Callable

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.ingest import made_views as made
from tests.ingest.fake_source import moving_square
from thapcanh.ingest.camera.picture_health import (
    PictureCondition,
    PictureHealth,
    PictureHealthSettings,
)
from thapcanh.ingest.frame import Frame

RULES = PictureHealthSettings(frozen_after_s=10.0, dark_after_s=5.0)
Paint = Callable[[int], NDArray[np.uint8]]
_NOISE = np.random.default_rng(1)


def _frame(second: float, picture: NDArray[np.uint8]) -> Frame:
    video = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    return Frame(
        camera_id="a",
        picture=video,
        width=video.width,
        height=video.height,
        at_s=second,
        captured_at=second,
        decoded_at=second,
    )


def _watched(paint: Paint, seconds: int, watch: PictureHealth | None = None) -> list[str]:
    watch = watch or PictureHealth(RULES)
    return [watch.observe(_frame(second, paint(second))).value for second in range(seconds)]


def _still(_: int) -> NDArray[np.uint8]:
    return moving_square(3)


def _black(_: int) -> NDArray[np.uint8]:
    return np.zeros((240, 320, 3), np.uint8)


def _quiet_street(second: int) -> NDArray[np.uint8]:
    """Nothing moves; the sensor's noise is all that changes."""
    noise = _NOISE.normal(0, 2.5, (240, 320, 1))
    return np.clip(moving_square(3) + noise, 0, 255).astype(np.uint8)


def _hung_with_running_clock(second: int) -> NDArray[np.uint8]:
    picture = moving_square(3)
    picture[2:10, 2 : 2 + 20] = second * 20 % 256
    return picture


def _hung_behind_its_own_clock(second: int) -> NDArray[np.uint8]:
    """As sub-streams have it: a twentieth of the height, at the top and at the bottom."""
    picture = np.ascontiguousarray(moving_square(3))
    hour = f"2026-11-30 {second // 60 % 24:02d}:{second % 60:02d}:{second * 37 % 60:02d}"
    for bottom in (18, 236):
        cv2.putText(picture, hour, (4, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 2)
    return picture


def _night_lit_at_its_foot(second: int) -> NDArray[np.uint8]:
    """Only the ground before the camera is lit, in the strip where clocks are written too."""
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[210:] = np.clip(90 + _NOISE.normal(0, 2.5, (30, 320, 1)) + second % 2, 0, 255)
    return picture


def _night_with_one_lamp(second: int) -> NDArray[np.uint8]:
    picture = np.full((240, 320, 3), 8, np.uint8)
    picture[100:120, 150:170] = 240
    return np.clip(picture + _NOISE.normal(0, 2.5, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "paint",
    [moving_square, _quiet_street, _night_with_one_lamp, _night_lit_at_its_foot],
)
def test_a_living_picture_is_ok_for_ever(paint: Paint) -> None:
    assert set(_watched(paint, 60)) == {"ok"}


@pytest.mark.parametrize("paint", [_still, _hung_with_running_clock, _hung_behind_its_own_clock])
def test_the_same_picture_for_long_is_frozen_and_not_before(paint: Paint) -> None:
    said = _watched(paint, 15)
    assert said == ["ok"] * 10 + ["frozen"] * 5


def test_a_covered_lens_is_dark_and_stays_dark_rather_than_frozen() -> None:
    assert _watched(_black, 30) == ["ok"] * 5 + ["dark"] * 25


def test_it_is_over_with_the_first_living_picture() -> None:
    watch = PictureHealth(RULES)
    assert _watched(_still, 15, watch)[-1] == "frozen"
    assert watch.observe(_frame(15, moving_square(20))) is PictureCondition.OK
    assert watch.since_s == 15


def test_most_frames_are_not_looked_at() -> None:
    watch = PictureHealth(PictureHealthSettings(every_s=1.0, dark_after_s=0.0))
    watch.observe(_frame(0.0, moving_square(0)))
    assert watch.observe(_frame(0.9, _black(0))) is PictureCondition.OK
    assert watch.observe(_frame(1.0, _black(0))) is PictureCondition.DARK


def test_another_resolution_is_another_picture() -> None:
    watch = PictureHealth(RULES)
    _watched(_still, 9, watch)
    assert watch.observe(_frame(9, moving_square(3, 160, 120))) is PictureCondition.OK
    assert watch.observe(_frame(18, moving_square(3, 160, 120))) is PictureCondition.OK
    assert watch.observe(_frame(19, moving_square(3, 160, 120))) is PictureCondition.FROZEN


@pytest.mark.parametrize(
    ("happens", "condition"),
    [
        (made.covered(), PictureCondition.COVERED),
        (made.covered(light=28), PictureCondition.DARK),
        (made.street(9), PictureCondition.MOVED),
        (made.defocused(made.street()), PictureCondition.BLURRED),
    ],
)
def test_a_view_that_was_tampered_with_is_named(
    happens: made.Luma, condition: PictureCondition
) -> None:
    watch = PictureHealth()

    def paint(second: int) -> NDArray[np.uint8]:
        grey = made.seen(made.street() if second < 60 else happens)
        return np.repeat(grey[:, :, None], 3, axis=2)

    said = _watched(paint, 95, watch)
    assert said[:75] == ["ok"] * 75
    assert said[-1] == condition
