"""Quiet hours are counted by the gravest priority an event reached, and their films do not jump."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks import quiet_film, quiet_hours
from benchmarks.quiet_camera import BEGAN, told
from benchmarks.quiet_film import MINUTES, picture_at, weathered
from tests.alerts.queue.fake_events import fake_event
from thapcanh.detection.event import EventPhase


def test_an_event_counts_once_with_the_gravest_priority_that_it_reached() -> None:
    events = [
        fake_event(1, event_id="a", priority=3, captured_at=BEGAN + 10),
        fake_event(2, event_id="a", priority=2, phase=EventPhase.UPDATED, captured_at=BEGAN + 40),
        fake_event(3, event_id="a", priority=2, phase=EventPhase.CLEARED, captured_at=BEGAN + 90),
        fake_event(4, event_id="b", phase=EventPhase.RAISED, priority=1, captured_at=BEGAN + 4000),
    ]
    assert told(events) == [(10.0, 2), (4000.0, 1)]


def test_the_first_hour_stands_apart_and_the_rest_is_a_rate_a_camera_day() -> None:
    row = quiet_hours.row("sky", "cameras", [(10.0, 2), (4000.0, 1), (5000.0, 3)], 6, 5.0)
    assert row["first_hour"] == {"p1": 0, "p2": 1, "p3": 0}
    assert row["after"] == {"p1": 1, "p2": 0, "p3": 1}
    assert (row["p1_a_camera_day"][0], row["all_a_camera_day"][0]) == (0.8, 2.4)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.69), (1, 0.025, 5.57), (10, 4.80, 18.39)]
)
def test_a_rate_has_poissons_interval(count: int, low: float, high: float) -> None:
    """The exact limits from a table; the approximation is off by a few per cent at most."""
    told_rate, told_low, told_high = quiet_hours.rate(count, 1.0)
    assert told_rate == count
    assert told_low == pytest.approx(low, abs=0.05)
    assert told_high == pytest.approx(high, rel=0.05)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_film_has_no_seam(count: int) -> None:
    pictures = [np.full((2, 2, 3), number, np.uint8) for number in range(count)]
    shown = [int(picture_at(pictures, number)[0, 0, 0]) for number in range(40)]
    steps = {abs(after - before) for before, after in pairwise(shown)}
    assert steps <= {0, 1}
    assert set(shown) == set(range(count))


@pytest.mark.parametrize("weather", MINUTES, ids=lambda one: one.name)
def test_every_weather_keeps_the_size_and_changes_from_picture_to_picture(
    weather: quiet_film.Weather,
) -> None:
    pictures = [np.full((48, 64, 3), 120, np.uint8)]
    first, second = list(weathered(pictures, weather, 2))
    assert first.shape == second.shape == (48, 64, 3)
    assert first.dtype == np.uint8
    assert not np.array_equal(first, second)
