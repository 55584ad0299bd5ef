"""Since when no centre takes events from the queue: what comes meanwhile is on no screen.

Asked of the archive at most once a second. The lead passes from one centre to another within
`GRACE_S`; what lasts longer is told on every screen.
"""

import threading
from collections.abc import Callable, Sequence

from alerts.archive.coordination.presence import LivingCentre
from ingest.clock import Clock

KEEP_S = 1.0
GRACE_S = 15.0  # a centre that hangs holds the lock for 8 s, and who follows waits 3.5 s


class EventIntake:
    """Thread-safe, one look at a time."""

    def __init__(self, centres: Callable[[], Sequence[LivingCentre]], clock: Clock) -> None:
        """`centres` may raise `ArchiveError`."""
        self._centres = centres
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stood: tuple[float, float] | None = None  # since, monotonic and UTC

    def stopped_since(self) -> float | None:
        """UTC seconds since when no centre leads; None while one does. Raises `ArchiveError`."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._looked_at >= KEEP_S:
                self._look(now)
                self._looked_at = now
            if self._stood is None or now - self._stood[0] < GRACE_S:
                return None
            return self._stood[1]

    def _look(self, now: float) -> None:
        if any(one.leads for one in self._centres()):
            self._stood = None
        elif self._stood is None:
            self._stood = (now, self._clock.utc())
