"""What every rule must stand: blindness in the middle, a clock that jumps, the zone's edge.

One table for all kinds, so that none is forgotten; what is special to a kind stands with it.
"""

import pytest

from tests.detection.rule_film import RuleFilm, car, person, told
from thapcanh.config.rules import Rule
from thapcanh.detection.detections import Detection
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.crowd import CrowdRule
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.line_crossing import ExitRule
from thapcanh.detection.rules.loitering import LoiteringRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.detection.rules.stopped_vehicle import StoppedVehicleRule

FLAME = Detection(box=(0.4, 0.55, 0.5, 0.7), confidence=0.6, label="fire")
SMOKE = Detection(box=(0.4, 0.55, 0.5, 0.7), confidence=0.6, label="smoke")
PEOPLE = (person(0.2), person(0.5), person(0.8))
STANDING: list[tuple[Rule, tuple[Detection, ...]]] = [
    (FireRule(id="r"), (FLAME,)),
    (SmokeRule(id="r"), (SMOKE,)),
    (IntrusionRule(id="r", zone="yard"), (person(),)),
    (CrowdRule(id="r", zone="yard", more_than=2, for_s=20.0), PEOPLE),
    (LoiteringRule(id="r", zone="yard", max_s=20.0), (person(),)),
    (StoppedVehicleRule(id="r", zone="yard", for_s=20.0), (car(),)),
]
TIMED = [pair for pair in STANDING if pair[0].kind in ("crowd", "loitering", "stopped_vehicle")]


def _names(pairs: list[tuple[Rule, tuple[Detection, ...]]]) -> list[str]:
    return [rule.kind for rule, _ in pairs]


@pytest.fixture(autouse=True)
def what_burns_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The film's picture is one grey field, which no flame is."""
    monkeypatch.setattr(
        "thapcanh.detection.confirmation.local_change.FramePair.inside", lambda *_: None
    )


@pytest.mark.parametrize(("rule", "rows"), STANDING, ids=_names(STANDING))
def test_it_is_told_once_and_cleared_once(rule: Rule, rows: tuple[Detection, ...]) -> None:
    film = RuleFilm(rule)
    events = [*film.looks(30.0, *rows), *film.looks(60.0)]
    assert len(told(events)) == 1
    assert len(told(events, EventPhase.CLEARED)) == 1


@pytest.mark.parametrize(("rule", "rows"), STANDING, ids=_names(STANDING))
def test_a_reconnect_while_it_goes_on_neither_clears_nor_repeats_it(
    rule: Rule, rows: tuple[Detection, ...]
) -> None:
    film = RuleFilm(rule)
    assert len(told(film.looks(30.0, *rows))) == 1
    blind = film.observe(*rows, step_s=120.0)
    events = [*blind, *film.looks(30.0, *rows)]
    assert told(events) == []
    assert told(events, EventPhase.CLEARED) == []


@pytest.mark.parametrize("jump_s", [120.0, 3600.0, 86_400.0])
@pytest.mark.parametrize(("rule", "rows"), TIMED, ids=_names(TIMED))
def test_a_clock_that_jumps_ahead_is_no_dwell(
    rule: Rule, rows: tuple[Detection, ...], jump_s: float
) -> None:
    film = RuleFilm(rule)
    film.looks(5.0, *rows)
    assert told(film.observe(*rows, step_s=jump_s)) == []
    assert told(film.looks(5.0, *rows)) == []


@pytest.mark.parametrize(("rule", "rows"), TIMED, ids=_names(TIMED))
def test_a_clock_that_goes_back_begins_the_dwell_anew(
    rule: Rule, rows: tuple[Detection, ...]
) -> None:
    film = RuleFilm(rule)
    film.looks(15.0, *rows)
    film.observe(*rows, step_s=-100.0)
    assert told(film.looks(15.0, *rows)) == []
    assert len(told(film.looks(15.0, *rows))) == 1


@pytest.mark.parametrize(("rule", "rows"), TIMED, ids=_names(TIMED))
def test_a_track_lost_for_some_looks_and_found_is_the_same_dwell(
    rule: Rule, rows: tuple[Detection, ...]
) -> None:
    film = RuleFilm(rule)
    film.looks(12.0, *rows)
    film.looks(1.0)  # a crowd is the median of three seconds
    assert len(told(film.looks(14.0, *rows))) == 1


ON_THE_EDGE: list[tuple[Rule, tuple[Detection, ...], tuple[Detection, ...]]] = [
    (IntrusionRule(id="r", zone="yard"), (person(feet=0.5),), (person(feet=0.49),)),
    (
        CrowdRule(id="r", zone="yard", more_than=1, for_s=5.0),
        (person(0.2, 0.5), person(0.8, 0.5)),
        (person(0.2, 0.5), person(0.8, 0.49)),
    ),
    (LoiteringRule(id="r", zone="yard", max_s=5.0), (person(feet=0.5),), (person(feet=0.49),)),
    (StoppedVehicleRule(id="r", zone="yard", for_s=5.0), (car(wheels=0.5),), (car(wheels=0.49),)),
]


@pytest.mark.parametrize(
    ("rule", "inside", "outside"), ON_THE_EDGE, ids=[rule.kind for rule, _, _ in ON_THE_EDGE]
)
def test_the_edge_belongs_to_the_zone(
    rule: Rule, inside: tuple[Detection, ...], outside: tuple[Detection, ...]
) -> None:
    assert told(RuleFilm(rule).looks(20.0, *outside)) == []
    assert len(told(RuleFilm(rule).looks(20.0, *inside))) == 1


@pytest.mark.parametrize("jump_s", [3600.0, -100.0])
def test_a_clock_that_jumps_is_no_crossing(jump_s: float) -> None:
    film = RuleFilm(ExitRule(id="r", line="door"))
    film.walk(*[(0.5, 0.8 - 0.02 * step) for step in range(6)])
    assert told(film.observe(person(0.1, 0.4), step_s=jump_s)) == []
