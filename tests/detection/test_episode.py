"""When an episode speaks: the table of its news, and how it ends and returns."""

import pytest

from config.rules import FireRule, IntrusionRule, Rule, SmokeRule
from detection import episode as episodes
from detection.confirmation.observations import Observation
from detection.episode import EventEpisode
from detection.region import Region

FIRE = FireRule(id="fire", clear_after_s=20.0)
SMOKE = SmokeRule(id="smoke", priority=2)
HERE: Region = (0.4, 0.4, 0.5, 0.5)
FAR: Region = (0.0, 0.0, 0.05, 0.05)


def _seen(at_s: float, region: Region = HERE, confidence: float = 0.5) -> Observation:
    return Observation(at_s=at_s, region=region, confidence=confidence, label="fire")


def _episode(rule: Rule = FIRE, region: Region = HERE) -> EventEpisode:
    return episodes.begin("e1", rule, "burning", _seen(0.0, region))


@pytest.mark.parametrize(
    ("sighting", "news"),
    [
        (_seen(0.5), None),
        (_seen(1.9, (0.3, 0.3, 0.6, 0.6), 0.9), None),
        (_seen(2.0, (0.35, 0.4, 0.5, 0.55), 0.5), "area doubled"),
        (_seen(2.0, confidence=0.64), None),
        (_seen(2.0, confidence=0.65), "surer: 0.65"),
        (_seen(9.9), None),
        (_seen(10.0), "still seen"),
    ],
)
def test_news(sighting: Observation, news: str | None) -> None:
    assert episodes.see(_episode(), FIRE, sighting) == news


def test_news_is_measured_against_what_was_told_last() -> None:
    episode = _episode()
    assert episodes.see(episode, FIRE, _seen(2.0, confidence=0.7)) == "surer: 0.70"
    assert episodes.see(episode, FIRE, _seen(4.0, confidence=0.8)) is None
    assert episodes.see(episode, FIRE, _seen(5.0, confidence=0.9)) == "surer: 0.90"


def test_flame_beside_smoke_is_news_once_and_raises_the_priority() -> None:
    episode = _episode(SMOKE)
    assert episode.priority == 2
    assert episodes.see(episode, FIRE, _seen(0.5)) == "fire too"
    assert episode.priority == 1
    assert episodes.see(episode, FIRE, _seen(1.0)) is None


def test_the_surest_sighting_stands_for_a_look() -> None:
    episode = _episode()
    episodes.see(episode, FIRE, _seen(0.5, confidence=0.6))
    episodes.see(episode, SMOKE, _seen(0.5, confidence=0.3))
    assert episode.last.confidence == 0.6
    episodes.see(episode, SMOKE, _seen(1.0, confidence=0.3))
    assert episode.last.confidence == 0.3


def test_it_is_gone_after_its_quiet_seconds() -> None:
    episode = _episode()
    for _ in range(39):
        assert episodes.miss(episode, 0.5) is None
    assert episodes.miss(episode, 0.5) == "not seen for 20 s"


def test_blind_seconds_are_not_quiet_seconds() -> None:
    """A camera that was away for ten minutes has not seen that the fire is out."""
    episode = _episode()
    assert episodes.miss(episode, 600.0) is None
    assert episode.quiet_s == episodes.MAX_WATCHED_GAP_S


def test_a_sighting_ends_the_quiet() -> None:
    episode = _episode()
    for _ in range(39):
        episodes.miss(episode, 0.5)
    episodes.see(episode, FIRE, _seen(19.6))
    assert episodes.miss(episode, 0.5) is None


@pytest.mark.parametrize(
    ("region", "at_s", "is_near", "is_about"),
    [
        ((0.45, 0.45, 0.55, 0.55), 300.0, True, True),
        ((0.58, 0.4, 0.68, 0.5), 300.0, True, True),
        (FAR, 30.0, False, True),
        (FAR, 61.0, False, False),
        (FAR, -5.0, False, False),
    ],
)
def test_what_belongs_to_it(region: Region, at_s: float, is_near: bool, is_about: bool) -> None:
    sighting = _seen(at_s, region)
    assert _episode().is_near(sighting) is is_near
    assert _episode().is_about(sighting) is is_about


def test_a_walker_who_comes_nearer_is_no_news() -> None:
    rule = IntrusionRule(id="gate", zone="gate")
    assert episodes.see(_episode(rule), rule, _seen(3.0, (0.0, 0.0, 0.5, 0.9))) is None


def test_an_intrusion_is_one_wherever_in_its_zone() -> None:
    rule = IntrusionRule(id="gate", zone="gate")
    assert _episode(rule).is_near(_seen(300.0, FAR))
