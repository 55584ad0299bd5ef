"""Counters of the consumer for status and alarms."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.store.errors import AlertsError, ArchiveError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerStats:
    """Snapshot of the counters."""

    stored: int
    duplicates: int
    dead: int
    claimed: int
    failures: int
    connected: bool
    last_error: str | None
    last_stored_at: float | None
    unstored_since: float | None
    """Since when the archive takes nothing of what waits (UTC unix seconds)."""


class ConsumerCounts:
    """Counted on the consumer's thread, read on any."""

    def __init__(self, stages: StageTimes) -> None:
        self._stages = stages
        self._stored = 0
        self._duplicates = 0
        self._last_stored_at: float | None = None
        self.dead = 0
        self.claimed = 0
        self.failures = 0
        self.last_error: str | None = None
        self._unstored_since: float | None = None

    def succeeded(self) -> None:
        """Count a turn that ended well."""
        self.last_error = self._unstored_since = None

    def failed(self, error: AlertsError | None, now: float) -> None:
        """Count a failure, and log it unless it is the same as the one before."""
        self.failures += 1
        if isinstance(error, ArchiveError) and self._unstored_since is None:
            self._unstored_since = now
        message = str(error) if error is not None else "unexpected error, see the log"
        if message != self.last_error:
            log.warning("consumer: %s", message)
            self.last_error = message

    def count(
        self,
        stored: Sequence[IngestResult],
        messages: Sequence[tuple[Message, float]],
        now: float,
    ) -> None:
        """Count stored messages, each with its queue time."""
        for accepted, (message, queued_at) in zip(stored, messages, strict=True):
            if accepted.duplicate:
                self._duplicates += 1
            else:
                self._stored += 1
                self._last_stored_at = now
                self._stages.stored(message, queued_at, now)

    def stats(self, *, connected: bool) -> ConsumerStats:
        return ConsumerStats(
            stored=self._stored,
            duplicates=self._duplicates,
            dead=self.dead,
            claimed=self.claimed,
            failures=self.failures,
            connected=connected,
            last_error=self.last_error,
            last_stored_at=self._last_stored_at,
            unstored_since=self._unstored_since,
        )
