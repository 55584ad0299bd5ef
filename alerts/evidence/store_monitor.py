"""Whether the evidence store can be used now: one thread asks, everybody else reads the answer.

A share that hangs blocks the thread and nothing else; that an answer is overdue is itself the
answer. `state` never touches the store.

`StoreCondition`, `StoreIdentity`: the identity of an evidence store: which share is mounted, or
which bucket named, for evidence. A store carries a file with its id. Each part remembers the id on
its own disk, so that a folder whose share is not mounted, or another store in its place, is
refused instead of filled. Reading touches the store and may block for as long as the share hangs:
call `check` on a thread that may block.
"""

import logging
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from alerts.evidence.stores.folder import STORE_ID_FILE, named, read_id_file
from alerts.evidence.stores.store import EvidenceStore, StoreRoom
from alerts.store.errors import EvidenceError, EvidenceFailed, EvidenceStoreWrong
from config.files import replace_file
from ingest.clock import Clock, SystemClock
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
CHECK_EVERY_S = 2.0
HANGS_AFTER_S = 4.0
NO_ANSWER = "the evidence store does not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCondition:
    """What a check of a store found."""

    store_id: str
    room: StoreRoom | None  # None where the store is no disk of this machine

    def report(self) -> dict[str, Any]:
        """The form in which a worker reports it."""
        told: dict[str, Any] = {"id": self.store_id, "host": socket.gethostname()}
        if self.room is not None:
            room = self.room
            told |= {"free": room.free_bytes, "total": room.total_bytes, "device": room.device}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """The newest condition, and why the store cannot be used now.

    None and None before the first check has ended.
    """

    condition: StoreCondition | None
    error: str | None


class StoreIdentity:
    """Compares the id in a store with the one that is remembered. Any thread may use it."""

    def __init__(self, store: EvidenceStore, remembered: Path) -> None:
        """`remembered` is a file on a local disk; without it the store's own id is adopted."""
        self._store = store
        self._remembered = remembered

    @property
    def known(self) -> str | None:
        """The remembered id; None before the first check."""
        return read_id_file(self._remembered)

    def expect(self, store_id: str) -> None:
        """Remember another id: the centre says that the store was replaced on purpose."""
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._remembered, store_id + "\n")

    def check(self) -> StoreCondition:
        """Read the store's id and its room; raises `EvidenceError` when it must not be used."""
        try:
            store_id = self._identify()
        except OSError as error:
            raise named(error, f"evidence store {self._store.shown}") from error
        return StoreCondition(store_id=store_id, room=self._store.room())

    def _identify(self) -> str:
        known, found = self.known, self._store.read_id()
        if known is None:
            found = found or self._create()
            self.expect(found)
            return found
        if found is None:
            raise EvidenceStoreWrong(
                f"{self._store.shown} is not the evidence store (no {STORE_ID_FILE} in it): mount "
                f"its share; if the store was replaced on purpose, remove {self._remembered}"
            )
        if found != known:
            raise EvidenceStoreWrong(
                f"{self._store.shown} holds another evidence store ({found} instead of {known}): "
                f"mount the right share; if it was replaced on purpose, remove {self._remembered}"
            )
        return known

    def _create(self) -> str:
        self._store.give_id(str(uuid7()))
        found = self._store.read_id()
        if found is None:
            raise EvidenceFailed(f"{self._store.shown}: {STORE_ID_FILE} cannot be read back")
        return found


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
