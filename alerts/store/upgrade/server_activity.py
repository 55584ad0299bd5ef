"""Activity of PostgreSQL for a statement that this process waits for."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
_REQUEST_EVERY_S = 1.0
_ACTIVITY = sa.text(
    "SELECT pid, state, wait_event_type, query_start, state_change FROM pg_stat_activity"
    " WHERE pid = :pid OR pid = ANY(pg_blocking_pids(:pid)) ORDER BY pid"
)


class ServerActivity:
    """Check each second of the server's work for one connection."""

    def __init__(
        self,
        connection: sa.Connection,
        engine: sa.Engine,
        report: Callable[[], None],
        is_stopping: Callable[[], bool],
    ) -> None:
        raw: Any = connection.connection.dbapi_connection
        self._raw, self._pid = raw, int(raw.info.backend_pid)
        self._engine = engine
        self._report = report
        self._is_stopping = is_stopping
        self._last: Sequence[Any] = ()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Watch while the block runs."""
        thread = StoppableThread(lambda: self._follow(thread), "server-activity")
        thread.start()
        try:
            yield
        finally:
            thread.stop()

    def _follow(self, thread: StoppableThread) -> None:
        while not thread.pause(_REQUEST_EVERY_S):
            if self._is_stopping():
                with suppress(Exception):  # the statement ended by itself
                    self._raw.cancel()
                continue
            try:
                if self._has_worked():
                    self._report()
            except sa.exc.SQLAlchemyError as error:
                log.debug("what PostgreSQL does cannot be read: %s", error)

    def _has_worked(self) -> bool:
        """Return whether a statement is running, or changed within a second."""
        with self._engine.connect() as connection:
            now = connection.execute(_ACTIVITY, {"pid": self._pid}).all()
        changed, self._last = now != self._last, now
        return changed or any(
            row.state == "active" and row.wait_event_type not in ("Lock", "Client") for row in now
        )
