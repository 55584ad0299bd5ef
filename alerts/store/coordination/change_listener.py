"""Listener for changes of the archive by other centres (PostgreSQL NOTIFY).

One thread, one session.
"""

import logging
from collections.abc import Callable

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import CHANNEL, PROCESS
from thapcanh.alerts.store.coordination.session import ArchiveSession
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_POLL_S = 1.0  # between two looks at whether it is to stop
_BACKOFF = Backoff(first_s=0.5, longest_s=10.0)


class ChangeListener:
    """Listener with one thread between `start` and `stop`; `ring` is called on it."""

    def __init__(self, url: str, name: str, ring: Callable[[], None]) -> None:
        self._url = url
        self._name = name
        self._ring = ring
        self._thread = StoppableThread(self._run, "change-listener")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop within a second; idempotent."""
        self._thread.stop()

    def _run(self) -> None:
        failures = 0
        while not self._thread.is_stopping:
            try:
                self._listen()
                failures = 0
            except sa.exc.SQLAlchemyError as error:
                failures += 1
                if failures == 1:
                    log.warning("other centres' changes are polled for: %s", _words(error))
            except Exception:  # outermost line of the thread
                failures += 1
                log.exception("other centres' changes are polled for: unexpected")
            if failures:
                self._thread.pause(_BACKOFF.wait_s(failures))

    def _listen(self) -> None:
        """Listen until stopped, or until the session breaks."""
        session = ArchiveSession(self._url, self._name)
        try:
            driver = session.driver
            driver.execute(f"LISTEN {CHANNEL}")
            while not self._thread.is_stopping:
                reported = list(driver.notifies(timeout=_POLL_S, stop_after=1))
                if any(one.payload != PROCESS for one in reported):
                    self._ring()
        except driver_errors() as error:
            raise sa.exc.OperationalError(None, None, error) from error
        finally:
            session.close()


def driver_errors() -> type[Exception]:
    """Return the driver's error type; only available with PostgreSQL."""
    import psycopg

    return psycopg.Error


def _words(error: sa.exc.SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", error)).split())
