"""Recorder of events: into the spool at once, their evidence later.

`accept` is quick and may run on the inference thread. One thread spools events within a second,
whatever the evidence store does.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from uuid6 import uuid7

from thapcanh.alerts.evidence.case_recorder import CaseJob, CaseRecorder, CaseWriter, RecordedCamera
from thapcanh.alerts.evidence.clips import ClipRecorder, ClipSettings, WriteClip
from thapcanh.alerts.evidence.forwarding import DeliveryStats, EvidenceDelivery
from thapcanh.alerts.evidence.staging import (
    EvidenceStaging,
    StagedItem,
    StagedPart,
    remembered_store_id,
    staging_beside,
)
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.queue.pending_parts import PendingEvidence
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.queue.system_events import followed, is_system
from thapcanh.alerts.store.errors import EvidenceError, SpoolError
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)


def interrupted(
    pending: Iterable[PendingEvidence], waiting: Iterable[StagedItem]
) -> Iterator[OutboxItem]:
    """Yield one message for each event with a pending part that is not staged."""
    staged = {(item.event_id, str(item.part)) for item in waiting}
    lost: dict[str, list[PendingEvidence]] = {}
    for one in pending:
        if (one.event.event_id, one.part) not in staged:
            lost.setdefault(one.event.event_id, []).append(one)
    for event_id, parts in lost.items():
        reported = tuple(one.part for one in parts)
        error = f"the worker ended before it had saved: {', '.join(reported)}"
        log.error("evidence of event %s is lost: %s", event_id, error)
        event = replace(parts[0].event, id=str(uuid7()), phase=EventPhase.UPDATED)
        yield OutboxItem(event=event, evidence_error=error, evidence_only=True, settles=reported)


_TICK_S = 1.0  # while something waits for the store, or for room in the spool
_DELIVERY_STOP_S = 3.0  # a store that hangs must not hold the end up
_TOGETHER = 200  # events a transaction of the spool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderSettings:
    """Span of clips, and limits of what may wait."""

    before_s: float = 5.0
    after_s: float = 10.0
    max_waiting: int = 256
    max_films: int = 32
    max_unspooled: int = 20_000  # about 40 MB

    def films(self) -> ClipSettings:
        return ClipSettings(before_s=self.before_s, after_s=self.after_s, max_films=self.max_films)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderStats:
    """Counts of events and evidence since the start."""

    spooled: int
    waiting: int  # events whose pictures are not written yet
    without_evidence: int  # events of which no picture could be saved
    evidence_failures: int
    unspooled: int  # kept in memory because the spool has no room
    lost: int  # there was no room in memory either
    films_open: int
    films_made: int
    films_failed: int
    films_refused: int


class EventRecorder:
    """Recorder with four threads between `start` and `stop`: events, cases, clips, delivery."""

    def __init__(
        self,
        store: EvidenceStore,
        spool: Spool,
        *,
        settings: RecorderSettings | None = None,
        identity: StoreIdentity | None = None,
        clock: Clock | None = None,
        write: WriteClip = write_clip,
    ) -> None:
        """Create it; evidence for `store` waits beside the spool's file on the local disk."""
        self._settings = settings or RecorderSettings()
        self._spool = spool
        self._clock = clock or SystemClock()
        self._staging = EvidenceStaging(staging_beside(spool.path), spool.source)
        self._delivery = EvidenceDelivery(
            self._staging,
            store,
            identity or StoreIdentity(store, remembered_store_id(spool.path)),
            self._spool_or_keep,
            clock=self._clock,
        )
        self._films = ClipRecorder(
            self._staging,
            self._stage,
            worker=spool.source,
            settings=self._settings.films(),
            clock=self._clock,
            write=write,
        )
        self._cases = self._case_recorder(write)
        self._accepted: deque[OutboxItem] = deque()
        self._lock = threading.Lock()  # of the accepted and of the open events
        self._open = {event.event_id: event for event in spool.open_events()}
        self._unspooled: deque[OutboxItem] = deque(
            interrupted(spool.pending_evidence(), self._staging.items())
        )
        self._out_lock = threading.Lock()  # of the unspooled, held while the disk is written
        self._thread = StoppableThread(self._run, "recorder", self._clock)
        self._spooled = 0
        self._unstaged = 0
        self._lost = 0

    def _case_recorder(self, write: WriteClip) -> CaseRecorder:
        writer = CaseWriter(
            self._staging.stores[StagedPart.PICTURES],
            worker=self._spool.source,
            before_s=self._settings.before_s,
            clock=self._clock,
            write=write,
        )
        return CaseRecorder(
            writer,
            self._films,
            self._staging,
            self._stage,
            clock=self._clock,
            max_waiting=self._settings.max_waiting,
        )

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._delivery.start()
        self._films.start()
        self._cases.start()
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Spool what was accepted, finish clips, deliver what the store accepts, and stop.

        The rest stays on the disk for the next start.
        """
        self._thread.stop(timeout_s)
        self._cases.stop(timeout_s)
        self._films.stop(timeout_s)
        self._delivery.stop(min(timeout_s, _DELIVERY_STOP_S))
        self._retry_unspooled()
        if self._unspooled:
            log.error("%d events are lost: the spool has no room", len(self._unspooled))
            self._lost += len(self._unspooled)

    def accept(self, event: Event, frame: Frame | None, camera: RecordedCamera | None) -> None:
        """Accept an event; without frame and camera it has no evidence."""
        with self._lock:
            self._note_open(event)
            error = None
            owes = _pending(event, frame, camera)
            if owes and not self._cases.take(CaseJob(event=event, frame=frame, camera=camera)):
                error, owes = "recorder behind", ()
            self._accepted.append(OutboxItem(event=event, evidence_error=error, owes=owes))
        self._thread.wake()

    def open_events(self) -> list[Event]:
        """Return the events raised and not cleared, also from before a restart."""
        with self._lock:
            return list(self._open.values())

    def end_open(self, reason: str, camera_id: str | None = None, *, system: bool = False) -> int:
        """Clear the open events of a camera, or of all; return how many.

        Events of the system itself are only cleared with `system`.
        """
        ending = [
            event
            for event in self.open_events()
            if (system or not is_system(event.kind)) and camera_id in (None, event.camera_id)
        ]
        for event in ending:
            self.accept(followed(event, EventPhase.CLEARED, reason, self._clock.utc()), None, None)
        return len(ending)

    def stats(self) -> RecorderStats:
        """Return counts and state for status and alarms."""
        return RecorderStats(
            spooled=self._spooled,
            waiting=self._cases.waiting,
            without_evidence=self._cases.without_pictures,
            evidence_failures=self._cases.failures
            + self._films.failed
            + self._films.refused
            + self._unstaged,
            unspooled=len(self._unspooled),
            lost=self._lost,
            films_open=self._films.open_clips(),
            films_made=self._films.made,
            films_failed=self._films.failed,
            films_refused=self._films.refused,
        )

    def delivery(self) -> DeliveryStats:
        return self._delivery.stats()

    def evidence_waits(self) -> bool:
        return self._delivery.stats().waiting > 0

    def _note_open(self, event: Event) -> None:
        if event.phase is EventPhase.CLEARED:
            self._open.pop(event.event_id, None)
        elif event.kind != SELF_TEST:
            self._open.setdefault(event.event_id, event)

    def _run(self) -> None:
        while True:
            self._thread.clear_wakes()
            self._retry_unspooled()
            for draft in self._delivery.late(self._clock.utc()):
                self._spool_or_keep(draft)
            if self._thread.is_stopping:
                return  # `stop` spools what was accepted meanwhile
            self._thread.rest(_TICK_S)

    def _stage(self, draft: OutboxItem, part: StagedPart) -> None:
        """Stage files for the store on the local disk; report a mere error at once."""
        event = replace(draft.event, id=str(uuid7()), phase=EventPhase.UPDATED)
        draft = replace(draft, event=event, settles=(part,))
        if draft.evidence:
            try:
                self._staging.add(draft, part, self._clock.utc())
            except EvidenceError as error:
                log.error("evidence of event %s is lost: %s", event.event_id, error)
                self._unstaged += 1
                draft = replace(draft, evidence=(), evidence_error=str(error))
            else:
                return
        self._spool_or_keep(draft)

    def _spool_or_keep(self, draft: OutboxItem) -> None:
        """Spool a message, behind others that wait for space."""
        with self._out_lock:
            self._keep_accepted()
            self._keep(draft)
        self._retry_unspooled()

    def _keep_accepted(self) -> None:
        """Spool accepted events before everything that follows from them."""
        with self._lock:
            accepted = list(self._accepted)
            self._accepted.clear()
        for draft in accepted:
            self._keep(draft)

    def _keep(self, draft: OutboxItem) -> None:
        if len(self._unspooled) >= self._settings.max_unspooled:
            self._lost += 1
        else:
            self._unspooled.append(draft)

    def _retry_unspooled(self) -> None:
        """Spool waiting messages in groups with one disk sync, or singly if space is short."""
        together = _TOGETHER
        with self._out_lock:
            self._keep_accepted()
            while self._unspooled:
                first = list(islice(self._unspooled, together))
                try:
                    self._spool.append_all(first, self._clock.utc())
                except SpoolError as error:
                    if len(first) > 1:
                        together = 1
                        continue
                    log.error("%d events wait in memory: %s", len(self._unspooled), error)
                    return
                for _ in first:
                    self._unspooled.popleft()
                self._spooled += len(first)


def _pending(
    event: Event, frame: Frame | None, camera: RecordedCamera | None
) -> tuple[StagedPart, ...]:
    """Return the parts that follow an event, each in its own message."""
    if event.phase is not EventPhase.RAISED:
        return ()
    pictures = () if frame is None else (StagedPart.PICTURES,)
    return pictures if camera is None else (*pictures, StagedPart.FILM)
