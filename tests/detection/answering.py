"""Witnesses for tests: they say what they are told to, and remember what they were asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from thapcanh.detection.confirmation.witness import Asked
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer

SURE, DOUBTFUL, UNBELIEVING = 3.0, 0.0, -4.0  # log-odds: P1, P3, held back


@dataclass(slots=True)
class Saying:
    """Answers every question with the same log-odds, or with what a function says of it."""

    says: float | Callable[[Asked], float | None] | None
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Sequence[Asked]) -> list[WitnessAnswer | None]:
        self.asked += asked
        said = [self.says(one) if callable(self.says) else self.says for one in asked]
        return [None if one is None else WitnessAnswer(log_odds=one) for one in said]
