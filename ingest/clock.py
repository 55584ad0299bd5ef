"""Clock for loops, replaceable in tests."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time source of a loop."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def utc(self) -> float:
        """UTC unix seconds."""
        ...

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Sleep until `event` is set (true) or `timeout_s` have passed (false)."""
        ...


class SystemClock:
    """Clock of the machine."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> float:
        """UTC unix seconds."""
        return time.time()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Sleep until `event` is set (true) or `timeout_s` have passed (false)."""
        return event.wait(max(0.0, timeout_s))
