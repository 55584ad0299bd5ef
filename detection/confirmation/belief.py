"""Belief in a confirmed candidate, from the witness and from habits of the place.

Belief decides the priority of an event, never whether it is raised. The limits are explained in
`docs/detection- evaluation.md`.
"""

from dataclasses import dataclass
from typing import Protocol

from thapcanh.detection.confirmation.habits import HabitMap
from thapcanh.detection.confirmation.witness_answer import STANDS_AT, share_of
from thapcanh.detection.event import BELIEVED
from thapcanh.detection.region import Region

HARDLY = 0.4  # below it, it is told of only once it lasts …
LASTS_S = 20.0  # … so long
SELDOM, USUAL = 0.1, -4.0
WITNESS = "witness"
MOST_REASONS = 0.99  # nobody is told that a machine is certain


class HabitOf(Protocol):
    """Habit of a place."""

    def __call__(self, kind: str, region: Region, log_odds: float | None = None, /) -> float | None:
        """Return how usual such a candidate is at this hour, 0..1, or None while unknown.

        `log_odds` is the witness' answer; None counts as one on the threshold of belief.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefSources:
    """Sources of belief for a camera."""

    habits: HabitMap | None = None
    """What is usual on the camera: asked about every candidate, and told of it."""
    has_witness: bool = False
    """True if whoever owns the pipeline has its questions answered by a second model."""

    def habit_at(self, at: float) -> HabitOf | None:
        """Return the habit of candidates at a time, which counts as watched."""
        habits = self.habits
        if habits is None:
            return None
        habits.watch(at)
        return lambda kind, region, log_odds=None, /: habits.score(
            kind, region, at, STANDS_AT if log_odds is None else log_odds
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why it is believed (weight above 0) or doubted (below), in log-odds."""

    name: str
    weight: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Belief in a candidate, 0..1, with reasons; without reasons it was not evaluated."""

    value: float
    reasons: tuple[Reason, ...] = ()

    @property
    def is_believed(self) -> bool:
        """True if it is raised with its rule's priority."""
        return self.value >= BELIEVED

    @property
    def is_usual(self) -> bool:
        """True if the witness believes it, and only the habit of its place does not."""
        witness = self.witness
        return not self.is_believed and witness is not None and witness >= STANDS_AT

    @property
    def must_last(self) -> bool:
        """True if it is doubted so much that it is raised only once it lasts."""
        return self.value < HARDLY and not self.is_usual

    @property
    def witness(self) -> float | None:
        """The witness' log-odds, if it answered."""
        return next((one.weight for one in self.reasons if one.name == WITNESS), None)

    @property
    def lesson(self) -> float | None:
        """Log-odds up to which its place becomes usual by itself; None: as far as it is already.

        What the witness believes becomes usual by a person's word or recording alone.
        """
        return None if self.is_usual else STANDS_AT

    @property
    def by_name(self) -> tuple[tuple[str, float], ...]:
        """Name and weight of every reason, as events carry them."""
        return tuple((reason.name, round(reason.weight, 2)) for reason in self.reasons)

    @property
    def told(self) -> str:
        return ", ".join(reason.text for reason in self.reasons) or "as it stands"


def believe(*, witness: float | None, habit: float | None) -> Belief:
    """Return the belief.

    `witness` is the second model's log-odds, None without an answer. `habit` is how usual such a
    candidate is at this hour, 0..1, None while unknown.
    """
    reasons = []
    stands_at = STANDS_AT if witness is None else witness
    if witness is not None:
        text = f"witness {min(MOST_REASONS, max(1 - MOST_REASONS, share_of(witness))):.0%}"
        reasons.append(Reason(name=WITNESS, weight=witness, text=text))
    if habit is not None and habit >= SELDOM:
        weight = USUAL * habit
        stands_at += weight
        reasons.append(Reason(name="usual", weight=weight, text="usual here"))
    value = BELIEVED if not reasons else share_of(stands_at)
    return Belief(value=value, reasons=tuple(reasons))
