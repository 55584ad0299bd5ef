"""The first files of a raised event: pictures, film so far, manifest.

Runs on the cases' thread. Each file stands for itself: one that fails is named, and the others
are saved and sealed all the same.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from alerts.evidence.cases.case_folder import MANIFEST, ClipFacts, manifest
from alerts.evidence.clips import PacketStore, WriteClip, clip_facts
from alerts.evidence.snapshots import boxed, jpeg, marked
from alerts.evidence.stores.folder import FolderStore
from alerts.queue.message import EvidenceKind, EvidenceRef
from alerts.store.errors import AlertsError, EvidenceFull
from detection.event import Event
from ingest.clock import Clock
from ingest.errors import ClipError
from ingest.frame import Frame
from ingest.privacy_mask import PrivacyMask

SNAPSHOT = "snapshot.jpg"
SNAPSHOT_BOXED = "snapshot_boxed.jpg"
FILM_START = "clip_start.mp4"

_QUICK_CODECS = frozenset({"h264", "hevc"})  # copied, not encoded: no delay for the pictures


class RecordedCamera(Protocol):
    """What is needed of a camera."""

    @property
    def preroll(self) -> PacketStore:
        """The packets of the last seconds."""
        ...

    @property
    def privacy_mask(self) -> PrivacyMask:
        """What nobody may see of it."""
        ...


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
        """The references of what was saved, and the worst of what was not."""
        errors: list[str] = []
        try:
            folder = self._store.folder_of(event)
        except AlertsError as error:
            return [], str(error)
        if camera is not None:
            frame = camera.privacy_mask.on_frame(frame)
        picture = marked(frame.bgr()) if event.exercise else frame.bgr()
        begun: list[ClipFacts] = []
        pieces: list[Callable[[], EvidenceRef | None]] = [
            lambda: self._store.save(folder, SNAPSHOT, EvidenceKind.SNAPSHOT, jpeg(picture)),
            lambda: self._store.save(
                folder, SNAPSHOT_BOXED, EvidenceKind.SNAPSHOT_BOXED, jpeg(boxed(picture, event))
            ),
            lambda: self._film_start(event, folder, camera, begun),
        ]
        tried = [_attempt(piece, errors) for piece in pieces]
        saved = [ref for ref in tried if ref is not None]
        film = begun[0] if begun else None
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
        self, event: Event, folder: str, camera: RecordedCamera | None, begun: list[ClipFacts]
    ) -> EvidenceRef | None:
        """The film up to now, whose facts join `begun`.

        Left to the whole film where it cannot simply be copied, as with privacy masks.
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
        begun.append(clip_facts(info, event))
        return self._store.seal(folder, FILM_START, EvidenceKind.CLIP_START)


def _attempt(piece: Callable[[], EvidenceRef | None], errors: list[str]) -> EvidenceRef | None:
    try:
        return piece()
    except EvidenceFull as error:
        errors.insert(0, f"disk full: {error}")
    except (AlertsError, ClipError) as error:
        errors.append(str(error))
    return None
