"""Events with their evidence into the spool: first the files, then the event, whatever happens.

`accept` is quick and may be called from the looks' thread; one thread saves pictures and the film's
beginning, seals them in a manifest, and spools the event. Evidence that cannot be saved is named
in the event and never holds it back. When the thread is too far behind, events go out at once
without evidence; when the spool has no room, they are kept in memory until it has.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from alerts.errors import AlertsError, SpoolError
from alerts.events.spool import OutboxItem, Spool
from alerts.evidence.case_writer import CaseWriter, RecordedCamera
from alerts.evidence.clips import ClipRecorder, ClipSettings, PendingClip, WriteClip
from alerts.evidence.store import EvidenceStore
from alerts.lifecycle.system_events import followed, is_system
from alerts.message import EvidenceKind, EvidenceRef
from alerts.self_test_event import SELF_TEST
from detection.event import Event, EventPhase
from ingest.clips.clip_writer import write_clip
from ingest.clock import Clock, SystemClock
from ingest.frame import Frame

logger = logging.getLogger(__name__)

_RETRY_S = 1.0
_IDLE_S = 60.0
_TOGETHER = 200  # events a transaction of the spool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderSettings:
    """The film's span, and how much may wait."""

    before_s: float = 5.0
    after_s: float = 10.0
    max_waiting: int = 256
    max_films: int = 32
    max_unspooled: int = 20_000  # about 40 MB

    def films(self) -> ClipSettings:
        """The part that the films need."""
        return ClipSettings(before_s=self.before_s, after_s=self.after_s, max_films=self.max_films)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderStats:
    """What became of events and evidence since the start."""

    spooled: int
    waiting: int
    without_evidence: int
    evidence_failures: int
    unspooled: int  # kept in memory because the spool has no room
    lost: int  # there was no room in memory either
    films_open: int
    films_made: int
    films_failed: int
    films_refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    event: Event
    frame: Frame | None
    camera: RecordedCamera | None

    @property
    def has_evidence(self) -> bool:
        """Whether there is a picture to save, or a film to begin."""
        known = self.frame is not None or self.camera is not None
        return known and self.event.phase is EventPhase.RAISED


