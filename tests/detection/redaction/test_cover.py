"""What is hidden between looks: nobody is seen because looks missed them."""

import pytest

from thapcanh.detection.detections import Detection
from thapcanh.detection.redaction import (
    HOLD_S,
    LINK_S,
    MOST_REGIONS,
    SAMPLE_S,
    Box,
    Cover,
    HiddenRegion,
    Sample,
    can_be_hidden,
    hidden_regions,
    sample_of,
)


def person(x: float) -> HiddenRegion:
    return HiddenRegion("person", (x, 0.4, x + 0.05, 0.6))


def walk(missed: set[int], speed: float = 0.05) -> Cover:
    """A walker who is looked at for four seconds, and not seen in some looks."""
    looks = [number * SAMPLE_S for number in range(21)]
    return Cover(
        [
            Sample(at_s, () if number in missed else (person(0.1 + speed * at_s),))
            for number, at_s in enumerate(looks)
        ]
    )


@pytest.mark.parametrize("missed", [set(), {5}, {5, 6, 7, 8, 9, 10}, set(range(4, 16))])
def test_a_walker_is_hidden_in_every_picture_whatever_looks_missed_him(missed: set[int]) -> None:
    cover = walk(missed)
    for picture in range(101):
        at_s = picture / 25
        middle = 0.125 + 0.05 * at_s
        assert any(left < middle < right for left, _, right, _ in cover.at(at_s)), at_s


def test_somebody_is_hidden_before_he_was_seen_first_and_after_he_was_seen_last() -> None:
    cover = Cover([Sample(5.0, (person(0.3),))])
    assert cover.at(5.0 - HOLD_S + 0.01) == cover.at(5.0 + HOLD_S - 0.01) == [person(0.3).box]
    assert cover.at(5.0 - HOLD_S - 0.01) == cover.at(5.0 + HOLD_S + 0.01) == []


def test_what_is_far_away_or_much_later_or_something_else_is_not_joined() -> None:
    first = Sample(0.0, (person(0.1),))
    late = LINK_S + 0.1
    for other in (
        Sample(1.0, (person(0.8),)),
        Sample(late, (person(0.1),)),
        Sample(1.0, (HiddenRegion("car", (0.1, 0.4, 0.3, 0.6)),)),
    ):
        between = Cover([first, other]).at((HOLD_S + other.at_s) / 2)
        assert first.regions[0].box not in between, other
        assert len(between) <= 1, other


def test_people_are_hidden_whole_and_cars_where_their_plates_are() -> None:
    def hidden(label: str, box: Box = (0.4, 0.2, 0.6, 0.8)) -> Box:
        (region,) = hidden_regions([Detection(box=box, confidence=0.11, label=label)])
        return region.box

    for label in ("person", "motorcycle", "bicycle", "bus", "truck"):
        left, top, right, bottom = hidden(label)
        assert max(left - 0.4, top - 0.2, 0.6 - right, 0.8 - bottom) < 0, label
    _, top, _, bottom = hidden("car")
    assert (round(top, 2), bottom > 0.8) == (0.33, True)
    assert hidden("person", (0.0, 0.0, 1.0, 1.0)) == (0.0, 0.0, 1.0, 1.0)
    assert hidden_regions([Detection(box=(0, 0, 1, 1), confidence=0.9, label="fire")]) == []
    assert not can_be_hidden(("fire", "smoke"))


def test_a_crowd_is_hidden_without_a_pause() -> None:
    """Each of many who were seen is hidden at every moment, in whatever order it is asked."""
    crowd = tuple(
        HiddenRegion("person", (x / 60, y / 20, x / 60 + 0.02, y / 20 + 0.06))
        for x in range(20)
        for y in range(10)
    )
    cover = Cover([Sample(number * SAMPLE_S, crowd) for number in range(4)])
    for at_s in (0.0, 1.1, 0.05, 0.95, 0.4):
        boxes = cover.at(at_s)
        for one in crowd[::97]:
            left, top, right, bottom = one.box
            assert any(
                box[0] <= left and box[1] <= top and box[2] >= right and box[3] >= bottom
                for box in boxes
            ), at_s


def _throng(moved: float) -> list[HiddenRegion]:
    """400 people, as many as a look in quarters can tell of."""
    return [
        HiddenRegion("person", (x / 20, y / 20, x / 20 + 0.02 + moved / 100, y / 20 + 0.03))
        for x in range(20)
        for y in range(20)
    ]


def _is_covered(box: Box, boxes: list[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(one[0] <= x <= one[2] and one[1] <= y <= one[3] for one in boxes)


def test_a_throng_is_hidden_in_memory_that_does_not_grow_with_the_film() -> None:
    samples = [sample_of(number * SAMPLE_S, _throng(number % 2)) for number in range(300)]
    assert len({id(one) for sample in samples for one in sample.regions}) <= 2 * 400
    cover, most = Cover(samples), 0
    for second in range(60):
        boxes = cover.at(float(second))
        assert all(_is_covered(one.box, boxes) for one in _throng(0.0)), second
        most = max(most, len(cover._near))
    assert most <= (LINK_S + HOLD_S) / SAMPLE_S + 2
    few = _throng(0.0)[:MOST_REGIONS]
    assert sample_of(0.0, few).regions == tuple(few)  # of these each is known by itself
