"""Clips of raised events: from some seconds before until some seconds after.

One thread collects packets, writes each clip to the worker's own disk, and sends an `updated`
message with the files.
"""

import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from thapcanh.alerts.evidence.cases.case_folder import MANIFEST, ClipFacts, manifest
from thapcanh.alerts.evidence.staging import EvidenceStaging, StagedPart
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.queue.spool import OutboxItem
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clip_writer import ClipInfo, write_clip
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

FILM = "clip.mp4"
VIEWING = "clip_viewing.mp4"


class WriteClip(Protocol):
    """Writer of clips: `thapcanh.ingest.clip_writer.write_clip`, or a test's."""

    def __call__(
        self, packets: Sequence[Packet], path: Path, *,
        around_s: float | None = None, mask: PrivacyMask | None = None,
    ) -> ClipInfo:  # fmt: skip
        """Write the packets; of several streams, the one at the camera time `around_s`."""
        ...


class PacketStore(Protocol):
    """Required interface of a camera's pre-roll."""

    def between(self, from_s: float, to_s: float) -> list[Packet]:
        """Return packets of a span of camera time, from a keyframe on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings:
    """Spans in seconds of camera time; waits in seconds of wall time."""

    before_s: float = 5.0
    after_s: float = 10.0
    grace_s: float = 5.0  # how much longer a camera may take that fell behind or away
    collect_every_s: float = 1.0
    max_films: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """Files of a finished clip, or why there are none."""

    files: tuple[EvidenceRef, ...]
    error: str | None


@dataclass(slots=True, kw_only=True)
class PendingClip:
    """Clip in progress; only the clips' thread changes it."""

    event: Event
    folder: str
    files: list[EvidenceRef]  # of the case so far
    preroll: PacketStore
    mask: PrivacyMask = field(default_factory=lambda: PrivacyMask(()))
    deadline: float = math.inf  # of the monotonic clock
    packets: list[Packet] = field(default_factory=list)
    complete: bool = False

    def collect(self, settings: ClipSettings) -> None:
        """Collect the packets since the last call."""
        first_s = self.event.at_s - settings.before_s
        last_s = self.event.at_s + settings.after_s
        newer = self.preroll.between(last_s, math.inf)
        self.complete = any(packet.at_s >= last_s for packet in newer)
        # Cut in decoding order by the pre-roll: no packet is kept whose reference is not.
        found = self.preroll.between(self.packets[-1].at_s if self.packets else first_s, last_s)
        existing = {id(packet) for packet in self.packets}
        self.packets += [each for each in found if id(each) not in existing]


class ClipRecorder:
    """Recorder of clips with one thread between `start` and `stop`."""

    def __init__(
        self,
        staging: EvidenceStaging,
        report: Callable[[OutboxItem, StagedPart], None],
        *,
        worker: str,
        settings: ClipSettings | None = None,
        clock: Clock | None = None,
        write: WriteClip = write_clip,
    ) -> None:
        self.settings = settings or ClipSettings()
        self._staging = staging
        self._store = staging.stores[StagedPart.FILM]
        self._tell = report
        self._worker = worker
        self._clock = clock or SystemClock()
        self._write = write
        self._films: list[PendingClip] = []
        self._lock = threading.Lock()
        self._thread = StoppableThread(self._run, "films", self._clock)
        self.made = 0
        self.refused = 0
        self.failed = 0

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        self._thread.stop(timeout_s)

    def begin(self, film: PendingClip) -> bool:
        """Start a clip; return False if there are too many."""
        settings = self.settings
        film.deadline = self._clock.monotonic() + settings.after_s + settings.grace_s
        with self._lock:
            if len(self._films) >= settings.max_films:
                self.refused += 1
                return False
            self._films.append(film)
        self._thread.wake()
        return True

    def open_clips(self) -> int:
        with self._lock:
            return len(self._films)

    def turn(self) -> None:
        """Collect packets for every clip, and finish those whose time is over."""
        with self._lock:
            films = list(self._films)
        for film in films:
            film.collect(self.settings)
            over = film.complete or self._clock.monotonic() >= film.deadline
            if over or self._thread.is_stopping:
                self._finish(film)

    def _run(self) -> None:
        while True:
            try:
                self.turn()
            except Exception:  # outermost line of the thread
                log.exception("films: unexpected")
            if self._thread.is_stopping:
                return
            self._thread.clear_wakes()
            idle_s = self.settings.collect_every_s if self.open_clips() else 60.0
            self._thread.rest(idle_s)

    def _make(self, film: PendingClip) -> ClipResult:
        """Write and seal a clip; a failure becomes part of the result."""
        try:
            files = self._write_film(film)
        except (AlertsError, ClipError) as failure:
            error = f"clip: {failure}"
        except Exception as failure:  # outermost line of the task: other films go on
            log.exception("film of event %s", film.event.event_id)
            error = f"clip: unexpected {type(failure).__name__}"
        else:
            self.made += 1
            return ClipResult(files=tuple(files), error=None)
        self.failed += 1
        log.warning("event %s: %s", film.event.event_id, error)
        return ClipResult(files=(), error=error)

    def _finish(self, film: PendingClip) -> None:
        result = self._make(film)
        with self._lock:
            self._films.remove(film)
        draft = OutboxItem(
            event=replace(film.event, phase=EventPhase.UPDATED, reason="film"),
            evidence=result.files,
            evidence_error=result.error,
            evidence_only=True,
        )
        self._tell(draft, StagedPart.FILM)

    def _write_film(self, film: PendingClip) -> list[EvidenceRef]:
        self._staging.require_room()
        place = self._store.make_folder(film.folder)
        info = self._write(film.packets, place / FILM, around_s=film.event.at_s, mask=film.mask)
        added = [self._store.seal(film.folder, FILM, EvidenceKind.CLIP)]
        if not info.plays_everywhere and not self._thread.is_stopping:
            write_clip(film.packets, place / VIEWING, viewing=True, around_s=film.event.at_s)
            added.append(self._store.seal(film.folder, VIEWING, EvidenceKind.CLIP_VIEWING))
        text = manifest(
            film.event,
            worker=self._worker,
            made_at=self._clock.utc(),
            files=[*film.files, *added],
            notes=clip_notes(info, film.event, is_masked=bool(film.mask)),
            film=clip_facts(info, film.event),
        )
        sealed = self._store.save(film.folder, MANIFEST, EvidenceKind.MANIFEST, text)
        return [*added, sealed]


def clip_facts(info: ClipInfo, event: Event) -> ClipFacts:
    """Return a clip's facts; it starts at a keyframe, not at the requested time."""
    return ClipFacts(before_s=event.at_s - info.start_s, duration_s=info.duration_s)


def clip_notes(info: ClipInfo, event: Event, *, is_masked: bool = False) -> list[str]:
    """Return what an examiner must know of a clip."""
    origin = "the camera's own packets" if info.copied else f"encoded again as {info.codec}"
    before_s = event.at_s - info.start_s
    notes = [f"{info.path.name}: {origin}, {info.duration_s:.1f} s, from {before_s:.1f} s before"]
    if is_masked:
        notes.append(f"{info.path.name}: the camera's privacy masks are painted over")
    if info.left_out:
        notes.append(f"{info.path.name}: {info.left_out} packets of another stream left out")
    return notes
