"""Stored entries that stay unconfirmed until their incidents are open."""

from collections.abc import Iterable, Sequence
from itertools import islice

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.queue.event_stream import StreamEntry

LATEST_S = 2.0  # after it was told an alert has its incident, also while others wait


class UnconfirmedEntries:
    """Owned by the consumer's thread; the oldest first."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[float, StreamEntry]] = {}

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(
        self, group: Sequence[StreamEntry], stored: Sequence[IngestResult], now: float
    ) -> list[str]:
        """Add stored entries that need an incident; return the ids of the others.

        `now` is monotonic. For a duplicate it is unknown whether its incident was opened.
        """
        done = []
        for entry, accepted in zip(group, stored, strict=True):
            if accepted.duplicate or accepted.wants_incident:
                self._entries[entry.stream_id] = (now, entry)
            else:
                done.append(entry.stream_id)
        return done

    def due(self, now: float, most: int, *, is_calm: bool) -> list[StreamEntry]:
        """Return the entries whose incidents are due: all when calm, else the old ones."""
        return [
            entry
            for told_at, entry in islice(self._entries.values(), most)
            if is_calm or now - told_at >= LATEST_S
        ]

    def others(self, entries: Iterable[StreamEntry]) -> list[StreamEntry]:
        return [entry for entry in entries if entry.stream_id not in self._entries]

    def remove(self, entries: Iterable[StreamEntry]) -> None:
        for entry in entries:
            self._entries.pop(entry.stream_id, None)

    def clear(self) -> None:
        """Drop everything: the queue delivers it again."""
        self._entries.clear()
