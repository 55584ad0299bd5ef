"""Episode: one condition at one place, from belief until it has been absent for a while.

A priority never falls.
"""

import math
from dataclasses import dataclass

from thapcanh.config.rules import BurningRule, Priority, Rule
from thapcanh.detection.confirmation.belief import Belief
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.confirmation.stages import StageOutcome
from thapcanh.detection.region import Region, area, grown, touch, union
from thapcanh.detection.rules.evaluator import RuleMatch
from thapcanh.detection.rules.registry import has_place, outranks

UPDATE_EVERY_S = 10.0
UPDATE_AT_MOST_EVERY_S = 2.0
SURER_BY = 0.15
AREA_DOUBLED = 2.0
MAX_WATCHED_GAP_S = 5.0  # the promise: no camera unseen for longer; a longer gap was blindness
SPREAD_S = 60.0  # a new place this soon after raising is the same fire spreading
MAX_REGIONS = 8
UNEVALUATED_BELIEF = Belief(value=1.0)
REACH = 1.0  # share of the longer side round an episode that still is the same place


@dataclass(slots=True, kw_only=True, eq=False)
class EventEpisode:
    """State of one episode, changed only by the functions below."""

    event_id: str
    rule: Rule
    group: str
    raised_at_s: float
    told_at_s: float
    told_area: float
    told_confidence: float
    regions: list[Region]
    last: Observation
    priority: int
    kind: str  # what it is told as: its rule's, or a worse one that was believed since
    kinds: set[str]
    quiet_s: float = 0.0
    unchecked: bool = False  # a second check was down when it was believed
    belief: Belief = UNEVALUATED_BELIEF  # the strongest so far

    def is_near(self, sighting: Observation) -> bool:
        return self.reaches(sighting.region)

    def reaches(self, region: Region) -> bool:
        if not _burns(self.rule):
            return True  # the zone is the place
        return any(touch(grown(existing, REACH), region) for existing in self.regions)

    def is_about(self, sighting: Observation) -> bool:
        """Return whether an observation elsewhere still belongs to this episode: it has spread."""
        if self.is_near(sighting):
            return True
        age_s = sighting.at_s - self.raised_at_s
        return 0 <= age_s <= SPREAD_S


def begin(event_id: str, rule: Rule, group: str, match: RuleMatch) -> EventEpisode:
    """Return a new episode, to be sent as `raised`."""
    observed, belief = match.sighting, match.belief or UNEVALUATED_BELIEF
    return EventEpisode(
        event_id=event_id,
        rule=rule,
        group=group,
        raised_at_s=observed.at_s,
        told_at_s=observed.at_s,
        told_area=area(observed.region),
        told_confidence=observed.confidence,
        regions=[observed.region],
        last=observed,
        priority=_priority(rule, belief),
        kind=rule.kind,
        kinds={rule.kind},
        unchecked=match.verdict.unchecked,
        belief=belief,
    )


def told(match: RuleMatch) -> str:
    """Return the reason of a `raised` message: confirmation and belief."""
    if match.belief is None or not match.belief.reasons:
        return match.verdict.reason
    how = "believed" if match.belief.is_believed else "doubted"
    return f"{match.verdict.reason} · {how}: {match.belief.told}"


def see(episode: EventEpisode, rule: Rule, match: RuleMatch) -> str | None:
    """Add an observation by one of the group's rules; return the reason to send it, or None.

    Of several in one inference the surest counts, but another place is reported with that place: an
    officer may have rejected the surest.
    """
    sighting = match.sighting
    is_same_inference = sighting.at_s == episode.last.at_s
    risen = _risen(episode, rule, match)
    worsened = _worsened(episode, rule, match)
    news = worsened or risen or _news(episode, rule, sighting)
    episode.quiet_s = 0.0
    is_news_elsewhere = news is not None and _is_elsewhere(rule, episode.last, sighting)
    is_surest = not is_same_inference or sighting.confidence > episode.last.confidence
    if is_surest or is_news_elsewhere or worsened is not None:
        episode.last = sighting
    _spread(episode.regions, sighting.region)
    episode.kinds.add(rule.kind)
    if news is not None:
        episode.told_at_s = sighting.at_s
        episode.told_area = max(episode.told_area, area(sighting.region))
        episode.told_confidence = max(episode.told_confidence, sighting.confidence)
    return news


