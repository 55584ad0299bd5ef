"""Fake clock for tests, moved by hand: waiting moves it and takes no time."""

import threading


class FakeClock:
    """A `Clock` whose time passes only in `advance` and in `wait`."""

    def __init__(self, now: float = 1_000.0, utc: float = 1_800_000_000.0) -> None:
        self._now = now
        self._utc = utc
        self._lock = threading.Lock()
        self.waits: list[float] = []
        """Every wait that was asked for."""

    def monotonic(self) -> float:
        return self._now

    def utc(self) -> float:
        """UTC unix seconds."""
        return self._utc

    def advance(self, seconds: float) -> None:
        """Advance the time."""
        with self._lock:
            self._now += seconds
            self._utc += seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Time passes at once, unless the event is set already."""
        if event.is_set():
            return True
        self.waits.append(timeout_s)
        self.advance(max(0.0, timeout_s))
        return event.is_set()
