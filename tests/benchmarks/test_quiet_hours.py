"""Quiet hours are counted by the gravest priority an event reached, and their films do not jump."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks import quiet_film, quiet_hours
from benchmarks.detection import simulated_day
from benchmarks.quiet_camera import BEGAN, LivedCamera, told
from benchmarks.quiet_film import MINUTES, picture_at, weathered
from tests.alerts.queue.fake_events import fake_event
from thapcanh.detection.event import EventPhase
from thapcanh.tools.evaluation.evaluate import Truth


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


def test_a_simulated_day_is_24_hours_and_counts_alerts_by_its_parts() -> None:
    truth = Truth(file="yard.mp4", kind="none", onset_s=None)
    events = (
        fake_event(1, event_id="a", priority=1, captured_at=BEGAN + 10),
        fake_event(
            2, event_id="b", phase=EventPhase.RAISED, priority=3, captured_at=BEGAN + 24 * 3600 - 1
        ),
    )
    camera = LivedCamera(events=events, hours=24.0, packets=10, decoded=1, looks=2)
    content, table = simulated_day.result([quiet_hours.Lived(truth=truth, camera=camera)], 600.0)
    assert content["per_clip"] == {"yard.mp4": [[10, 1], [86399, 3]]}
    row = "| `yard.mp4` | 1/0/0 | 0/0/0 | 0/0/0 | 0/0/0 | 0/0/0 | 0/0/1 | 1/0/1 |"
    assert row in table.splitlines()
    with pytest.raises(ValueError, match="more than a day"):
        simulated_day.part_of(24 * 3600, 600.0)
    assert simulated_day.part_of(36 * 40.0, 40.0) == "rain"


def test_a_camera_that_changes_to_infra_red_is_white_first_and_grey_after() -> None:
    pictures = [np.full((48, 64, 3), (20, 120, 200), np.uint8)]
    shown = list(weathered(pictures, simulated_day.SWITCH, quiet_film.FPS + 1))
    assert shown[0].min() > 200
    assert np.ptp(shown[-1].astype(int), axis=2).max() == 0
    assert shown[-1].mean() < 100


def test_headlights_pass_and_go() -> None:
    dark = [np.full((90, 160, 3), 40, np.uint8)]
    shown = list(weathered(dark, simulated_day.LIT, int(quiet_film.FPS * quiet_film.PASSES_S)))
    brightest = [int(picture.max()) for picture in shown]
    assert min(brightest[: len(shown) // 2]) > 150
    assert max(brightest[len(shown) // 2 :]) < 100
