"""Pictures and the film's beginning of raised events, on a thread of their own.

Takes what the recorder accepted after its event was handed to the spool; encodes, writes to the
worker's own disk, and begins the film. Bounded: when too many wait, a case is refused at once.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from alerts.evidence.case_writer import CaseWriter, RecordedCamera
from alerts.evidence.clips import ClipRecorder, PendingClip
from alerts.evidence.staging import EvidenceStaging, StagedPart
from alerts.queue.message import EvidenceKind, EvidenceRef
from alerts.queue.spool import OutboxItem
from alerts.store.errors import AlertsError
from detection.event import Event
from ingest.clock import Clock
from ingest.frame import Frame
from ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

_IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseJob:
    """A raised event with what there is to save of it."""

    event: Event
    frame: Frame | None
    camera: RecordedCamera | None


class CaseRecorder:
    """Owns one thread between `start` and `stop`."""

    def __init__(
        self,
        writer: CaseWriter,
        films: ClipRecorder,
        staging: EvidenceStaging,
        tell: Callable[[OutboxItem, StagedPart], None],
        *,
        clock: Clock,
        max_waiting: int,
    ) -> None:
        """`tell` stages the saved files; they are announced once the store has them."""
        self._writer = writer
        self._films = films
        self._staging = staging
        self._tell = tell
        self._clock = clock
        self._max_waiting = max_waiting
        self._jobs: deque[CaseJob] = deque()
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._run, "cases", self._clock)
        self.without_pictures = 0
        self.failures = 0

    @property
    def waiting(self) -> int:
        """How many cases were taken and not begun."""
        return len(self._jobs)

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Save what was taken, and end."""
        self._thread.stop(timeout_s)

    def take(self, job: CaseJob) -> bool:
        """Take a case; false when too many wait."""
        with self._lock:
            if len(self._jobs) >= self._max_waiting:
                self.without_pictures += 1
                return False
            self._jobs.append(job)
        self._thread.wake()
        return True

    def _run(self) -> None:
        while True:
            is_last = self._thread.is_stopping
            self._thread.begin_round()
            while self._jobs:
                self._record(self._jobs.popleft())
            if is_last:
                return
            self._thread.rest(_IDLE_S)

    def _record(self, job: CaseJob) -> None:
        files: list[EvidenceRef] = []
        if job.frame is not None:
            files, error = self._save(job.event, job.frame, job.camera)
            self.failures += error is not None
            self.without_pictures += not any(ref.kind is EvidenceKind.SNAPSHOT for ref in files)
            told = replace(job.event, reason="pictures")
            draft = OutboxItem(
                event=told, evidence=tuple(files), evidence_error=error, evidence_only=True
            )
            self._tell(draft, StagedPart.PICTURES)
        if job.camera is not None:
            self._begin_film(job.event, files, job.camera)

    def _save(
        self, event: Event, frame: Frame, camera: RecordedCamera | None
    ) -> tuple[list[EvidenceRef], str | None]:
        try:
            self._staging.require_room()
            return self._writer.save(event, frame, camera)
        except AlertsError as error:
            return [], f"disk full: {error}"
        except Exception as failure:  # outermost line of the task: other cases go on
            log.exception("evidence of event %s", event.event_id)
            return [], f"unexpected {type(failure).__name__}"

    def _begin_film(
        self, event: Event, evidence: Sequence[EvidenceRef], camera: RecordedCamera
    ) -> None:
        try:
            folder = self._staging.stores[StagedPart.FILM].folder_of(event)
        except AlertsError as error:
            log.warning("no film of event %s: %s", event.event_id, error)
            return
        files = [ref for ref in evidence if ref.kind is not EvidenceKind.MANIFEST]
        film = PendingClip(
            event=event,
            folder=folder,
            files=files,
            preroll=camera.preroll,
            mask=camera.privacy_mask,
        )
        film.collect(self._films.settings)
        if not self._films.begin(film):
            log.warning("no film of event %s: too many at once", event.event_id)
