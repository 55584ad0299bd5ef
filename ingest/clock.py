"""Time as the loops see it, so that every rule about time can be tested without waiting.

`monotonic()` orders and measures; `utc()` dates; `wait()` is the only way a loop here sleeps, so
that stopping interrupts it.
"""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What a loop needs to know about time."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def utc(self) -> float:
        """UTC unix seconds."""
        ...

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Sleep until `event` is set (true) or `timeout_s` have passed (false)."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def utc(self) -> float:
        """UTC unix seconds."""
        return time.time()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Sleep until `event` is set (true) or `timeout_s` have passed (false)."""
        return event.wait(max(0.0, timeout_s))
