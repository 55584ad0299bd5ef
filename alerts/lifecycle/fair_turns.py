"""Fair turns: waiting entries, one of each worker in turn."""

from collections import OrderedDict, deque
from collections.abc import Iterable

from thapcanh.alerts.queue.event_stream import StreamEntry


class FairTurns:
    """Owned by the consumer's thread."""

    def __init__(self) -> None:
        self._of_worker: OrderedDict[str, deque[StreamEntry]] = OrderedDict()  # next turn first
        self._ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, entries: Iterable[StreamEntry]) -> int:
        """Queue entries behind those of their worker; return how many were new."""
        new = [entry for entry in entries if entry.stream_id not in self._ids]
        for entry in new:
            self._ids.add(entry.stream_id)
            self._of_worker.setdefault(entry.fields.get("source", ""), deque()).append(entry)
        return len(new)

    def take(self, count: int) -> list[StreamEntry]:
        """Return the next entries, at most `count`."""
        accepted: list[StreamEntry] = []
        while self._of_worker and len(accepted) < count:
            worker, waiting = self._of_worker.popitem(last=False)
            accepted.append(waiting.popleft())
            if waiting:
                self._of_worker[worker] = waiting
        self._ids.difference_update(entry.stream_id for entry in accepted)
        return accepted

    def clear(self) -> None:
        """Drop everything: the queue delivers it again."""
        self._of_worker.clear()
        self._ids.clear()
