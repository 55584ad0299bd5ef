"""Counters of the consumer for status and alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.stage_times import StageTimes


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
        )
