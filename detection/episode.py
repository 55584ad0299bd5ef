"""One condition at one place, from the moment it is believed until it has been gone for a while.

An episode decides when it has something new to say: it grew, the detector became surer, or
`UPDATE_EVERY_S` have passed. Gone is measured in watched time: seconds in which the camera was not
looked at do not count, so a camera that drops out in the middle of a fire does not clear it.
"""

from dataclasses import dataclass

from config.rules import FireRule, Rule, SmokeRule
from detection.confirmation.observations import Observation
from detection.region import Region, area, grown, touch, union

UPDATE_EVERY_S = 10.0
UPDATE_AT_MOST_EVERY_S = 2.0
SURER_BY = 0.15
AREA_DOUBLED = 2.0
MAX_WATCHED_GAP_S = 5.0  # the promise: no camera unseen for longer; a longer gap was blindness
SPREAD_S = 60.0  # a new place this soon after raising is the same fire spreading
MAX_REGIONS = 8
REACH = 1.0  # share of the longer side round an episode that still is the same place


@dataclass(slots=True, kw_only=True, eq=False)
class EventEpisode:
    """State of one episode; changed only by the functions below."""

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
    kinds: set[str]
    quiet_s: float = 0.0
    unchecked: bool = False  # a second check was down when it was believed

    def is_near(self, sighting: Observation) -> bool:
        """Whether a sighting is at this episode's place."""
        if not _burns(self.rule):
            return True  # the zone is the place
        return any(touch(grown(region, REACH), sighting.region) for region in self.regions)

    def is_about(self, sighting: Observation) -> bool:
        """Whether something believed elsewhere still belongs to this episode: it has spread."""
        if self.is_near(sighting):
            return True
        age_s = sighting.at_s - self.raised_at_s
        return 0 <= age_s <= SPREAD_S


def begin(
    event_id: str, rule: Rule, group: str, seen: Observation, *, unchecked: bool = False
) -> EventEpisode:
    """A new episode, told by its `raised` message."""
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
        priority=rule.priority,
        kinds={rule.kind},
        unchecked=unchecked,
    )


def see(episode: EventEpisode, rule: Rule, sighting: Observation) -> str | None:
    """Take in a sighting by one of the group's rules; the reason to tell of it, or nothing.

    A look may bring several (flame and smoke, two places): the surest stands for the look.
    """
    is_same_look = sighting.at_s == episode.last.at_s
    news = _news(episode, rule, sighting)
    episode.quiet_s = 0.0
    if not is_same_look or sighting.confidence > episode.last.confidence:
        episode.last = sighting
    _spread(episode.regions, sighting.region)
    episode.priority = min(episode.priority, rule.priority)
    episode.kinds.add(rule.kind)
    if news is not None:
        episode.told_at_s = sighting.at_s
        episode.told_area = max(episode.told_area, area(sighting.region))
        episode.told_confidence = max(episode.told_confidence, sighting.confidence)
    return news


def miss(episode: EventEpisode, gap_s: float) -> str | None:
    """Take in a look that saw nothing of it; the reason to end it, or nothing.

    An episode that ended does not come back: the same place seen again is a new one, and whether
    that is news to an officer is decided where alerts are made.
    """
    episode.quiet_s += min(gap_s, MAX_WATCHED_GAP_S)
    if episode.quiet_s < episode.rule.clear_after_s:
        return None
    return f"not seen for {episode.quiet_s:.0f} s"


def _spread(regions: list[Region], seen: Region) -> None:
    """Grow the region that was seen again, or add a new one; a fire may burn at several places."""
    known = next((number for number, one in enumerate(regions) if touch(one, seen)), None)
    if known is None and len(regions) < MAX_REGIONS:
        regions.append(seen)
    else:
        regions[known or 0] = union(regions[known or 0], seen)


def _news(episode: EventEpisode, rule: Rule, sighting: Observation) -> str | None:
    if rule.kind not in episode.kinds:
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


def _burns(rule: Rule) -> bool:
    """Whether it is about something that has a place and grows."""
    return isinstance(rule, FireRule | SmokeRule)
