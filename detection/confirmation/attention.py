"""How much a camera's last looks are worth waking it for, and looking at it first.

What its rules saw goes in, look by look; what leaves is an `Interest`. Something sure keeps the
camera's attention for a rule's usual window. Pure state of one camera: no clock is read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from config.rules import PlaceRule
from detection.confirmation.habituation import Candidate, Habituation, Interest
from detection.confirmation.observations import Observation
from detection.detectors.letterbox import Picture

SURE_FOR_S = 10.0  # a rule's usual window: so long a sighting may still become an event
LOOKS_TIMES = 2  # of those that a rule counts: fog and faint flames are asked for as many


@dataclass(slots=True)
class Attention:
    """One camera's. One thread."""

    habituation: Habituation = field(default_factory=Habituation)
    _interest: Interest = Interest.NONE
    _sure_for_s: float = SURE_FOR_S
    _at_s: float = 0.0

    @property
    def interest(self) -> Interest:
        """Of the last look, and of what was sure a short while ago."""
        return Interest.SURE if self._sure_for_s < SURE_FOR_S else self._interest

    def forget(self) -> None:
        """The camera's clock went back: start again."""
        self.habituation.forget()

    def observe(
        self,
        candidates: Sequence[Candidate],
        luma: Picture,
        *,
        gap_s: float,
        follows: bool,
        believed: Collection[str],
    ) -> None:
        """One more look, `gap_s` after the last.

        `follows`: a rule about people and vehicles has somebody in view; `believed`: the rules of
        which something is going on.
        """
        self._at_s += gap_s
        at_places = self.habituation.observe(candidates, luma, self._at_s, believed=believed)
        self._interest = Interest.SURE if follows else at_places
        self._sure_for_s += gap_s
        if self._interest is Interest.SURE:
            self._sure_for_s = 0.0


def candidates(rule: PlaceRule, seen: Iterable[Observation]) -> list[Candidate]:
    """What a rule about places saw in one look."""
    return [
        Candidate(
            rule_id=rule.id,
            region=sighting.region,
            confidence=sighting.confidence,
            interest=_interest_in(sighting, rule.min_confidence),
            looks_needed=LOOKS_TIMES * rule.confirm.of,
        )
        for sighting in seen
    ]


def _interest_in(sighting: Observation, min_confidence: float) -> Interest:
    return Interest.SURE if sighting.confidence >= min_confidence else Interest.FAINT
