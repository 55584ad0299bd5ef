"""Pictures and the start of clips of raised events, on a thread of their own."""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from thapcanh.alerts.evidence.cases.case_folder import MANIFEST, ClipFacts, manifest
from thapcanh.alerts.evidence.clips import (
    ClipRecorder,
    PacketStore,
    PendingClip,
    WriteClip,
    clip_facts,
)
from thapcanh.alerts.evidence.snapshots import boxed, jpeg, marked
from thapcanh.alerts.evidence.staging import EvidenceStaging, StagedPart
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.alerts.store.errors import AlertsError, EvidenceFull
from thapcanh.detection.event import Event
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
_IDLE_S = 60.0
SNAPSHOT = "snapshot.jpg"
SNAPSHOT_BOXED = "snapshot_boxed.jpg"
FILM_START = "clip_start.mp4"
_QUICK_CODECS = frozenset({"h264", "hevc"})  # copied, not encoded: no delay for the pictures


class RecordedCamera(Protocol):
    """Required interface of a camera."""

    @property
    def preroll(self) -> PacketStore:
        """Packets of the last seconds."""
        ...

    @property
    def privacy_mask(self) -> PrivacyMask: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseJob:
    """A raised event with what there is to save of it."""

    event: Event
    frame: Frame | None
    camera: RecordedCamera | None


class CaseWriter:
    """Writes the first files of cases."""

    def __init__(
        self, store: FolderStore, *, worker: str, before_s: float, clock: Clock, write: WriteClip
    ) -> None:
        self._store = store
        self._worker = worker
        self._before_s = before_s
        self._clock = clock
        self._write = write

    def save(
        self, event: Event, frame: Frame, camera: RecordedCamera | None
    ) -> tuple[list[EvidenceRef], str | None]:
        """Return the references of the saved files, and the worst failure."""
        errors: list[str] = []
        try:
            folder = self._store.folder_of(event)
        except AlertsError as error:
            return [], str(error)
        if camera is not None:
            frame = camera.privacy_mask.on_frame(frame)
        picture = marked(frame.bgr()) if event.exercise else frame.bgr()
        started: list[ClipFacts] = []
        pieces: list[Callable[[], EvidenceRef | None]] = [
            lambda: self._store.save(folder, SNAPSHOT, EvidenceKind.SNAPSHOT, jpeg(picture)),
            lambda: self._store.save(
                folder, SNAPSHOT_BOXED, EvidenceKind.SNAPSHOT_BOXED, jpeg(boxed(picture, event))
            ),
            lambda: self._film_start(event, folder, camera, started),
        ]
        tried = [_attempt(piece, errors) for piece in pieces]
        saved = [ref for ref in tried if ref is not None]
        film = started[0] if started else None
        sealed = _attempt(lambda: self._seal(event, folder, saved, errors, film), errors)
        return ([*saved, sealed] if sealed else saved), (errors[0] if errors else None)

    def _seal(
        self, event: Event, folder: str, files: Sequence[EvidenceRef], notes: Sequence[str],
        film: ClipFacts | None,
    ) -> EvidenceRef:  # fmt: skip
        text = manifest(
            event,
            worker=self._worker,
            made_at=self._clock.utc(),
            files=files,
            notes=notes,
            film=film,
        )
        return self._store.save(folder, MANIFEST, EvidenceKind.MANIFEST, text)

    def _film_start(
        self, event: Event, folder: str, camera: RecordedCamera | None, started: list[ClipFacts]
    ) -> EvidenceRef | None:
        """Return the clip so far, whose facts are added to `started`.

        None if it cannot be copied without encoding, as with privacy masks.
        """
        if camera is None or camera.privacy_mask:
            return None
        packets = camera.preroll.between(event.at_s - self._before_s, math.inf)
        if not any(packet.is_keyframe for packet in packets):
            return None
        if packets[0].stream.codec not in _QUICK_CODECS:
            return None
        place = self._store.make_folder(folder)
        info = self._write(packets, place / FILM_START, around_s=event.at_s)
        started.append(clip_facts(info, event))
        return self._store.seal(folder, FILM_START, EvidenceKind.CLIP_START)


class CaseRecorder:
    """Recorder with one thread between `start` and `stop`."""

    def __init__(
        self,
        writer: CaseWriter,
        recordings: ClipRecorder,
        staging: EvidenceStaging,
        report: Callable[[OutboxItem, StagedPart], None],
        *,
        clock: Clock,
        max_waiting: int,
    ) -> None:
        """Create it; `report` stages the saved files, announced once the store has them."""
        self._writer = writer
        self._films = recordings
        self._staging = staging
        self._tell = report
        self._clock = clock
        self._max_waiting = max_waiting
        self._jobs: deque[CaseJob] = deque()
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._run, "cases", self._clock)
        self.without_pictures = 0
        self.failures = 0

    @property
    def waiting(self) -> int:
        """Number of accepted jobs that have not started."""
        return len(self._jobs)

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Save what was accepted, and stop."""
        self._thread.stop(timeout_s)

    def take(self, job: CaseJob) -> bool:
        """Accept a job; return False if too many wait."""
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
            self._thread.clear_wakes()
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
            reported = replace(job.event, reason="pictures")
            draft = OutboxItem(
                event=reported, evidence=tuple(files), evidence_error=error, evidence_only=True
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
            self._tell_no_film(event, str(error))
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
            self._tell_no_film(event, "too many at once")

    def _tell_no_film(self, event: Event, why: str) -> None:
        log.warning("no film of event %s: %s", event.event_id, why)
        reported = replace(event, reason="film")
        draft = OutboxItem(event=reported, evidence_error=f"clip: {why}", evidence_only=True)
        self._tell(draft, StagedPart.FILM)


def _attempt(piece: Callable[[], EvidenceRef | None], errors: list[str]) -> EvidenceRef | None:
    try:
        return piece()
    except EvidenceFull as error:
        errors.insert(0, f"disk full: {error}")
    except (AlertsError, ClipError) as error:
        errors.append(str(error))
    return None
