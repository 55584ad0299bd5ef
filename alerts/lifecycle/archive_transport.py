"""Transport of the centre's own events into the archive, past the queue."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.message_intake import CameraLookup
from thapcanh.alerts.queue.message import Entry, decode
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.ingest.clock import Clock, SystemClock


class ArchiveTransport:
    """Transport of the centre's publisher; `notify` is called after each commit."""

    def __init__(
        self,
        archive: Archive,
        camera: CameraLookup,
        *,
        notify: Callable[[IngestResult], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._archive = archive
        self._camera = camera
        self._notify = notify
        self._clock = clock or SystemClock()

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        """Store entries in one transaction; if that fails, singly as far as possible."""
        with suppress(AlertsError):
            return self._add(entries)
        stored: list[str] = []
        for entry in entries:
            try:
                stored.append(self.add(entry))
            except AlertsError:
                if not stored:
                    raise
                break
        return stored

    def add(self, entry: Entry) -> str:
        """Store an entry and return its message's id once it is committed."""
        return self._add([entry])[0]

    def _add(self, entries: Sequence[Entry]) -> list[str]:
        messages = [decode(entry) for entry in entries]
        now = self._clock.utc()
        arrivals = [(message, now) for message in messages]
        for accepted in self._archive.take_in_all(arrivals, now=now, camera=self._camera):
            if self._notify is not None and not accepted.duplicate:
                self._notify(accepted)
        return [message.event.id for message in messages]

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        """Return True for each: the archive loses nothing committed."""
        return [True for _ in stream_ids]
