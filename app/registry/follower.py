"""Reads the registry's changes on a thread of its own: a database that hangs holds nobody up."""

import threading
from typing import Protocol

from alerts.registry.records import RegisteredEntry
from alerts.store.errors import AlertsError
from ingest.stoppable_thread import StoppableThread

LOOK_EVERY_S = 0.5  # a change reaches its worker within 2 s


class ChangeReader(Protocol):
    """The registry itself."""

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """The last revision and what changed after this one; raises `AlertsError`."""
        ...


class RegistryFollower:
    """Hands over what its thread has read. The first reading is done by who calls first."""

    def __init__(self, inner: ChangeReader, every_s: float = LOOK_EVERY_S) -> None:
        self._inner = inner
        self._every_s = every_s
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._follow, "registry")
        self._revision = 0
        self._waiting: dict[tuple[str, str], RegisteredEntry] = {}  # the newest of each entry
        self._error: AlertsError | None = None

    def since(self, revision: int) -> tuple[int, list[RegisteredEntry]]:
        """What was read since the last call, at once; raises what the last reading raised."""
        if not self._thread.was_started:
            self._revision = revision
            try:
                self._look()
            finally:
                self._thread.start()
        with self._lock:
            if self._error is not None and not self._waiting:
                raise self._error
            rows = list(self._waiting.values())
            self._waiting.clear()
            return self._revision, rows

    def close(self) -> None:
        """End the thread; it may be inside the database for some seconds."""
        self._thread.stop()

    def _follow(self) -> None:
        while not self._thread.pause(self._every_s):
            self._look()

    def _look(self) -> None:
        try:
            revision, rows = self._inner.since(self._revision)
        except AlertsError as error:
            with self._lock:
                self._error = error
            return
        with self._lock:
            self._error = None
            self._revision = revision
            self._waiting.update({(row.kind, row.id): row for row in rows})
