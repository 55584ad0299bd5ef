"""Consumer of the queue: stores entries in transactions, then confirms them.

At least once from the queue, once in the archive.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from thapcanh.alerts.alert.records import IngestResult
from thapcanh.alerts.incidents.following import open_for_messages
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer_counts import ConsumerCounts, ConsumerStats
from thapcanh.alerts.lifecycle.fair_turns import FairTurns
from thapcanh.alerts.lifecycle.message_intake import CameraLookup
from thapcanh.alerts.lifecycle.unconfirmed_entries import UnconfirmedEntries
from thapcanh.alerts.queue.event_stream import StreamEntry
from thapcanh.alerts.queue.message import Message, decode
from thapcanh.alerts.queue.publisher import QUEUE_BACKOFF
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.sender_check import SenderCheck
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.store import errors
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_FIRST_ID = "0-0"
_OTHERS_TURN_S = 0.2  # until it is asked again whether another centre stores


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """Limits of batches and waits."""

    count: int = 1000  # read at once: storms are read faster than stored, to see what else is there
    ahead: int = 10_000  # read and not stored yet; some 20 MB
    together: int = 200  # entries a transaction: one sync for all, and a lock of some 50 ms
    sweep_every_s: float = 15.0
    claim_idle_s: float = 30.0  # longer than storing a batch ever takes
    trim_every_s: float = 60.0  # a storm must not fill the queue between two
    max_attempts: int = 5  # of an entry that the archive refuses, before it is a dead letter


class Consumer:
    """Consumer with one thread between `start` and `stop`; `notify` is called after each commit."""

    def __init__(
        self,
        queue: EventQueue,
        archive: Archive,
        camera: CameraLookup,
        *,
        name: str = "centre-1",
        notify: Callable[[Sequence[IngestResult]], None] | None = None,
        stages: StageTimes | None = None,
        settings: ConsumerSettings | None = None,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
        check: SenderCheck | None = None,
        may_take: Callable[[], bool] = lambda: True,
    ) -> None:
        """Create it; `may_take` tells whether this centre is the storing one now.

        All centres share `name`, so that the next one first finishes the entries of the last.
        """
        self._queue = queue
        self._archive = archive
        self._camera = camera
        self._name = name
        self._notify = notify
        self._settings = settings or ConsumerSettings()
        self._clock = clock or SystemClock()
        self._backoff = backoff or QUEUE_BACKOFF
        self._check = check
        self._may_take = may_take
        self._thread = StoppableThread(self._run, "consumer", self._clock)
        self._joined = False  # whether the group exists and our own entries were read
        self._waiting = FairTurns()
        self._unconfirmed = UnconfirmedEntries()
        self._in_hand: str | None = None  # the entry that is being stored
        self._failed_on: str | None = None  # the entry that the archive refused last …
        self._refusals = 0  # … and how often in a row; the queue counts each reading
        self._sweep_at = 0.0
        self._trim_at = 0.0
        self._counts = ConsumerCounts(stages or StageTimes())
        self._failures_in_row = 0

    def start(self) -> None:
        """Start taking entries; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop after the entry in hand; a blocking read ends by itself within its time."""
        self._thread.stop(timeout_s)

    def stats(self) -> ConsumerStats:
        """Return counts and state for status and alarms."""
        return self._counts.stats(connected=self._joined)

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self.turn()
                self._failures_in_row = 0
                self._counts.succeeded()
            except errors.AlertsError as error:
                self._failed(error)
            except Exception:  # outermost line of the thread
                log.exception("consumer: unexpected, with entry %s in hand", self._in_hand)
                self._failed(None)

    def turn(self) -> None:
        """Join if needed, claim if due, read new entries, and store one transaction."""
        if not self._may_take():
            self._joined = False
            self._forget()
            self._thread.pause(_OTHERS_TURN_S)
            return
        now = self._clock.monotonic()
        if self._queue.stream.mended(now) or not self._joined:
            self._join()
        if now >= self._sweep_at:
            self._sweep()
            self._sweep_at = now + self._settings.sweep_every_s
        if now >= self._trim_at:
            self._queue.trim(self._clock.utc())
            self._trim_at = now + self._settings.trim_every_s
        self._read_ahead(waits=not (self._waiting or self._unconfirmed))
        self._take_turn()
        if self._unconfirmed:
            if not self._waiting:
                self._read_ahead(waits=False)
            self._open_incidents(is_calm=not self._waiting)

    def _read_ahead(self, *, waits: bool) -> None:
        room = min(self._settings.count, self._settings.ahead - len(self._waiting))
        if room > 0:
            self._waiting.add(self._queue.read_new(self._name, room, waits=waits))

    def _forget(self) -> None:
        """Drop unconfirmed entries: the queue delivers them again."""
        self._waiting.clear()
        self._unconfirmed.clear()

    def _join(self) -> None:
        """Create a missing group; own unfinished entries come first."""
        self._queue.ensure_group()
        self._forget()
        after = _FIRST_ID
        while not self._thread.is_stopping:
            own = self._queue.read_own(self._name, self._settings.count, after)
            if not own:
                break
            self._waiting.add(own)
            after = own[-1].stream_id
        self._joined = True

    def _sweep(self) -> None:
        """Claim what any consumer left unfinished, this one included."""
        start = _FIRST_ID
        while not self._thread.is_stopping:
            idle_ms = int(self._settings.claim_idle_s * 1000)
            start, claimed = self._queue.claim(self._name, idle_ms, start)
            self._counts.claimed += self._waiting.add(self._unconfirmed.others(claimed))
            if start == _FIRST_ID:
                return

    def _take_turn(self) -> None:
        group = self._waiting.take(self._settings.together)
        if not group or self._take_together(group):
            return
        for delivery in group:
            if self._thread.is_stopping:
                return
            self._take_one(delivery)

    def _take_together(self, group: list[StreamEntry]) -> bool:
        """Store entries in one transaction; return False if they must be stored singly.

        After a failure they are stored singly, to find the cause.
        """
        if len(group) == 1 or self._failures_in_row:
            return False
        now = self._clock.utc()
        try:
            messages = self._read_all(group, now)
            stored = self._archive.take_in_all(
                messages, now=now, camera=self._camera, opens_incidents=False
            )
        except (errors.WireError, errors.SequenceReused, errors.ArchiveRefused):
            return False
        self._counts.count(stored, messages, self._clock.utc())
        self._finish(group, stored)
        return True

    def _take_one(self, delivery: StreamEntry) -> None:
        if self._bury_hopeless(delivery):
            return
        self._in_hand = delivery.stream_id
        try:
            arrival = self._read(delivery, self._clock.utc())
            stored = self._archive.take_in(
                arrival, queued_at=delivery.queued_at, now=self._clock.utc(), camera=self._camera
            )
        except (errors.WireError, errors.SequenceReused) as error:
            self._in_hand = None
            if isinstance(error, errors.ContentRefused):
                self._archive.note_refused(decode(delivery.fields), self._clock.utc())
            self._bury(delivery, str(error))
            return
        self._in_hand = None
        self._counts.count([stored], [(arrival, delivery.queued_at)], self._clock.utc())
        self._finish([delivery], [stored])

    def _read_all(self, group: list[StreamEntry], now: float) -> list[tuple[Message, float]]:
        """Return messages with their queue times. Raise `WireError`."""
        messages = [decode(each.fields) for each in group]
        if self._check is not None:
            self._check.look_up(messages)
        return [
            (self._checked(each, message, now), each.queued_at)
            for each, message in zip(group, messages, strict=True)
        ]

    def _read(self, delivery: StreamEntry, now: float) -> Message:
        """Return the message if its sender may send it. Raise `WireError`."""
        return self._checked(delivery, decode(delivery.fields), now)

    def _checked(self, delivery: StreamEntry, message: Message, now: float) -> Message:
        if self._check is None:
            return message
        return self._check.checked(delivery.fields, message, delivery.queued_at, now)

    def _finish(self, group: list[StreamEntry], stored: list[IngestResult]) -> None:
        """Notify, then confirm: if confirming fails, the entry returns as a duplicate."""
        new = [accepted for accepted in stored if not accepted.duplicate]
        if self._notify is not None and new:
            try:
                self._notify(new)
            except Exception:  # whoever listens looks by itself, too
                log.exception("consumer: it cannot be told that something is new")
        self._queue.ack(self._unconfirmed.add(group, stored, self._clock.monotonic()))

    def _open_incidents(self, *, is_calm: bool) -> None:
        """Open the incidents of stored alerts and confirm the entries; singly on failure."""
        now, most = self._clock.monotonic(), self._settings.together
        due = self._unconfirmed.due(now, most, is_calm=is_calm)
        if due and not self._failures_in_row:
            with suppress(errors.ArchiveRefused):
                self._confirm_opened(due)
                return
        for entry in due:
            if self._bury_hopeless(entry):
                self._unconfirmed.remove([entry])
            else:
                self._in_hand = entry.stream_id
                self._confirm_opened([entry])
                self._in_hand = None

    def _confirm_opened(self, arrival: list[StreamEntry]) -> None:
        ids = [entry.fields["id"] for entry in arrival]
        open_for_messages(self._archive.database, ids, self._clock.utc())
        self._queue.ack([entry.stream_id for entry in arrival])
        self._unconfirmed.remove(arrival)

    def _bury_hopeless(self, delivery: StreamEntry) -> bool:
        """Return whether it was refused too often and was moved to the dead letters."""
        is_hopeless = self._refusals > self._settings.max_attempts
        if self._failed_on != delivery.stream_id or not is_hopeless:
            return False
        self._bury(delivery, self._counts.last_error or "cannot be stored")
        return True

    def _bury(self, delivery: StreamEntry, reason: str) -> None:
        log.error("entry %s is a dead letter: %s", delivery.stream_id, reason)
        self._queue.bury(delivery, reason)
        self._counts.dead += 1

    def _failed(self, error: errors.AlertsError | None) -> None:
        self._joined = False  # what was given to us and not finished must be read again
        self._counts.failed(error, self._clock.utc())
        self._failures_in_row += 1
        refused = error is None or isinstance(error, errors.ArchiveRefused)
        if refused and self._in_hand is not None:
            self._refusals = self._refusals + 1 if self._in_hand == self._failed_on else 1
            self._failed_on = self._in_hand
        self._in_hand = None
        self._thread.pause(self._backoff.wait_s(self._failures_in_row))
