"""When an episode speaks: the table of its news, and how it ends and returns."""

import pytest

from thapcanh.config.rules import Rule
from thapcanh.detection import episode as episodes
from thapcanh.detection.confirmation.belief import Belief, believe
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.episode import EventEpisode
from thapcanh.detection.region import Region
from thapcanh.detection.rules.evaluator import RuleMatch, accepted, waiting
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.smoke import SmokeRule

FIRE = FireRule(id="fire", clear_after_s=20.0)
SMOKE = SmokeRule(id="smoke", priority=2)
HERE: Region = (0.4, 0.4, 0.5, 0.5)
FAR: Region = (0.0, 0.0, 0.05, 0.05)


def _seen(at_s: float, region: Region = HERE, confidence: float = 0.5) -> Observation:
    return Observation(at_s=at_s, region=region, confidence=confidence, label="fire")


def _judged(seen: Observation, belief: Belief | None = None) -> RuleMatch:
    return RuleMatch(sighting=seen, verdict=accepted("3 of 5 looks"), belief=belief)


def _see(episode: EventEpisode, rule: Rule, seen: Observation) -> str | None:
    return episodes.see(episode, rule, _judged(seen))


def _episode(rule: Rule = FIRE, region: Region = HERE) -> EventEpisode:
    return episodes.begin("e1", rule, "burning", _judged(_seen(0.0, region)))


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
    assert _see(_episode(), FIRE, sighting) == news


def test_news_is_measured_against_what_was_told_last() -> None:
    episode = _episode()
    assert _see(episode, FIRE, _seen(2.0, confidence=0.7)) == "surer: 0.70"
    assert _see(episode, FIRE, _seen(4.0, confidence=0.8)) is None
    assert _see(episode, FIRE, _seen(5.0, confidence=0.9)) == "surer: 0.90"


def test_flame_beside_smoke_is_news_once_and_raises_the_priority() -> None:
    episode = _episode(SMOKE)
    assert episode.priority == 2
    assert _see(episode, FIRE, _seen(0.5)) == "fire follows smoke · believed: as it stands"
    assert episode.kind == "fire"
    assert episode.priority == 1
    assert _see(episode, FIRE, _seen(1.0)) is None


def test_the_surest_sighting_stands_for_a_look() -> None:
    episode = _episode()
    _see(episode, FIRE, _seen(0.5, confidence=0.6))
    _see(episode, SMOKE, _seen(0.5, confidence=0.3))
    assert episode.last.confidence == 0.6
    _see(episode, SMOKE, _seen(1.0, confidence=0.3))
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
    _see(episode, FIRE, _seen(19.6))
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


def test_a_fire_beside_a_surer_lamp_is_told_with_its_own_place() -> None:
    """All that was told of it was the lamp's box: once that was rejected the fire was quiet too."""
    episode = _episode()
    for at_s in (1.0, 3.0):
        assert _see(episode, FIRE, _seen(at_s, confidence=0.6)) is None
        news = _see(episode, FIRE, _seen(at_s, FAR, 0.4))
        assert news == ("fire too" if at_s == 1.0 else None)
        assert (episode.last.region == FAR) is (news is not None)
    grown = (0.0, 0.0, 0.2, 0.2)
    _see(episode, FIRE, _seen(5.0, confidence=0.6))
    assert _see(episode, FIRE, _seen(5.0, grown, 0.4)) == "area doubled"
    assert episode.last.region == grown


def test_a_walker_who_comes_nearer_is_no_news() -> None:
    rule = IntrusionRule(id="gate", zone="gate")
    assert _see(_episode(rule), rule, _seen(3.0, (0.0, 0.0, 0.5, 0.9))) is None


def test_an_intrusion_is_one_wherever_in_its_zone() -> None:
    rule = IntrusionRule(id="gate", zone="gate")
    assert _episode(rule).is_near(_seen(300.0, FAR))


DOUBTED, SURE = believe(witness=0.0, habit=None), believe(witness=1.4, habit=None)
UNLIKELY = believe(witness=-0.85, habit=None)
HAZE = SmokeRule(id="smoke")


def _doubted(rule: Rule) -> EventEpisode:
    return episodes.begin("e1", rule, "burning", _judged(_seen(0.0), DOUBTED))


def test_what_is_doubted_begins_as_priority_three_and_says_why() -> None:
    assert _doubted(FIRE).priority == 3
    assert episodes.told(_judged(_seen(0.0), DOUBTED)) == "3 of 5 looks · doubted: witness 50%"
    assert episodes.told(_judged(_seen(0.0), SURE)) == "3 of 5 looks · believed: witness 80%"
    assert episodes.begin("e1", FIRE, "burning", _judged(_seen(0.0), SURE)).priority == 1


def test_belief_that_grows_raises_the_priority_at_once() -> None:
    episode = _doubted(FIRE)
    news = episodes.see(episode, FIRE, _judged(_seen(0.5), SURE))
    assert news == "believed: witness 80%"
    assert (episode.priority, episode.belief) == (1, SURE)


def test_a_priority_never_falls() -> None:
    episode = episodes.begin("e1", FIRE, "burning", _judged(_seen(0.0), SURE))
    assert episodes.see(episode, FIRE, _judged(_seen(0.5), DOUBTED)) is None
    assert (episode.priority, episode.belief) == (1, SURE)


@pytest.mark.parametrize(("rule", "limit_s"), [(FIRE, 20.0), (HAZE, 60.0)])
def test_what_is_doubted_for_long_is_told_as_priority_two(rule: Rule, limit_s: float) -> None:
    episode = _doubted(rule)
    assert episodes.see(episode, rule, _judged(_seen(limit_s - 0.5), DOUBTED)) == "still seen"
    assert episode.priority == 3
    news = episodes.see(episode, rule, _judged(_seen(limit_s), DOUBTED))
    assert (news, episode.priority) == ("still there, doubted", 2)
    assert episodes.see(episode, rule, _judged(_seen(limit_s + 0.5), DOUBTED)) is None


def test_what_is_hardly_believed_stays_to_be_looked_at_however_long_it_lasts() -> None:
    episode = episodes.begin("e1", FIRE, "burning", _judged(_seen(0.0), UNLIKELY))
    episodes.see(episode, FIRE, _judged(_seen(100.0), UNLIKELY))
    assert episode.priority == 3
    news = episodes.see(episode, FIRE, _judged(_seen(100.5), DOUBTED))
    assert (news, episode.priority) == ("still there, doubted", 2)


def test_the_site_chooses_how_long_it_is_doubted_and_its_own_priority_holds() -> None:
    patient = SmokeRule(id="smoke", doubt_limit_s=5.0, priority=3)
    episode = _doubted(patient)
    assert episodes.see(episode, patient, _judged(_seen(6.0), DOUBTED)) is None
    assert episode.priority == 3  # never louder than the rule


def test_a_look_that_still_waits_goes_on_but_believes_nothing() -> None:
    episode = _doubted(FIRE)
    held = RuleMatch(sighting=_seen(0.5), verdict=waiting("1 of 3 looks"))
    assert episodes.see(episode, FIRE, held) is None
    assert episode.priority == 3
