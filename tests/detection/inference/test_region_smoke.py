"""Smoke that a part shows: taken where it ends within it, and followed in the next look."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.detection.inference.region_eyes import HINT, Eyes, grey, plume_seer, street
from tests.detection.many_cameras import MakeFrame
from thapcanh.detection.detections import Detection

MIDDLE = Detection(box=(0.45, 0.45, 0.47, 0.48), confidence=0.12, label="fire")


@pytest.mark.parametrize(
    ("box", "taken"),
    [((0.3, 0.2, 0.6, 0.9), True), ((0.0, 0.0, 1.0, 0.8), False)],
    ids=["a plume that ends within the part", "smoke that fills it, as a sky does"],
)
def test_smoke_with_an_outside_is_taken_from_a_part(
    make_frame: MakeFrame, *, box: tuple[float, float, float, float], taken: bool
) -> None:
    eyes = Eyes(lambda _: [Detection(box=box, confidence=0.5, label="smoke")])
    found = eyes.observe(make_frame(rgb=street()), HINT)
    smoke = [row for row in found if row.label == "smoke"]
    assert [row.confidence for row in smoke] == [0.5] * taken


def test_smoke_that_the_whole_look_sees_too_is_one_as_sure_as_the_surer_look(
    make_frame: MakeFrame,
) -> None:
    part = Detection(box=(0.3, 0.2, 0.6, 0.9), confidence=0.5, label="smoke")
    eyes = Eyes(lambda _: [part])
    found = eyes.observe(make_frame(rgb=street()), HINT)
    (seen,) = (row for row in found if row.label == "smoke")
    for confidence in (0.2, 0.8):
        whole = Detection(box=seen.box, confidence=confidence, label="smoke")
        found = Eyes(lambda _: [part]).observe(make_frame(rgb=street()), HINT, whole)
        smoke = [row for row in found if row.label == "smoke"]
        assert [row.confidence for row in smoke] == [pytest.approx(max(confidence, 0.5))]


def _plume(size: int) -> NDArray[np.uint8]:
    """A white plume in the middle of a picture of 640×360."""
    rgb = grey(640)
    rgb[180 - size // 4 : 180 + size // 4, 320 - size // 2 : 320 + size // 2] = 220
    return rgb


@pytest.mark.parametrize(
    ("confidence", "size", "leads"),
    [(0.15, 60, True), (0.14, 60, False), (0.5, 180, False)],
    ids=["smoke", "hardly smoke", "so large that the whole look sees it as well"],
)
def test_smoke_of_a_part_leads_the_next_look_there(
    make_frame: MakeFrame, *, confidence: float, size: int, leads: bool
) -> None:
    """A plume seen in one look was lost in the next, when nothing else led there."""
    eyes = Eyes(plume_seer(confidence))
    assert len(eyes.observe(make_frame(0.0, rgb=_plume(size)), MIDDLE)) == 2
    for look in range(1, 5):
        seen = eyes.observe(make_frame(look * 0.5, rgb=_plume(size)))
        assert [row.label for row in seen] == ["smoke"] * leads
    assert eyes.counted == (1 + 4 * leads, 0)


def test_smoke_that_the_whole_look_is_sure_of_is_not_looked_at_closer(
    make_frame: MakeFrame,
) -> None:
    eyes = Eyes(plume_seer(0.5))
    seen = eyes.observe(make_frame(0.0, rgb=_plume(60)), MIDDLE)
    (plume,) = (row for row in seen if row.label == "smoke")
    assert eyes.observe(make_frame(0.5, rgb=_plume(60)), plume) == [plume]
    assert eyes.counted == (1, 0)
    flame = Detection(box=plume.box, confidence=0.5, label="fire")
    eyes.observe(make_frame(1.0, rgb=_plume(60)), flame)
    assert eyes.counted == (2, 0), "a flame there says nothing of the smoke"


def test_a_part_that_shows_smoke_is_not_empty(make_frame: MakeFrame) -> None:
    """A hint of flame beside smoke was left alone for 3 s."""
    hint = Detection(box=(0.55, 0.55, 0.57, 0.58), confidence=0.12, label="fire")
    eyes = Eyes(plume_seer(0.5))
    for look in range(4):
        seen = eyes.observe(make_frame(look * 0.5, rgb=_plume(60)), hint)
        assert sorted(row.label for row in seen) == ["fire", "smoke"]
