"""Monitor of the evidence store: one thread checks, others read the result.

A hanging share only blocks that thread, and an overdue result is reported as such; `state` never
touches the store.
"""

import logging
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thapcanh.alerts.evidence.stores.folder import named
from thapcanh.alerts.evidence.stores.store import EvidenceStore, StoreRoom
from thapcanh.alerts.store.errors import EvidenceError, EvidenceStoreWrong
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread
from thapcanh.ingest.store_identity import ExpectedStore, StoreWrong

log = logging.getLogger(__name__)
CHECK_EVERY_S = 2.0
HANGS_AFTER_S = 4.0
NO_ANSWER = "the evidence store does not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCondition:
    """Result of a check."""

    store_id: str
    room: StoreRoom | None  # None where the store is no disk of this machine

    def report(self) -> dict[str, Any]:
        reported: dict[str, Any] = {"id": self.store_id, "host": socket.gethostname()}
        if self.room is not None:
            room = self.room
            reported |= {"free": room.free_bytes, "total": room.total_bytes, "device": room.device}
        return reported


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """Newest condition, and why the store is unusable now; both None before the first check."""

    condition: StoreCondition | None
    error: str | None


class StoreIdentity:
    """Expected identity of the evidence store; thread-safe."""

    def __init__(self, store: EvidenceStore, remembered: Path) -> None:
        """`remembered` is a file on a local disk; without it the store's own id is adopted."""
        self._store = store
        self._known = ExpectedStore(store, remembered, name="the evidence store", part="share")

    @property
    def known(self) -> str | None:
        """Remembered id; None before the first check."""
        return self._known.known

    def expect(self, store_id: str) -> None:
        """Expect another id: the store was replaced on purpose."""
        self._known.expect(store_id)

    def check(self) -> StoreCondition:
        """Read the store's id and its room; raises `EvidenceError` when it must not be used."""
        try:
            store_id = self._known.claim()
        except StoreWrong as error:
            raise EvidenceStoreWrong(str(error)) from error
        except OSError as error:
            raise named(error, f"evidence store {self._store.shown}") from error
        return StoreCondition(store_id=store_id, room=self._store.room())


class StoreMonitor:
    """Monitor with one thread between `start` and `stop`."""

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
        """Stop; a check that hangs is left alone."""
        self._thread.stop(timeout_s)

    def state(self) -> StoreState:
        requested_at = self._asked_at
        if requested_at is not None and self._clock.monotonic() - requested_at >= HANGS_AFTER_S:
            return StoreState(condition=None, error=NO_ANSWER)
        return self._state

    def check(self) -> None:
        """Check once, on the calling thread."""
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
