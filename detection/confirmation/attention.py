"""Attention: whether a camera's recent inferences justify waking it and inferring it first."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from thapcanh.config.rules import PlaceRule
from thapcanh.detection.confirmation.habituation import Candidate, Habituation, Interest
from thapcanh.detection.confirmation.observations import Observation
from thapcanh.detection.detectors.letterbox import Picture

SURE_FOR_S = 10.0  # a rule's usual window: so long a sighting may still become an event
INFERENCE_FACTOR = 2  # of those that a rule counts: fog and faint flames are asked for as many


@dataclass(slots=True)
class Attention:
    """Attention of one camera; not thread-safe."""

    habituation: Habituation = field(default_factory=Habituation)
    _interest: Interest = Interest.NONE
    _sure_for_s: float = SURE_FOR_S
    _looks_left: float = 0.0
    """As many as may still make an event with what was sure, while they see nothing."""
    _at_s: float = 0.0

    @property
    def interest(self) -> Interest:
        """Interest of the last inference, or of a sure observation shortly before."""
        is_held = self._sure_for_s < SURE_FOR_S and self._looks_left > 0
        return Interest.SURE if is_held else self._interest

    def forget(self) -> None:
        """Reset after the camera's clock went back."""
        self.habituation.forget()

    def observe(
        self,
        candidates: Sequence[Candidate],
        luma: Picture,
        *,
        gap_s: float,
        followed: Interest,
        believed: Collection[str],
    ) -> None:
        """Process an inference, `gap_s` after the last.

        `followed` is the interest of rules about people and vehicles in view; `believed` are the
        rules with an open episode.
        """
        self._at_s += gap_s
        at_places = self.habituation.observe(candidates, luma, self._at_s, believed=believed)
        self._interest = max(followed, at_places)
        self._sure_for_s += gap_s
        if self._interest is Interest.SURE:
            self._sure_for_s = 0.0
            self._looks_left = math.inf if followed is Interest.SURE else _counted(candidates)
        elif at_places is Interest.NONE:
            self._looks_left -= 1


def _counted(candidates: Iterable[Candidate]) -> int:
    """Return how many inferences the rules count of sure candidates."""
    sure = (one.looks_needed for one in candidates if one.interest is Interest.SURE)
    return max(sure, default=0) // INFERENCE_FACTOR


def candidates(rule: PlaceRule, observed: Iterable[Observation]) -> list[Candidate]:
    """Return what a rule about places saw in one inference."""
    return [
        Candidate(
            rule_id=rule.id,
            region=sighting.region,
            confidence=sighting.confidence,
            interest=_interest_in(sighting, rule.min_confidence),
            looks_needed=INFERENCE_FACTOR * rule.confirm.of,
        )
        for sighting in observed
    ]


def _interest_in(sighting: Observation, min_confidence: float) -> Interest:
    return Interest.SURE if sighting.confidence >= min_confidence else Interest.FAINT
