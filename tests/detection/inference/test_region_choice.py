"""Where a region look goes: hints before change, small before large, warm before cold."""

from collections.abc import Sequence

import numpy as np
import pytest

from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.inference.region_choice import (
    COLD_FOR_S,
    RegionChoice,
    RegionReason,
    RegionSelector,
    share_for,
)
from thapcanh.detection.region import Region

SHARE = 0.325
LEFT = (0.1, 0.1, 0.4, 0.4)  # where something changes
RIGHT = (0.7, 0.6, 0.9, 0.9)


def picture(*lit: tuple[float, float, float, float], luma: int = 160) -> Picture:
    dark = np.full((72, 128), 60, dtype=np.uint8)
    for x1, y1, x2, y2 in lit:
        dark[int(y1 * 72) : int(y2 * 72), int(x1 * 128) : int(x2 * 128)] = luma
    return dark


def flame(x: float, y: float, size: float = 0.02, confidence: float = 0.12) -> Detection:
    box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return Detection(box=box, confidence=confidence, label="fire")


def holds(choice: RegionChoice | None, x: float, y: float) -> bool:
    if choice is None:
        return False
    left, top, right, bottom = choice.region
    return left <= x <= right and top <= y <= bottom


def chosen(
    regions: RegionSelector, at_s: float, luma: Picture, hints: Sequence[Detection] = ()
) -> RegionChoice | None:
    """What one look leads to first; `hints` are seen in it."""
    changed, hinted = regions.change(at_s, luma, SHARE), regions.hint(SHARE, hints)
    return changed or hinted


@pytest.mark.parametrize(
    ("width", "height", "share"),
    [
        (320, 240, None),  # the whole look shrinks nothing
        (416, 234, None),
        (418, 234, 0.4),
        (640, 360, 0.4),  # of 256 pixels, which the model sees enlarged
        (1040, 585, 0.4),
        (720, 1280, 0.325),
        (1920, 1080, 0.25),
        (3840, 2160, 0.25),
    ],
)
def test_a_part_is_no_larger_than_the_model_sees_unshrunk(
    width: int, height: int, share: float | None
) -> None:
    assert share_for(width, height, 416) == (None if share is None else pytest.approx(share))


def test_a_still_picture_asks_for_nothing() -> None:
    regions = RegionSelector()
    rng = np.random.default_rng(3)
    for look in range(40):
        noisy = np.clip(rng.normal(60, 6, (720, 1280)), 0, 255).astype(np.uint8)
        assert chosen(regions, look * 0.5, noisy) is None


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (0.0, 0.0), (0.99, 0.99), (0.02, 0.7)])
def test_a_hint_lies_in_its_part_and_the_part_in_the_picture(x: float, y: float) -> None:
    choice = chosen(RegionSelector(), 0.0, picture(), [flame(x, y)])
    assert choice is not None
    assert choice.why is RegionReason.HINT
    assert holds(choice, x, y)
    left, top, right, bottom = choice.region
    assert min(left, top) >= 0.0
    assert max(right, bottom) <= 1.0
    assert (right - left, bottom - top) == pytest.approx((SHARE, SHARE))


@pytest.mark.parametrize(
    ("hints", "at"),
    [
        ([flame(0.2, 0.2, confidence=0.12), flame(0.8, 0.8, confidence=0.2)], (0.8, 0.8)),
        ([flame(0.2, 0.2), flame(0.7, 0.7, size=0.3, confidence=0.9)], (0.2, 0.2)),
    ],
    ids=["the surest", "what is large, the whole look sees as well"],
)
def test_one_of_several_hints(hints: list[Detection], at: tuple[float, float]) -> None:
    assert holds(chosen(RegionSelector(), 0.0, picture(), hints), *at)


def test_a_hint_goes_before_change_but_not_for_ever() -> None:
    regions = RegionSelector()
    chosen(regions, 0.0, picture())
    led_by = []
    for look in range(1, 23):
        now = picture(RIGHT) if look % 2 else picture()
        choice = chosen(regions, look * 0.5, now, [flame(0.2, 0.2)])
        assert choice is not None
        regions.looked(choice, saw_something=True)
        led_by.append(choice.why)
    assert led_by == [RegionReason.CHANGE, *[RegionReason.HINT] * 9] * 2 + [
        RegionReason.CHANGE,
        RegionReason.HINT,
    ]


