"""Since when no centre has taken events from the queue; events of that time are on no screen yet.

Asked of archive and queue at most once a second. The lead passes from one centre to another within
`GRACE_S`; what lasts longer is told on every screen, a queue that can take no entry at once.
"""

import threading
from collections.abc import Callable, Sequence

from alerts.store.coordination.presence import LivingCentre
from alerts.store.errors import QueueError
from ingest.clock import Clock

KEEP_S = 1.0
GRACE_S = 15.0  # a centre that hangs holds the lock for 8 s, and who follows waits 3.5 s


class EventIntake:
    """Thread-safe, one look at a time."""

    def __init__(
        self,
        centres: Callable[[], Sequence[LivingCentre]],
        clock: Clock,
        is_used_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`centres` may raise `ArchiveError`; `is_used_up` is asked of the queue's stream."""
        self._centres = centres
        self._is_used_up = is_used_up
        self._grace_s = GRACE_S
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stood: tuple[float, float] | None = None  # since, monotonic and UTC

    def stopped_since(self) -> float | None:
        """UTC seconds since when events are not taken; None while they are.

        Raises `ArchiveError`.
        """
        with self._lock:
            now = self._clock.monotonic()
            if now - self._looked_at >= KEEP_S:
                self._look(now)
                self._looked_at = now
            if self._stood is None or now - self._stood[0] < self._grace_s:
                return None
            return self._stood[1]

    def _look(self, now: float) -> None:
        is_used_up = self._asked_queue()
        self._grace_s = 0.0 if is_used_up else GRACE_S
        if not is_used_up and any(one.leads for one in self._centres()):
            self._stood = None
        elif self._stood is None:
            self._stood = (now, self._clock.utc())

    def _asked_queue(self) -> bool:
        try:
            return self._is_used_up()
        except QueueError:
            return False  # a queue that does not answer is told by itself
