"""What a feature says about how long it keeps something: the centre's scheduler does the rest."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """One thing that is deleted when its time is over or its room is full.

    `run` does one round, by the clock and the configuration in force. Where its disk or store may
    hang it asks for a thread of its own, so that it holds up no other rule.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    may_hang: bool = False
    everywhere: bool = False
    """By each of several centres, not by the leading one alone."""
