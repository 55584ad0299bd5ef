"""Smoke far and wide without flame is weather; what burns, or stands out of it, still speaks."""

import math
import random
from dataclasses import replace

import pytest

from thapcanh.alerts.weather.wide_weather import (
    AreaReport,
    Front,
    Local,
    WatchedNear,
    WeatherSettings,
    front_around,
    fronts,
    why_local,
)

SETTINGS = WeatherSettings()
NOW = 1_795_600_000.0
HANOI = (21.0285, 105.8542)
_DEGREE_M = 111_195.0


def _at(north_m: float, east_m: float) -> tuple[float, float]:
    lat = HANOI[0] + north_m / _DEGREE_M
    return lat, HANOI[1] + east_m / (_DEGREE_M * math.cos(math.radians(HANOI[0])))


def _report(
    number: int, north_m: float, east_m: float, *, kind: str = "smoke", belief: float | None = 0.3
) -> AreaReport:
    return AreaReport(
        camera_id=f"cam-{number:03}",
        position=_at(north_m, east_m),
        kind=kind,
        belief=belief,
        first_seen_at=NOW - 60 + number / 10,
        last_seen_at=NOW,
    )


def _fog(cameras: int, *, radius_m: float = 2000.0, seed: int = 7) -> list[AreaReport]:
    """So many cameras, spread over a ward."""
    chance = random.Random(seed)
    spread = []
    for number in range(cameras):
        angle, far = 2.4 * number, radius_m * math.sqrt((number + 0.5) / cameras)
        belief = 0.2 + 0.1 * chance.random()
        spread.append(_report(number, far * math.sin(angle), far * math.cos(angle), belief=belief))
    return spread


def _front(reports: list[AreaReport], watched: int) -> Front | None:
    return front_around(HANOI, reports, watched=watched, now=NOW, settings=SETTINGS)


@pytest.mark.parametrize(
    ("cameras", "watched"), [(3, 3), (3, 30), (30, 30), (30, 300), (300, 300), (60, 300)]
)
def test_fog_over_a_ward_is_one_front_that_names_its_cameras(cameras: int, watched: int) -> None:
    reports = _fog(cameras)
    front = _front(reports, watched)
    assert front is not None
    assert set(front.cameras) == {one.camera_id for one in reports}
    assert front.since == min(one.first_seen_at for one in reports)
    assert all(why_local(one, front, reports, SETTINGS) is None for one in reports)


@pytest.mark.parametrize("watched", [3, 30, 300])
def test_one_plume_seen_by_three_cameras_of_a_crossing_is_no_weather(watched: int) -> None:
    reports = [_report(0, 0, 0), _report(1, 150, 0), _report(2, 0, 250)]
    assert _front(reports, watched) is None


def test_a_plume_and_two_false_alerts_far_away_need_a_third_place() -> None:
    reports = [_report(0, 0, 0), _report(1, 150, 0), _report(2, 0, 250), _report(3, 1500, 0)]
    assert _front(reports, 30) is None


@pytest.mark.parametrize(("cameras", "expected"), [(3, False), (14, False), (15, True)])
def test_a_few_of_300_cameras_are_chance(cameras: int, expected: bool) -> None:
    assert (_front(_fog(cameras), 300) is not None) is expected


def test_two_cameras_are_never_weather() -> None:
    assert _front(_fog(2), 2) is None


def test_what_is_over_counts_no_more() -> None:
    old = [replace(one, last_seen_at=NOW - SETTINGS.within_s - 1) for one in _fog(10)]
    assert _front(old, 10) is None


def test_what_a_clock_that_runs_ahead_dates_does_not_count_for_hours() -> None:
    ahead = [replace(one, first_seen_at=NOW + 3600, last_seen_at=NOW + 3660) for one in _fog(30)]
    assert _front(ahead, 30) is None
    late = [replace(one, last_seen_at=NOW + 3600) for one in _fog(30)]  # seen before and after
    assert _front(late, 30) is not None


def test_reports_beyond_reach_do_not_count() -> None:
    far = [_report(number, 9000 + 1000 * number, 0) for number in range(5)]
    assert _front([_report(9, 0, 0), *far], 10) is None


@pytest.mark.parametrize("cameras", [3, 30, 300])
def test_flame_is_never_weather(cameras: int) -> None:
    burning = [replace(one, kind="fire") for one in _fog(cameras)]
    assert _front(burning, cameras) is None


@pytest.mark.parametrize("cameras", [4, 30, 300])
def test_a_flame_inside_the_fog_speaks(cameras: int) -> None:
    reports = [*_fog(cameras), _report(900, 5, 5, kind="fire", belief=0.1)]
    front = _front(reports, cameras)
    assert front is not None
    assert "cam-900" not in front.cameras
    assert why_local(reports[-1], front, reports, SETTINGS) is Local.FLAME


def test_smoke_beside_a_flame_speaks() -> None:
    reports = _fog(30)
    beside = reports[0]
    lat, lon = beside.position
    flame = replace(beside, camera_id="cam-x", kind="fire", position=(lat + 0.003, lon))
    front = _front([*reports, flame], 30)
    assert front is not None
    assert why_local(beside, front, [*reports, flame], SETTINGS) is Local.NEAR_FLAME


def test_smoke_of_a_camera_that_shows_flame_too_is_not_in_the_front() -> None:
    reports = _fog(30)
    flame = replace(reports[4], kind="fire")
    front = _front([*reports, flame], 30)
    assert front is not None
    assert reports[4].camera_id not in front.cameras


@pytest.mark.parametrize(
    ("belief", "expected"),
    [(0.6, Local.DENSER), (0.95, Local.SURE), (0.4, None), (None, None)],
)
@pytest.mark.parametrize("cameras", [4, 30, 300])
def test_a_plume_that_stands_out_of_the_haze_speaks(
    cameras: int, belief: float | None, expected: Local | None
) -> None:
    reports = _fog(cameras)
    plume = replace(reports[1], belief=belief)
    reports[1] = plume
    front = _front(reports, cameras)
    assert front is not None
    assert why_local(plume, front, reports, SETTINGS) is expected


def test_a_huge_plume_that_every_camera_believes_is_not_held() -> None:
    reports = [replace(one, belief=0.95) for one in _fog(10)]
    front = _front(reports, 10)
    assert front is not None
    assert all(why_local(one, front, reports, SETTINGS) is Local.SURE for one in reports)


def test_two_fogs_of_one_city_are_two_fronts() -> None:
    here = _fog(12)
    there = [
        replace(one, camera_id=f"west-{one.camera_id}", position=(lat, lon - 0.2))
        for one, (lat, lon) in ((one, one.position) for one in _fog(8))
    ]
    reports = [*here, *there]
    watched = WatchedNear(one.position for one in reports)
    found = fronts(reports, watched_near=watched, now=NOW, settings=SETTINGS)
    assert [len(front.cameras) for front in found] == [12, 8]
    assert not set(found[0].cameras) & set(found[1].cameras)


def test_no_reports_are_no_front() -> None:
    assert fronts([], watched_near=WatchedNear([]), now=NOW, settings=SETTINGS) == []


@pytest.mark.parametrize("within_m", [1000.0, 3000.0])
def test_the_cameras_round_a_place_are_counted_about_right(within_m: float) -> None:
    chance = random.Random(3)
    spread = [_at(chance.uniform(-6000, 6000), chance.uniform(-6000, 6000)) for _ in range(20_000)]
    expected = 20_000 * math.pi * within_m**2 / 12_000.0**2
    assert WatchedNear(spread)(HANOI, within_m) == pytest.approx(expected, rel=0.2)
