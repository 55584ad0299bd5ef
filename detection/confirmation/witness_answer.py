"""What a second, independent model is asked about a candidate, and what it said so far.

Pure state of one place; times are camera seconds. The best answers count: a fire is plainest when
it is largest, and one look through smoke or a lorry says little.
"""

import math
from dataclasses import dataclass, field

from thapcanh.detection.event import BELIEVED

FIRST_LOOKS = 5  # asked about in each look, so often; then …
THEN_EVERY_S = 2.0  # … as rarely as this, while it lasts and is not believed
AWAITED_S = 5.0  # an answer that is later was lost: the place goes on as unchecked
BEST = 2  # answers whose mean counts
MOST = 20.0  # of log-odds: beyond it nothing changes, and nothing overflows


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """How probably the candidate burns or smokes, as log-odds; calibrated."""

    log_odds: float


@dataclass(slots=True, kw_only=True)
class Testimony:
    """All that the witness was asked about one place."""

    answers: list[WitnessAnswer] = field(default_factory=list)
    asked: int = 0
    asked_at_s: float = 0.0
    _is_open: bool = False  # a question is under way

    def wants_more(self, at_s: float) -> bool:
        """Whether this look is worth a question."""
        if self.is_awaited(at_s) or self.is_convinced:
            return False
        return self.asked < FIRST_LOOKS or at_s - self.asked_at_s >= THEN_EVERY_S

    def ask(self, at_s: float) -> None:
        """A question goes out."""
        self.asked, self.asked_at_s, self._is_open = self.asked + 1, at_s, True

    def hear(self, answer: WitnessAnswer | None) -> None:
        """Take in an answer; None: the witness is down or late."""
        self._is_open = False
        if answer is not None:
            self.answers.append(answer)
            self.answers.sort(key=lambda one: -one.log_odds)
            del self.answers[BEST:]

    def is_awaited(self, at_s: float) -> bool:
        """Whether an answer is still to come."""
        return self._is_open and at_s - self.asked_at_s < AWAITED_S

    @property
    def is_convinced(self) -> bool:
        """Whether more answers could not make it louder."""
        return self.log_odds is not None and share_of(self.log_odds) >= BELIEVED

    @property
    def log_odds(self) -> float | None:
        """The mean of the best answers; None while there is none."""
        if not self.answers:
            return None
        return sum(one.log_odds for one in self.answers) / len(self.answers)


def share_of(log_odds: float) -> float:
    """The probability that log-odds stand for."""
    return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, log_odds))))
