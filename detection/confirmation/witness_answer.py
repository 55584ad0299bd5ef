"""Answers of the witness on one place so far.

Pure state; times are camera seconds.
"""

import math
from dataclasses import dataclass, field

from thapcanh.detection.event import BELIEVED

FIRST_INFERENCES = 5  # asked about in each look, so often; then …
THEN_EVERY_S = 2.0  # … as rarely as this, while it lasts and is not believed
AWAITED_S = 5.0  # an answer that is later was lost: the place goes on as unchecked
STANDS_AT = math.log(BELIEVED / (1.0 - BELIEVED))  # log-odds of a candidate without an answer
BEST = 2  # answers whose mean counts
MOST = 20.0  # of log-odds: beyond it nothing changes, and nothing overflows


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """Calibrated log-odds that the candidate burns or smokes."""

    log_odds: float


@dataclass(slots=True, kw_only=True)
class Testimony:
    """Questions and answers on one place."""

    answers: list[WitnessAnswer] = field(default_factory=list)
    asked: int = 0
    asked_at_s: float = 0.0
    _is_open: bool = False  # a question is under way

    def justifies_question(self, at_s: float) -> bool:
        """Return whether this inference justifies a question."""
        if self.is_awaited(at_s) or self.is_convinced:
            return False
        return self.asked < FIRST_INFERENCES or at_s - self.asked_at_s >= THEN_EVERY_S

    def ask(self, at_s: float) -> None:
        self.asked, self.asked_at_s, self._is_open = self.asked + 1, at_s, True

    def hear(self, answer: WitnessAnswer | None) -> None:
        """Record an answer; None means the witness failed or is late."""
        self._is_open = False
        if answer is not None:
            self.answers.append(answer)
            self.answers.sort(key=lambda one: -one.log_odds)
            del self.answers[BEST:]

    def is_awaited(self, at_s: float) -> bool:
        return self._is_open and at_s - self.asked_at_s < AWAITED_S

    @property
    def is_convinced(self) -> bool:
        """True if more answers could not raise the priority."""
        return self.log_odds is not None and share_of(self.log_odds) >= BELIEVED

    @property
    def log_odds(self) -> float | None:
        """The mean of the best answers; None while there is none."""
        if not self.answers:
            return None
        return sum(one.log_odds for one in self.answers) / len(self.answers)


def share_of(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, log_odds))))
