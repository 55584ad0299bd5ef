"""The two clocks of the room's loops, handed in so that every rule about time can be tested.

`now` is UTC unix seconds, for what is written down; `monotonic` never jumps, for waiting.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """What a loop needs to know of time."""

    def now(self) -> float:
        """UTC unix seconds."""

    def monotonic(self) -> float:
        """Seconds that only grow."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """UTC unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()
