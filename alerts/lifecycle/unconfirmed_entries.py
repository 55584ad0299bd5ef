"""Entries that are stored and told, and stay unconfirmed until their incidents are open.

In a flood an alert is shown first, and its incident opened when nothing waits to be stored, or a
little later. The queue gives again what was not confirmed, so that a crash in between opens the
incident late, and loses none.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.queue.stream_entry import StreamEntry

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
        """Keep what needs an incident, told just now (monotonic seconds); the ids of the others.

        Of a duplicate it is not known whether its incident was opened.
        """
        done = []
        for entry, taken in zip(group, stored, strict=True):
            if taken.duplicate or taken.wants_incident:
                self._entries[entry.stream_id] = (now, entry)
            else:
                done.append(entry.stream_id)
        return done

    def due(self, now: float, most: int, *, is_calm: bool) -> list[StreamEntry]:
        """Those whose incidents are to be opened next: all when it is calm, else the old ones."""
        return [
            entry
            for told_at, entry in islice(self._entries.values(), most)
            if is_calm or now - told_at >= LATEST_S
        ]

    def others(self, entries: Iterable[StreamEntry]) -> list[StreamEntry]:
        """Those entries that are not among these."""
        return [entry for entry in entries if entry.stream_id not in self._entries]

    def remove(self, entries: Iterable[StreamEntry]) -> None:
        """They are confirmed."""
        for entry in entries:
            self._entries.pop(entry.stream_id, None)

    def clear(self) -> None:
        """Forget all: the queue gives them again."""
        self._entries.clear()
