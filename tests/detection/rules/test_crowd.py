"""Crowds: more than allowed for a time, and not again and again about the limit."""

import pytest

from tests.detection.rule_film import RuleFilm, car, person, told
from thapcanh.detection.detections import Detection
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.crowd import CrowdRule, CrowdState, after_count

RULE = CrowdRule(id="crowd", more_than=10, for_s=5.0, clear_after_s=5.0)
YARD = RULE.model_copy(update={"zone": "yard"})
OVER_3S = CrowdState(over_s=3.0)
CROWD = CrowdState(over_s=6.0, believed=True)


def people(number: int, feet: float = 0.8) -> list[Detection]:
    return [person(0.1 + 0.8 * one / number, feet) for one in range(number)]


@pytest.mark.parametrize(
    ("gathering", "count", "watched_s", "after"),
    [
        (CrowdState(), 10, 1.0, CrowdState()),  # so many are allowed
        (CrowdState(), 11, 1.0, CrowdState(over_s=0.0)),
        (OVER_3S, 11, 1.0, CrowdState(over_s=4.0)),
        (OVER_3S, 10, 1.0, OVER_3S),  # between: neither grows nor begins again
        (OVER_3S, 8, 1.0, CrowdState()),
        (OVER_3S, 11, 2.0, CrowdState(over_s=5.0, believed=True)),
        (CROWD, 9, 1.0, CROWD),  # fewer, and still the same crowd
        (CROWD, 8, 1.0, CrowdState()),
        (CROWD, 11, 0.0, CROWD),
    ],
)
def test_table(gathering: CrowdState, count: int, watched_s: float, after: CrowdState) -> None:
    assert after_count(gathering, count, watched_s, RULE) == after


def test_a_crowd_is_one_event_that_says_how_many() -> None:
    film = RuleFilm(RULE)
    assert film.looks(5.0, *people(12)) == []
    (raised,) = told(film.looks(20.0, *people(12)))
    assert (raised.kind, raised.rule_id, raised.label) == ("crowd", "crowd", "person")
    assert raised.reason == "12 here, 10 allowed · for 5 s"
    assert raised.box[2] > 0.7  # all of them


def test_a_crowd_clears_once_it_has_gone() -> None:
    film = RuleFilm(RULE)
    film.looks(20.0, *people(12))
    assert told(film.looks(20.0, *people(3)), EventPhase.CLEARED) != []
    assert told(film.looks(10.0, *people(12))) != []


def test_a_number_that_trembles_about_the_limit_is_told_once() -> None:
    film = RuleFilm(RULE)
    events = [event for turn in range(60) for event in film.observe(*people(12 if turn % 2 else 9))]
    assert len(told(events)) <= 1
    assert told(events, EventPhase.CLEARED) == []


def test_one_look_that_saw_too_many_is_nothing() -> None:
    film = RuleFilm(RULE.model_copy(update={"for_s": 0.0}))
    film.looks(5.0, *people(5))
    assert film.observe(*people(30)) == []
    assert film.looks(5.0, *people(5)) == []


def test_only_its_own_class_in_its_own_zone_counts() -> None:
    film = RuleFilm(YARD)
    assert film.looks(20.0, *people(12, feet=0.45)) == []
    assert film.looks(20.0, *[car(0.1 + one / 20) for one in range(12)]) == []
    assert told(film.looks(20.0, *people(12, feet=0.5))) != []  # on the zone's edge


def test_blind_time_counts_for_some_seconds_only() -> None:
    film = RuleFilm(RULE.model_copy(update={"for_s": 30.0}))
    film.looks(5.0, *people(12))
    assert film.observe(*people(12), step_s=600.0) == []
    assert told(film.looks(30.0, *people(12))) != []


def test_a_clock_that_goes_back_starts_it_anew() -> None:
    film = RuleFilm(RULE)
    film.looks(4.0, *people(12))
    film.at_s -= 1000.0
    assert film.looks(5.0, *people(12)) == []
    assert told(film.looks(5.0, *people(12))) != []


def test_people_of_whom_hardly_anything_shows_are_counted_too() -> None:
    hidden = [person(0.1 + 0.06 * one, confidence=0.28) for one in range(12)]
    film = RuleFilm(CrowdRule(id="crowd", more_than=10, for_s=5.0))
    assert len(told(film.looks(20.0, *hidden))) == 1