def test_a_hint_that_proved_empty_is_cold_for_a_while() -> None:
    regions = RegionSelector()
    lamp = [flame(0.2, 0.2, confidence=0.24)]
    first = chosen(regions, 10.0, picture(), lamp)
    assert first is not None
    regions.looked(first, saw_something=False)
    assert chosen(regions, 10.5, picture(), lamp) is None
    assert holds(chosen(regions, 11.0, picture(), [*lamp, flame(0.8, 0.8)]), 0.8, 0.8)
    assert holds(chosen(regions, 10.0 + COLD_FOR_S, picture(), lamp), 0.2, 0.2)


def test_a_hint_that_proved_right_is_looked_at_every_time() -> None:
    regions = RegionSelector()
    for look in range(10):
        choice = chosen(regions, look * 0.5, picture(), [flame(0.2, 0.2)])
        assert choice is not None
        regions.looked(choice, saw_something=True)


@pytest.mark.parametrize(
    ("every_s", "explored_s"), [(0.2, 1.0), (0.5, 1.0), (1.0, 2.0), (4.0, 12.0)]
)
def test_change_is_looked_at_once_a_second_but_not_in_every_look(
    every_s: float, explored_s: float
) -> None:
    regions = RegionSelector()
    done = []
    for look in range(round(10 * explored_s / every_s)):
        at_s = look * every_s
        choice = chosen(regions, at_s, picture(LEFT) if look % 2 else picture())
        if choice is not None:
            assert choice.why is RegionReason.CHANGE
            assert holds(choice, 0.25, 0.25)
            regions.looked(choice, saw_something=False)
            done.append(at_s)
    assert done == pytest.approx([every_s + turn * explored_s for turn in range(10)])


def test_a_busy_street_does_not_hide_a_flicker_elsewhere() -> None:
    regions = RegionSelector()
    seen = []
    for look in range(1, 25):
        street, flicker = picture(LEFT), picture(LEFT)
        flicker[43:64, 89:115] = 90  # a quarter of the street's change
        now = picture() if look % 2 else flicker
        choice = chosen(regions, float(look), now if look > 1 else street)
        if choice is not None:
            seen.append(holds(choice, 0.8, 0.75))
            regions.looked(choice, saw_something=False)
    assert any(seen)
    assert not all(seen)


def test_what_was_dropped_is_asked_for_again() -> None:
    regions = RegionSelector()
    chosen(regions, 0.0, picture())
    first = chosen(regions, 0.5, picture(LEFT))
    again = chosen(regions, 1.0, picture())
    assert first is not None
    assert again == first


def test_a_clock_that_goes_back_begins_anew() -> None:
    regions = RegionSelector()
    lamp = [flame(0.2, 0.2)]
    first = chosen(regions, 100.0, picture(), lamp)
    assert first is not None
    regions.looked(first, saw_something=False)
    assert holds(chosen(regions, 1.0, picture(), lamp), 0.2, 0.2)
    assert chosen(regions, 1.5, picture()) is None


def street(turn: int, *lit: tuple[float, float, float, float]) -> Picture:
    """Two places between which cars drive, never quite the same; and what else is `lit`."""
    left, top = 0.05 + 0.02 * (turn % 3), 0.1
    right, low = 0.7 + 0.02 * (turn % 2), 0.65
    cars = ((left, top, left + 0.2, 0.3), (right, low, right + 0.2, 0.9))
    return picture(cars[turn % 2], *lit)


def watched_asleep(
    regions: RegionSelector, turns: range, *lit: Region
) -> list[RegionChoice | None]:
    """What each look of a sleeping camera leads to; nothing is seen there."""
    chosen_in = []
    for turn in turns:
        choice = chosen(regions, 4.0 * turn, street(turn, *(lit if turn % 2 else ())))
        if choice is not None:
            regions.looked(choice, saw_something=False)
        chosen_in.append(choice)
    return chosen_in


def test_a_third_of_the_looks_at_a_sleeping_street_looks_closer_and_its_parts_take_turns() -> None:
    """Where traffic changes most, a part that changes little was never looked at."""
    regions = RegionSelector()
    flicker = (0.45, 0.4, 0.55, 0.6)
    looked_at = watched_asleep(regions, range(60), flicker)
    assert sum(one is not None for one in looked_at) == 20
    assert any(holds(one, 0.15, 0.2) for one in looked_at)
    assert any(holds(one, 0.8, 0.75) for one in looked_at)
    assert any(holds(one, 0.5, 0.5) for one in looked_at)
