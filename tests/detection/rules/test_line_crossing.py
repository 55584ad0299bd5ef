"""Exits: every one is told, both directions are counted, and nobody is counted twice."""

from dataclasses import replace

from tests.detection.rule_film import AFTERNOON, RuleFilm, person, told
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.line_crossing import ExitRule

RULE = ExitRule(id="out", line="door")
INWARD = [(0.5, 0.4 + 0.04 * step) for step in range(12)]
OUTWARD = INWARD[::-1]


def counts(film: RuleFilm) -> tuple[int, int]:
    crossings = film.scene.crossings()["out"]
    return crossings.entered, crossings.left


def test_who_leaves_is_told_and_who_enters_is_only_counted() -> None:
    film = RuleFilm(RULE)
    assert film.walk(*INWARD) == []
    assert counts(film) == (1, 0)
    film.looks(20.0)
    (raised,) = told(film.walk(*OUTWARD))
    assert (raised.kind, raised.label) == ("exit", "person")
    assert raised.reason == "left over the line · 1 out, 1 in"
    assert counts(film) == (1, 1)


def test_each_who_leaves_is_an_event_of_his_own_and_ends() -> None:
    film = RuleFilm(RULE)
    first = film.walk(*OUTWARD)
    second = film.walk(*[(x + 0.3, y) for x, y in OUTWARD])
    events = [*first, *second, *film.looks(15.0)]
    assert len({event.event_id for event in told(events)}) == 2
    assert len(told(events, EventPhase.CLEARED)) == 2
    assert counts(film) == (0, 2)


def test_two_who_leave_together_are_two() -> None:
    film = RuleFilm(RULE)
    events = [e for _, y in OUTWARD for e in film.observe(person(0.3, y), person(0.7, y))]
    assert len(told(events)) == 2


def test_who_waits_on_the_line_is_not_counted() -> None:
    film = RuleFilm(RULE)
    film.walk((0.5, 0.7), (0.5, 0.65))
    assert film.walk(*[(0.5, 0.605), (0.5, 0.595)] * 20) == []
    assert counts(film) == (0, 0)


def test_who_walks_past_its_end_is_not_counted() -> None:
    film = RuleFilm(RULE)
    assert film.walk(*[(0.05, y) for _, y in OUTWARD]) == []
    assert counts(film) == (0, 0)


def test_a_track_lost_on_the_line_and_found_behind_it() -> None:
    film = RuleFilm(RULE)
    film.walk(*OUTWARD[:6])  # to 0.64
    film.looks(1.0)
    assert len(told(film.walk((0.5, 0.54), (0.5, 0.5), (0.5, 0.46)))) == 1


def test_who_is_seen_first_a_step_before_the_line_is_counted() -> None:
    """The tracker gives numbers from the second look on; by then he stands on the line."""
    film = RuleFilm(RULE)
    events = film.walk((0.5, 0.64), (0.5, 0.6), (0.5, 0.55), (0.5, 0.5))
    assert len(told(events)) == 1


def test_a_known_walker_who_is_hardly_seen_is_still_followed() -> None:
    film = RuleFilm(RULE)
    film.walk(*OUTWARD[:6])
    faint = [replace(person(x, y), confidence=0.24) for x, y in OUTWARD[6:]]
    assert len(told([event for row in faint for event in film.observe(row)])) == 1


def test_a_reconnect_while_one_stands_inside() -> None:
    film = RuleFilm(RULE)
    film.walk(*OUTWARD[:5], (0.5, 0.68), (0.5, 0.68))
    film.observe(person(0.5, 0.68), step_s=60.0)
    events = film.walk(*OUTWARD[4:])
    assert len(told(events)) == 1
    assert counts(film) == (0, 1)


def test_a_clock_that_goes_back_keeps_the_counts_and_forgets_the_courses() -> None:
    film = RuleFilm(RULE)
    film.walk(*OUTWARD)
    film.looks(15.0)
    film.walk(*OUTWARD[:6])
    film.at_s -= 500.0
    assert told(film.walk(*OUTWARD[8:])) == []  # appeared outside
    assert counts(film) == (0, 1)


def test_outside_its_hours_nobody_is_counted() -> None:
    film = RuleFilm(RULE.model_copy(update={"hours": ("22:00-05:00",)}))
    assert film.walk(*OUTWARD) == []
    assert counts(film) == (0, 0)
    film.looks(20.0)
    film.noon = AFTERNOON + 8.2 * 3600  # after midnight
    assert len(told(film.walk(*OUTWARD))) == 1


def test_somebody_near_the_line_keeps_the_camera_attentive() -> None:
    film = RuleFilm(RULE)
    film.looks(10.0)
    assert not film.scene.is_attentive
    film.walk(*OUTWARD[:4])
    assert film.scene.is_attentive
    assert film.scene.has_candidate
