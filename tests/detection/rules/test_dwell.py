"""Loitering and stopped vehicles: losses, reconnects, clock jumps, zone edges, midnight."""

import pytest

from tests.detection.rule_film import AFTERNOON, RuleFilm, car, person, told
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.line_crossing import ExitRule
from thapcanh.detection.rules.loitering import LoiteringRule
from thapcanh.detection.rules.stopped_vehicle import StoppedVehicleRule

STAY = LoiteringRule(id="stay", zone="yard", max_s=20.0, lost_s=8.0)
STOP = StoppedVehicleRule(id="stop", zone="yard", for_s=20.0, lost_s=8.0)
MIDNIGHT = AFTERNOON + 8 * 3600


def test_who_stays_too_long_is_told_once_with_how_long() -> None:
    film = RuleFilm(STAY)
    assert film.looks(20.0, person()) == []
    (raised,) = told(film.looks(30.0, person()))
    assert (raised.kind, raised.zone_id, raised.label) == ("loitering", "yard", "person")
    assert raised.reason == "here for 20 s, 20 s allowed"
    assert raised.track_id is not None


def test_who_walks_through_is_not_loitering() -> None:
    film = RuleFilm(STAY)
    for _ in range(10):
        ways = [(0.05 + 0.06 * step, 0.8) for step in range(15)]
        assert film.walk(*ways) == []
        assert film.looks(9.0) == []


def test_who_walks_up_and_down_is() -> None:
    film = RuleFilm(STAY)
    there = [(0.3 + 0.04 * step, 0.8) for step in range(10)]
    events = [event for _ in range(5) for event in film.walk(*there, *there[::-1])]
    assert len(told(events)) == 1


def test_a_passer_by_does_not_keep_the_alert_of_another_open() -> None:
    film = RuleFilm(STAY)
    assert told(film.looks(25.0, person(0.3))) != []
    events = []
    for step in range(60):
        events += film.observe(person(0.05 + 0.06 * (step % 15), 0.9))
    assert told(events, EventPhase.CLEARED) != []


@pytest.mark.parametrize(("lost_s", "expected"), [(2.0, True), (7.5, True), (9.0, False)])
def test_a_track_lost_and_found(lost_s: float, expected: bool) -> None:
    """After 6 s the tracker gives another number; the stay goes on until `lost_s`."""
    film = RuleFilm(STAY)
    film.looks(15.0, person())
    film.looks(lost_s)
    assert bool(told(film.looks(8.0, person(0.52)))) is expected


@pytest.mark.parametrize("gap_s", [6.0, 30.0, 3600.0])
def test_a_reconnect_in_the_middle_of_a_dwell_neither_ends_nor_makes_it(gap_s: float) -> None:
    film = RuleFilm(STAY)
    film.looks(10.0, person())
    assert film.observe(person(), step_s=gap_s) == []  # blindness counts for 5 s at most
    assert told(film.looks(3.0, person())) == []
    assert told(film.looks(8.0, person())) != []


def test_somebody_else_after_a_reconnect_begins_anew() -> None:
    film = RuleFilm(STAY)
    film.looks(18.0, person(0.2))
    film.observe(person(0.8), step_s=30.0)
    assert film.looks(15.0, person(0.8)) == []


def test_a_clock_that_goes_back_starts_it_anew() -> None:
    film = RuleFilm(STAY)
    film.looks(18.0, person())
    film.at_s -= 500.0
    assert film.looks(15.0, person()) == []
    assert told(film.looks(10.0, person())) != []


def test_the_edge_belongs_to_the_zone_and_a_step_out_is_forgiven() -> None:
    film = RuleFilm(STAY)
    events = []
    for _ in range(30):
        events += film.observe(person(feet=0.5)) + film.observe(person(feet=0.48))
    assert len(told(events)) == 1
    film = RuleFilm(STAY)
    assert film.looks(60.0, person(feet=0.49)) == []


def test_who_has_left_the_zone_for_long_begins_anew() -> None:
    film = RuleFilm(STAY)
    film.looks(15.0, person(feet=0.52))
    film.looks(10.0, person(feet=0.47))
    assert film.looks(15.0, person(feet=0.52)) == []


