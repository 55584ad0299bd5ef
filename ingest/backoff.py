"""Exponential backoff with a limit and jitter."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_MOST_DOUBLINGS = 30  # beyond it every limit is reached, and the number stays a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits that grow from `first_s` to `longest_s`, in seconds."""

    first_s: float
    longest_s: float

    def grown_s(self, failures: int) -> float:
        """Return the wait after this many failures in a row, without jitter."""
        doublings = min(max(failures, 1) - 1, _MOST_DOUBLINGS)
        return min(self.longest_s, self.first_s * 2.0**doublings)

    def wait_s(self, failures: int, chance: Callable[[], float] = random.random) -> float:
        """Return the wait with jitter, from half of it up; `chance` gives 0..1."""
        return spread(self.grown_s(failures), chance())


BESIDE_BACKOFF = Backoff(first_s=2.0, longest_s=60.0)
"""For what a camera is asked for beside its pictures: its events, its own object boxes."""
HOPELESS_BACKOFF = Backoff(first_s=60.0, longest_s=300.0)
"""The same, where only a change on the camera or in its settings helps."""


def spread(whole_s: float, chance: float) -> float:
    return whole_s * (0.5 + 0.5 * chance)