def miss(episode: EventEpisode, gap_s: float) -> str | None:
    """Add an inference without an observation; return the reason to end it, or None.

    An ended episode does not return: the same place is a new one.
    """
    episode.quiet_s += min(gap_s, MAX_WATCHED_GAP_S)
    if episode.quiet_s < episode.rule.clear_after_s:
        return None
    return f"not seen for {episode.quiet_s:.0f} s"


def _priority(rule: Rule, belief: Belief) -> int:
    if belief.is_believed:
        return rule.priority
    return max(rule.priority, Priority.P2 if belief.is_usual else Priority.P3)


def _risen(episode: EventEpisode, rule: Rule, match: RuleMatch) -> str | None:
    """Raise the episode's priority if this inference gives cause; return the reason, or None."""
    before = episode.priority
    is_accepted = match.verdict.outcome is StageOutcome.ACCEPTED
    belief = match.belief or UNEVALUATED_BELIEF
    if is_accepted and belief.value > episode.belief.value:
        episode.belief = belief
    why = ""
    if is_accepted and (belief.is_believed or belief.is_usual):
        episode.priority, why = min(before, _priority(rule, belief)), f"believed: {belief.told}"
    elif (
        not episode.belief.must_last
        and match.sighting.at_s - episode.raised_at_s >= _doubt_limit_s(rule)
    ):
        episode.priority, why = min(before, max(Priority.P2, rule.priority)), "still there, doubted"
    return why if episode.priority < before else None


def _worsened(episode: EventEpisode, rule: Rule, match: RuleMatch) -> str | None:
    """Change the episode's kind if a worse one is believed; return the reason, or None."""
    if not outranks(rule.kind, episode.kind):
        return None
    is_accepted = match.verdict.outcome is StageOutcome.ACCEPTED
    belief = (match.belief or UNEVALUATED_BELIEF) if is_accepted else match.sign
    if belief is None or not belief.is_believed:
        return None
    milder, episode.kind = episode.kind, rule.kind
    if episode.belief.is_believed:
        episode.priority = min(episode.priority, rule.priority)
    return f"{rule.kind} follows {milder} · believed: {belief.told}"


def _doubt_limit_s(rule: Rule) -> float:
    return rule.doubt_limit_s if isinstance(rule, BurningRule) else math.inf


def _spread(regions: list[Region], observed: Region) -> None:
    """Grow the matching region, or add a new one: a fire may burn at several places."""
    existing = next((number for number, one in enumerate(regions) if touch(one, observed)), None)
    if existing is None and len(regions) < MAX_REGIONS:
        regions.append(observed)
    else:
        regions[existing or 0] = union(regions[existing or 0], observed)


def _news(episode: EventEpisode, rule: Rule, sighting: Observation) -> str | None:
    if rule.kind not in episode.kinds or not episode.is_near(sighting):
        return f"{rule.kind} too"
    since_report_s = sighting.at_s - episode.told_at_s
    if since_report_s < UPDATE_AT_MOST_EVERY_S:
        return None
    # a walker who comes nearer is no larger intrusion
    if _burns(rule) and area(sighting.region) >= AREA_DOUBLED * episode.told_area:
        return "area doubled"
    if sighting.confidence >= episode.told_confidence + SURER_BY:
        return f"surer: {sighting.confidence:.2f}"
    if since_report_s >= UPDATE_EVERY_S:
        return "still seen"
    return None


def _is_elsewhere(rule: Rule, one: Observation, other: Observation) -> bool:
    return _burns(rule) and not touch(grown(one.region, REACH), other.region)


def _burns(rule: Rule) -> bool:
    """Return whether the rule concerns something that has a place and grows."""
    return has_place(rule.kind)