@pytest.mark.parametrize(
    ("hours", "expected"), [("22:00-05:00", True), ("22:00-00:00", False), ("08:00-17:00", False)]
)
def test_a_stay_over_midnight(hours: str, expected: bool) -> None:
    film = RuleFilm(STAY.model_copy(update={"hours": (hours,)}))
    film.noon = MIDNIGHT - 15.0
    assert bool(told(film.looks(25.0, person()))) is expected


def test_a_vehicle_that_stands_is_told_and_one_that_drives_is_not() -> None:
    film = RuleFilm(STOP)
    assert told(film.looks(25.0, car())) != []
    film = RuleFilm(STOP)
    for turn in range(20):
        events = [e for step in range(15) for e in film.observe(car(0.1 + 0.05 * step))]
        assert events == [], turn


def test_a_trembling_box_stands_and_a_creeping_queue_does_not() -> None:
    film = RuleFilm(STOP)
    events = [e for step in range(60) for e in film.observe(car(0.5 + 0.02 * (step % 2)))]
    assert len(told(events)) == 1
    film = RuleFilm(STOP)
    assert [e for step in range(60) for e in film.observe(car(0.1 + 0.01 * step))] == []


def test_a_box_cut_for_a_look_does_not_move_the_vehicle() -> None:
    film = RuleFilm(STOP)
    cut = car().box
    film.looks(10.0, car())
    half = car(0.5)
    film.observe(type(half)(box=(0.5, cut[1], cut[2], cut[3]), confidence=0.6, label="car"))
    assert told(film.looks(12.0, car())) != []


@pytest.mark.parametrize(("hidden_s", "expected"), [(3.0, True), (7.5, True), (10.0, False)])
def test_a_vehicle_hidden_by_others(hidden_s: float, expected: bool) -> None:
    film = RuleFilm(STOP)
    film.looks(15.0, car())
    film.looks(hidden_s)
    assert bool(told(film.looks(8.0, car()))) is expected


def test_a_reconnect_in_the_middle_of_a_stop() -> None:
    film = RuleFilm(STOP)
    film.looks(12.0, car())
    assert film.observe(car(), step_s=60.0) == []
    assert told(film.looks(8.0, car())) != []


def test_people_do_not_stop_and_wheels_outside_are_outside() -> None:
    film = RuleFilm(STOP)
    assert film.looks(40.0, person()) == []
    assert film.looks(40.0, car(wheels=0.49)) == []


SLOWEST_S = 4.0


def test_who_stands_is_watched_at_the_rules_pace_and_told_as_soon() -> None:
    """A person standing in a zone kept the camera awake for as long as he stood."""
    film = RuleFilm(STAY)
    film.walk((0.3, 0.8), (0.35, 0.8), (0.4, 0.8), (0.45, 0.8))
    assert film.scene.has_candidate, "who walks is followed look by look"
    film.looks(14.0, person(0.45))
    assert film.scene.is_attentive
    assert not film.scene.has_candidate
    events = film.looks(12.0, person(0.45), step_s=SLOWEST_S)
    assert len(told(events)) == 1
    assert not film.scene.has_candidate, "it is told, and he still stands"
    film.walk((0.5, 0.8), (0.55, 0.8), (0.6, 0.8))
    assert film.scene.has_candidate


def test_who_stands_at_the_edge_of_the_picture_is_followed() -> None:
    """Looks seconds apart do not know him again."""
    film = RuleFilm(STAY)
    film.looks(14.0, person(0.04))
    assert film.scene.has_candidate


def test_traffic_that_never_ends_lets_a_camera_sleep_and_who_stops_is_told() -> None:
    film = RuleFilm(STOP)
    woke = []
    for step in range(60):
        film.observe(car(0.15 + 0.05 * (step % 15)), car(0.85 - 0.06 * (step % 12), 0.95))
        woke.append(film.scene.has_candidate)
    assert not any(woke)
    assert len(told(film.looks(28.0, car(0.5), step_s=SLOWEST_S))) == 1


def test_a_line_or_a_forbidden_zone_is_watched_look_by_look() -> None:
    for rule in (ExitRule(id="out", line="door"), IntrusionRule(id="in", zone="yard")):
        film = RuleFilm(rule, STAY)
        film.looks(14.0, person(0.45))
        assert film.scene.has_candidate
