"""How far a confirmed candidate is believed: named reasons, added up; nothing is ever vetoed.

Belief decides how loudly an event is told, never whether. Each stage is a pure function that looks
at a place's history and returns a named reason with a weight in log-odds, or None where it has
nothing to say; the weights are added and the logistic function makes 0..1 of the sum. Weights are
hand-set, round, and say what they mean physically; the numbers beside them are what they were set
on (`docs/detection-evaluation.md`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from detection.confirmation.stages import ConfirmationInput
from detection.confirmation.witness_answer import WitnessAnswer
from detection.event import BELIEVED

HARDLY = 0.15  # below it, it is told of only once it lasts
LASTS_S = 15.0  # so long
MOST_OF_PICTURE = -2.5
MOST = 20.0  # of log-odds: beyond it nothing changes, and nothing overflows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why it is believed (weight above 0) or doubted (below), in log-odds."""

    name: str
    weight: float
    text: str
    is_of_picture: bool = False
    """It doubts the picture as a whole rather than what was seen in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefInput:
    """What every stage is asked: the place, and what others know of it."""

    question: ConfirmationInput
    habit: float | None = None
    """How usual such a candidate is here at this hour, 0..1; None where nobody knows yet."""
    witness: WitnessAnswer | None = None
    """None: not asked, or it could not answer; the belief then counts as unchecked."""


BeliefStage = Callable[[BeliefInput], Reason | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How far a candidate is believed, and why. Without reasons it is believed as it stands."""

    value: float
    reasons: tuple[Reason, ...] = ()

    @property
    def is_believed(self) -> bool:
        """Whether it is told as loudly as its rule says."""
        return self.value >= BELIEVED

    @property
    def must_last(self) -> bool:
        """Whether it is doubted so much that it is told of only once it lasts."""
        return self.value < HARDLY

    @property
    def by_name(self) -> tuple[tuple[str, float], ...]:
        """Name and weight of every reason, as events carry them."""
        return tuple((reason.name, round(reason.weight, 2)) for reason in self.reasons)

    @property
    def grounds(self) -> str:
        """The reasons for it, the heaviest first, for people to read."""
        grounds = sorted((reason for reason in self.reasons if reason.weight > 0), key=_weight)
        return ", ".join(reason.text for reason in reversed(grounds))

    @property
    def doubts(self) -> str:
        """The reasons against it, the heaviest first, for people to read."""
        against = sorted((reason for reason in self.reasons if reason.weight < 0), key=_weight)
        return ", ".join(reason.text for reason in against)


def believe(stages: Sequence[BeliefStage], asked: BeliefInput) -> Belief:
    """Add up what the stages say."""
    said = (stage(asked) for stage in stages)
    reasons = _bounded([reason for reason in said if reason is not None])
    return Belief(value=_share(sum(reason.weight for reason in reasons)), reasons=reasons)


def _bounded(reasons: list[Reason]) -> tuple[Reason, ...]:
    """The same reasons; those that doubt the whole picture together weigh `MOST_OF_PICTURE`.

    A sky is wide, empty and moves: that is one doubt seen three ways.
    """
    total = sum(reason.weight for reason in reasons if reason.is_of_picture)
    if total >= MOST_OF_PICTURE:
        return tuple(reasons)
    share = MOST_OF_PICTURE / total
    return tuple(
        replace(reason, weight=reason.weight * share) if reason.is_of_picture else reason
        for reason in reasons
    )


def _share(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, log_odds))))


def _weight(reason: Reason) -> float:
    return reason.weight
