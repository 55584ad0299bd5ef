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
BELIEVED_AS_IT_STANDS = Belief(value=1.0)
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
    belief: Belief = BELIEVED_AS_IT_STANDS  # the strongest so far

    def is_near(self, sighting: Observation) -> bool:
        return self.reaches(sighting.region)

    def reaches(self, region: Region) -> bool:
        if not _burns(self.rule):
            return True  # the zone is the place
        return any(touch(grown(known, REACH), region) for known in self.regions)

    def is_about(self, sighting: Observation) -> bool:
        """Return whether an observation elsewhere still belongs to this episode: it has spread."""
        if self.is_near(sighting):
            return True
        age_s = sighting.at_s - self.raised_at_s
        return 0 <= age_s <= SPREAD_S


def begin(event_id: str, rule: Rule, group: str, judged: RuleMatch) -> EventEpisode:
    """Return a new episode, to be sent as `raised`."""
    seen, belief = judged.sighting, judged.belief or BELIEVED_AS_IT_STANDS
    return EventEpisode(
        event_id=event_id,
        rule=rule,
        group=group,
        raised_at_s=seen.at_s,
        told_at_s=seen.at_s,
        told_area=area(seen.region),
        told_confidence=seen.confidence,
        regions=[seen.region],
        last=seen,
        priority=_priority(rule, belief),
        kind=rule.kind,
        kinds={rule.kind},
        unchecked=judged.verdict.unchecked,
        belief=belief,
    )


def told(judged: RuleMatch) -> str:
    """Return the reason of a `raised` message: confirmation and belief."""
    if judged.belief is None or not judged.belief.reasons:
        return judged.verdict.reason
    how = "believed" if judged.belief.is_believed else "doubted"
    return f"{judged.verdict.reason} · {how}: {judged.belief.told}"


def see(episode: EventEpisode, rule: Rule, judged: RuleMatch) -> str | None:
    """Add an observation by one of the group's rules; return the reason to send it, or None.

    Of several in one inference the surest counts, but another place is reported with that place: an
    officer may have rejected the surest.
    """
    sighting = judged.sighting
    is_same_look = sighting.at_s == episode.last.at_s
    risen = _risen(episode, rule, judged)
    worsened = _worsened(episode, rule, judged)
    news = worsened or risen or _news(episode, rule, sighting)
    episode.quiet_s = 0.0
    is_news_elsewhere = news is not None and _is_elsewhere(rule, episode.last, sighting)
    is_surest = not is_same_look or sighting.confidence > episode.last.confidence
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
    return rule.priority if belief.is_believed else max(rule.priority, Priority.P3)


def _risen(episode: EventEpisode, rule: Rule, judged: RuleMatch) -> str | None:
    """Raise the episode's priority if this inference gives cause; return the reason, or None."""
    before = episode.priority
    is_accepted = judged.verdict.outcome is StageOutcome.ACCEPTED
    belief = judged.belief or BELIEVED_AS_IT_STANDS
    if is_accepted and belief.value > episode.belief.value:
        episode.belief = belief
    why = ""
    if is_accepted and belief.is_believed:
        episode.priority, why = min(before, rule.priority), f"believed: {belief.told}"
    elif (
        not episode.belief.must_last
        and judged.sighting.at_s - episode.raised_at_s >= _doubt_limit_s(rule)
    ):
        episode.priority, why = min(before, max(Priority.P2, rule.priority)), "still there, doubted"
    return why if episode.priority < before else None


def _worsened(episode: EventEpisode, rule: Rule, judged: RuleMatch) -> str | None:
    """Change the episode's kind if a worse one is believed; return the reason, or None."""
    if not outranks(rule.kind, episode.kind):
        return None
    is_accepted = judged.verdict.outcome is StageOutcome.ACCEPTED
    belief = (judged.belief or BELIEVED_AS_IT_STANDS) if is_accepted else judged.sign
    if belief is None or not belief.is_believed:
        return None
    milder, episode.kind = episode.kind, rule.kind
    if episode.belief.is_believed:
        episode.priority = min(episode.priority, rule.priority)
    return f"{rule.kind} follows {milder} · believed: {belief.told}"


def _doubt_limit_s(rule: Rule) -> float:
    return rule.doubt_limit_s if isinstance(rule, BurningRule) else math.inf


def _spread(regions: list[Region], seen: Region) -> None:
    """Grow the matching region, or add a new one: a fire may burn at several places."""
    known = next((number for number, one in enumerate(regions) if touch(one, seen)), None)
    if known is None and len(regions) < MAX_REGIONS:
        regions.append(seen)
    else:
        regions[known or 0] = union(regions[known or 0], seen)


def _news(episode: EventEpisode, rule: Rule, sighting: Observation) -> str | None:
    if rule.kind not in episode.kinds or not episode.is_near(sighting):
        return f"{rule.kind} too"
    since_told_s = sighting.at_s - episode.told_at_s
    if since_told_s < UPDATE_AT_MOST_EVERY_S:
        return None
    # a walker who comes nearer is no larger intrusion
    if _burns(rule) and area(sighting.region) >= AREA_DOUBLED * episode.told_area:
        return "area doubled"
    if sighting.confidence >= episode.told_confidence + SURER_BY:
        return f"surer: {sighting.confidence:.2f}"
    if since_told_s >= UPDATE_EVERY_S:
        return "still seen"
    return None


def _is_elsewhere(rule: Rule, one: Observation, other: Observation) -> bool:
    return _burns(rule) and not touch(grown(one.region, REACH), other.region)


def _burns(rule: Rule) -> bool:
    """Return whether the rule concerns something that has a place and grows."""
    return has_place(rule.kind)
