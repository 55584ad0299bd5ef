"""Publisher of the spool to the queue: in order, at least once."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.queue.event_stream import id_parts
from thapcanh.alerts.queue.message import Entry
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import AlertsError, QueueError
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_BATCH = 200  # at once: one sync of the queue's disk, and half its size in KB on the wire
QUEUE_BACKOFF = Backoff(first_s=0.1, longest_s=10.0)
_IDLE_WAIT_S = 5.0


class EventTransport(Protocol):
    """Destination of entries: a `Queue`, or a test's."""

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        """Append entries in order; return the ids of those accepted, at least the first.

        Raise if none is, or if it is unknown which.
        """

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        """Return whether each entry still exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherStats:
    """Counters and state of the publisher."""

    sent: int
    failures: int
    lost_and_resent: int
    connected: bool
    waiting: int
    oldest_waiting_at: float | None
    checked_at: float | None  # UTC seconds: the queue had everything confirmed before this
    last_error: str | None


class EventPublisher:
    """Publisher with one thread between `start` and `stop`."""

    def __init__(
        self,
        spool: Spool,
        queue: EventTransport,
        *,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
        check_every_s: float = 10.0,
        finished_before: Callable[[], tuple[int, int] | None] | None = None,
    ) -> None:
        """Create it; `finished_before` returns what the centre has stored, if known."""
        self._spool = spool
        self._queue = queue
        self._finished_before = finished_before
        self._clock = clock or SystemClock()
        self._backoff = backoff or QUEUE_BACKOFF
        self._thread = StoppableThread(
            self._run, "publisher", self._clock, wake=self._spool.appended
        )
        self._sent = 0
        self._failures = 0
        self._failures_in_row = 0
        self._resent = 0
        self._check_every_s = check_every_s
        self._check_at = -math.inf  # of the monotonic clock
        self._checked_at: float | None = None
        self._last_error: str | None = None

    def start(self) -> None:
        """Start sending; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop after the batch in hand; what is not sent stays in the spool."""
        self._thread.stop(timeout_s)

    def stats(self) -> PublisherStats:
        """Return counts and state for status and alarms."""
        depth = self._spool.depth()
        return PublisherStats(
            sent=self._sent,
            failures=self._failures,
            lost_and_resent=self._resent,
            connected=self._failures_in_row == 0 and self._check_at > -math.inf,
            waiting=depth.count,
            oldest_waiting_at=depth.oldest_at,
            checked_at=self._checked_at,
            last_error=self._last_error,
        )

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self._turn()
                self._failures_in_row = 0
                self._last_error = None
            except AlertsError as error:
                self._failed(error)
            except Exception:  # outermost line of the thread
                log.exception("publisher: unexpected")
                self._failed(None)

    def _turn(self) -> None:
        if self._clock.monotonic() >= self._check_at:
            now = self._clock.utc()
            self._forget_stored()
            self._put_back_lost()
            self._checked_at = now
            self._check_at = self._clock.monotonic() + self._check_every_s
        self._spool.appended.clear()
        batch = self._spool.oldest(_BATCH)
        if batch:
            self._send(batch)
        else:
            self._thread.rest(min(_IDLE_WAIT_S, self._check_every_s))

    def _send(self, batch: list[tuple[int, Entry]]) -> None:
        stream_ids = self._queue.add_all([entry for _, entry in batch])
        queued = [(seq, stream_id) for (seq, _), stream_id in zip(batch, stream_ids, strict=False)]
        self._spool.confirm(queued, self._clock.monotonic())
        self._sent += len(queued)

    def _forget_stored(self) -> None:
        """Drop stored entries; read the limit first, since the stream may be trimmed then."""
        limit = None if self._finished_before is None else self._finished_before()
        while limit is not None and not self._thread.is_stopping:
            page = [row for row in self._spool.oldest_confirmed() if id_parts(row[1]) < limit]
            found = self._queue.has([stream_id for _, stream_id in page])
            stored = [seq for (seq, _), there in zip(page, found, strict=True) if there]
            self._spool.forget(stored)
            if not stored or len(stored) < len(page):
                return

    def _put_back_lost(self) -> None:
        """Page by page from the newest: a failover loses the end, an empty restart everything."""
        page = self._spool.confirmed()
        while page and not self._thread.is_stopping:
            found = self._queue.has([stream_id for _, stream_id in page])
            lost = [seq for (seq, _), there in zip(page, found, strict=True) if not there]
            if not lost:
                break
            log.warning("the queue lost %d confirmed events: sending them again", len(lost))
            self._spool.unconfirm(lost)
            self._resent += len(lost)
            page = self._spool.confirmed(before_seq=page[0][0])

    def _failed(self, error: AlertsError | None) -> None:
        self._failures_in_row += 1
        if isinstance(error, QueueError):
            self._check_at = -math.inf
        message = str(error) if error is not None else "unexpected error, see the log"
        if message != self._last_error:  # a repeated failure is told once
            log.warning("publisher: %s", message)
            self._last_error = message
        self._failures += 1  # last: who sees it counted finds its reason
        self._thread.pause(self._backoff.wait_s(self._failures_in_row))