class EventRecorder:
    """Owns two threads between `start` and `stop`: events, and films."""

    def __init__(
        self,
        store: EvidenceStore,
        spool: Spool,
        *,
        settings: RecorderSettings | None = None,
        clock: Clock | None = None,
        write: WriteClip = write_clip,
    ) -> None:
        self._settings = settings or RecorderSettings()
        self._store = store
        self._spool = spool
        self._clock = clock or SystemClock()
        self._writer = CaseWriter(
            store,
            worker=spool.source,
            before_s=self._settings.before_s,
            clock=self._clock,
            write=write,
        )
        self._films = ClipRecorder(
            store, spool, settings=self._settings.films(), clock=self._clock, write=write
        )
        self._jobs: deque[_Job] = deque()
        self._lock = threading.Lock()  # of the jobs and of the open events
        self._open = {event.event_id: event for event in spool.open_events()}
        self._unspooled: deque[OutboxItem] = deque()
        self._out_lock = threading.Lock()  # of the unspooled, held while the disk is written
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._spooled = 0
        self._without_evidence = 0
        self._evidence_failures = 0
        self._lost = 0

    def start(self) -> None:
        """Start; a second call does nothing."""
        if self._thread is None:
            self._films.start()
            self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Record what was accepted, finish the films with what is there, and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._films.stop(timeout_s)
        self._retry_unspooled()
        if self._unspooled:
            logger.error("%d events are lost: the spool has no room", len(self._unspooled))
            self._lost += len(self._unspooled)

    def accept(self, event: Event, frame: Frame | None, camera: RecordedCamera | None) -> None:
        """Take an event; without a frame and a camera it goes out without evidence."""
        with self._lock:
            self._note_open(event)
            behind = len(self._jobs) >= self._settings.max_waiting
            if not behind:
                self._jobs.append(_Job(event=event, frame=frame, camera=camera))
        if behind:
            self._without_evidence += 1
            self._spool_or_keep(OutboxItem(event=event, evidence_error="recorder behind"))
        self._wake.set()

    def open_events(self) -> list[Event]:
        """What was raised here and not cleared, also before a restart."""
        with self._lock:
            return list(self._open.values())

    def end_open(self, reason: str, camera_id: str | None = None, *, system: bool = False) -> int:
        """Clear what a scene saw that is no more, of one camera or of all; returns how many.

        The system's own events have a watch that clears them itself; `system` ends them too.
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
        """Counts and standing, for status and alarms."""
        return RecorderStats(
            spooled=self._spooled,
            waiting=len(self._jobs),
            without_evidence=self._without_evidence,
            evidence_failures=self._evidence_failures,
            unspooled=len(self._unspooled),
            lost=self._lost,
            films_open=self._films.open_films(),
            films_made=self._films.made,
            films_failed=self._films.failed,
            films_refused=self._films.refused,
        )

    def _note_open(self, event: Event) -> None:
        if event.phase is EventPhase.CLEARED:
            self._open.pop(event.event_id, None)
        elif event.kind != SELF_TEST:
            self._open.setdefault(event.event_id, event)

    def _run(self) -> None:
        while True:
            self._keep_plain()
            self._retry_unspooled()
            job = self._next_job()
            if job is not None:
                self._record(job)
                continue
            if self._stopping.is_set():
                return
            self._clock.wait(self._wake, _RETRY_S if self._unspooled else _IDLE_S)

    def _keep_plain(self) -> None:
        """Those at the front that bring nothing to save are spooled together."""
        plain: list[Event] = []
        with self._lock:
            while self._jobs and not self._jobs[0].has_evidence:
                plain.append(self._jobs.popleft().event)
        for event in plain:
            self._keep(OutboxItem(event=event))

    def _next_job(self) -> _Job | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._wake.clear()
            return None

    def _record(self, job: _Job) -> None:
        """Save what there is to save, then spool the event in any case."""
        evidence: list[EvidenceRef] = []
        error: str | None = None
        if job.event.phase is EventPhase.RAISED and job.frame is not None:
            try:
                evidence, error = self._writer.save(job.event, job.frame, job.camera)
            except Exception as failure:  # outermost line of the task: the event goes out
                logger.exception("evidence of event %s", job.event.event_id)
                error = f"unexpected {type(failure).__name__}"
        if error is not None:
            self._evidence_failures += 1
        self._spool_or_keep(
            OutboxItem(event=job.event, evidence=tuple(evidence), evidence_error=error)
        )
        if job.event.phase is EventPhase.RAISED and job.camera is not None:
            self._begin_film(job.event, evidence, job.camera)

    def _begin_film(
        self, event: Event, evidence: Sequence[EvidenceRef], camera: RecordedCamera
    ) -> None:
        try:
            folder = self._store.folder_of(event)
        except AlertsError as error:
            logger.warning("no film of event %s: %s", event.event_id, error)
            return
        files = [ref for ref in evidence if ref.kind is not EvidenceKind.MANIFEST]
        film = PendingClip(event=event, folder=folder, files=files, preroll=camera.preroll)
        film.collect(self._films.settings)
        if not self._films.begin(film):
            logger.warning("no film of event %s: too many at once", event.event_id)

    def _spool_or_keep(self, draft: OutboxItem) -> None:
        """Spool an event; behind others that wait for room it waits too, to keep the order."""
        self._keep(draft)
        self._retry_unspooled()

    def _keep(self, draft: OutboxItem) -> None:
        with self._out_lock:
            if len(self._unspooled) >= self._settings.max_unspooled:
                self._lost += 1
                return
            self._unspooled.append(draft)

    def _retry_unspooled(self) -> None:
        """Many share one sync of the disk; where many find no room, one may."""
        together = _TOGETHER
        with self._out_lock:
            while self._unspooled:
                first = list(islice(self._unspooled, together))
                try:
                    self._spool.append_all(first, self._clock.utc())
                except SpoolError as error:
                    if len(first) > 1:
                        together = 1
                        continue
                    logger.error("%d events wait in memory: %s", len(self._unspooled), error)
                    return
                for _ in first:
                    self._unspooled.popleft()
                self._spooled += len(first)
