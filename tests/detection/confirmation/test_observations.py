"""Sightings find their place; places are forgotten and bounded."""

import pytest

from thapcanh.detection.confirmation.observations import (
    MAX_PLACES,
    ImageRegion,
    Observation,
    RegionHistory,
)
from thapcanh.detection.region import Region


def _seen(region: Region, confidence: float = 0.5, at_s: float = 0.0) -> Observation:
    return Observation(at_s=at_s, region=region, confidence=confidence, label="fire")


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ((0.40, 0.40, 0.50, 0.50), True),
        ((0.52, 0.40, 0.62, 0.50), True),
        ((0.54, 0.40, 0.64, 0.50), True),
        ((0.60, 0.40, 0.70, 0.50), False),
        ((0.10, 0.10, 0.90, 0.90), True),
    ],
)
def test_a_place_reaches_half_its_size(region: Region, expected: bool) -> None:
    assert ImageRegion(region=(0.4, 0.4, 0.5, 0.5), last_seen_s=0.0).reaches(region) is expected


def test_two_boxes_at_one_place_are_one_sighting() -> None:
    places = RegionHistory()
    places.observe(0.0, [_seen((0.4, 0.4, 0.5, 0.5), 0.4), _seen((0.45, 0.3, 0.5, 0.4), 0.7)], 20.0)
    (place,) = places.all
    joined = place.looks[-1].sighting
    assert joined is not None
    assert joined.confidence == 0.7
    assert joined.region == (0.4, 0.3, 0.5, 0.5)


def test_a_miss_is_a_look_too_and_a_place_follows_what_moves() -> None:
    places = RegionHistory()
    for number in range(5):
        x = 0.1 + 0.1 * number
        places.observe(float(number), [_seen((x, 0.4, x + 0.1, 0.5), at_s=float(number))], 20.0)
    places.observe(5.0, [], 20.0)
    (place,) = places.all
    assert [look.sighting is not None for look in place.looks] == [True] * 5 + [False]
    assert place.region[0] == pytest.approx(0.5)


def test_places_are_forgotten() -> None:
    places = RegionHistory()
    places.observe(0.0, [_seen((0.4, 0.4, 0.5, 0.5))], 20.0)
    places.observe(20.0, [], 20.0)
    assert len(places.all) == 1
    places.observe(20.1, [], 20.0)
    assert places.all == []


def test_a_flood_of_places_is_bounded_and_the_newest_stay() -> None:
    places = RegionHistory()
    for number in range(MAX_PLACES + 10):
        x, y = (number % 8) / 8, (number // 8) / 8
        places.observe(float(number), [_seen((x, y, x + 0.01, y + 0.01), at_s=float(number))], 1e6)
    assert len(places.all) == MAX_PLACES
    assert places.all[-1].last_seen_s == MAX_PLACES + 9


def test_in_a_flood_of_places_the_surest_keeps_its_history() -> None:
    """The first of a look, which is its surest, was forgotten first: it was never confirmed."""
    places = RegionHistory()
    fire = (0.5, 0.9, 0.55, 0.95)
    lamps = [(x / 8, y / 12, x / 8 + 0.01, y / 12 + 0.01) for x in range(8) for y in range(9)]
    for number in range(5):
        at_s = number / 2
        seen = [_seen(lamp, 0.3, at_s) for lamp in lamps]
        places.observe(at_s, [*seen, _seen(fire, 0.8, at_s)], 20.0)
    assert len(places.all) == MAX_PLACES
    (kept,) = (place for place in places.all if place.region == fire)
    assert len(kept.looks) == 5


def test_one_only_takes_everything() -> None:
    places = RegionHistory(one_only=True)
    places.observe(0.0, [_seen((0.0, 0.0, 0.1, 0.1)), _seen((0.9, 0.9, 1.0, 1.0), 0.9)], 20.0)
    (place,) = places.all
    assert place.looks[-1].sighting is not None
    assert place.looks[-1].sighting.confidence == 0.9
    assert place.looks[-1].sighting.region == (0.9, 0.9, 1.0, 1.0)
