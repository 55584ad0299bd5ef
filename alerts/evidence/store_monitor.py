"""Whether the evidence store can be used now: one thread asks, everybody else reads the answer.

A share that hangs blocks the thread and nothing else; that an answer is overdue is itself the
answer. `state` never touches the store.
"""

import logging
from dataclasses import dataclass

from alerts.evidence.store_identity import StoreCondition, StoreIdentity
from alerts.store.errors import EvidenceError
from ingest.clock import Clock, SystemClock
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

CHECK_EVERY_S = 2.0
HANGS_AFTER_S = 4.0
NO_ANSWER = "the evidence store does not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """The newest condition, and why the store cannot be used now.

    None and None before the first check has ended.
    """

    condition: StoreCondition | None
    error: str | None


class StoreMonitor:
    """Owns one thread between `start` and `stop`."""

    def __init__(self, identity: StoreIdentity, *, clock: Clock | None = None) -> None:
        self._identity = identity
        self._clock = clock or SystemClock()
        self._thread = StoppableThread(self._run, "store-watch", self._clock)
        self._state = StoreState(condition=None, error=None)
        self._asked_at: float | None = None  # monotonic; None: nothing is asked at this moment

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """End; a check that hangs is left alone."""
        self._thread.stop(timeout_s)

    def state(self) -> StoreState:
        """What is known now."""
        asked_at = self._asked_at
        if asked_at is not None and self._clock.monotonic() - asked_at >= HANGS_AFTER_S:
            return StoreState(condition=None, error=NO_ANSWER)
        return self._state

    def check(self) -> None:
        """Ask once, on the calling thread."""
        self._asked_at = self._clock.monotonic()
        try:
            self._state = StoreState(condition=self._identity.check(), error=None)
        except EvidenceError as error:
            if str(error) != self._state.error:  # a repeated failure is told once
                log.warning("evidence store: %s", error)
            self._state = StoreState(condition=None, error=str(error))
        finally:
            self._asked_at = None

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self.check()
            except Exception:  # outermost line of the thread
                log.exception("evidence store: unexpected")
            self._thread.pause(CHECK_EVERY_S)
