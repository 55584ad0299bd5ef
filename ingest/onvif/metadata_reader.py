"""Reader thread of a camera's own object boxes."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from thapcanh.ingest.backoff import BESIDE_BACKOFF, HOPELESS_BACKOFF, Backoff
from thapcanh.ingest.errors import Garbled, SourceError
from thapcanh.ingest.onvif.metadata import CameraObject, MetadataRefused, read_metadata
from thapcanh.ingest.sources.rtsp_metadata import MetadataTrack
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
NEAR_S = 0.6
"""Boxes of so long before a picture are its own: cameras tell of some objects now and then only."""
AFTER_S = 0.2
LATE_S = 2.0
"""Later than usual by this: the boxes are of another picture."""
LEARNT_AFTER_S = 10.0
"""Late for so long: not the way is slow, the camera's clock was put back."""
_MOST_STORED = 128
_STORED_EVERY_S = 0.1
_MOST_REFUSED = 50  # in a row
SHARE = 0.05
"""Of a processor: a camera whose documents take more has some of them left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataState:
    """State of a camera's boxes; `detail` is the reason in one line without secrets."""

    is_on: bool = False
    detail: str = "not begun"
    documents: int = 0
    late: int = 0


class Lateness:
    """Delay of a document relative to the quickest one of its session."""

    def __init__(self) -> None:
        self._least: float | None = None
        self._timely_at = 0.0

    def judge(self, told_at: float | None, now: float) -> bool:
        """Return whether it is too late; `told_at` by the camera's clock, `now` by ours."""
        if told_at is None:
            return False
        apart = now - told_at
        is_learnt = now - self._timely_at > LEARNT_AFTER_S
        if self._least is None or is_learnt or apart < self._least:
            self._least = apart
        is_late = apart - self._least > LATE_S
        self._timely_at = self._timely_at if is_late else now
        return is_late


class ObjectLog:
    """Recent objects of a camera; one writer, any number of readers."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, tuple[CameraObject, ...]]] = deque(maxlen=_MOST_STORED)
        self._lock = threading.Lock()

    def keep(self, at: float, objects: tuple[CameraObject, ...]) -> None:
        """Store objects of this time (UTC unix seconds); the last of one time wins."""
        with self._lock:
            if self._kept and self._kept[-1][0] > at:
                self._kept.clear()  # our own clock was put back
            if len(self._kept) > 1 and at - self._kept[-2][0] < _STORED_EVERY_S:
                self._kept.pop()
            self._kept.append((at, objects))

    def near(self, captured_at: float) -> tuple[CameraObject, ...]:
        """Return the newest of each object around a picture's time."""
        with self._lock:
            retained = list(self._kept)
        found: dict[str, CameraObject] = {}
        for at, objects in retained:
            if captured_at - NEAR_S <= at <= captured_at + AFTER_S:
                found |= {one.id: one for one in objects}
        return tuple(found.values())


class MetadataReader:
    """Metadata reader of one camera; started once, stopped once."""

    def __init__(
        self,
        camera_id: str,
        open_track: Callable[[], AbstractContextManager[MetadataTrack]],
        on_objects: Callable[[str, tuple[CameraObject, ...]], None],
        *,
        retry: Backoff = BESIDE_BACKOFF,
        hopeless: Backoff = HOPELESS_BACKOFF,
        utc: Callable[[], float] = time.time,
    ) -> None:
        """Create a reader that calls `on_objects` on its thread for each document."""
        self._camera_id = camera_id
        self._open_track = open_track
        self._on_objects = on_objects
        self._retry, self._hopeless = retry, hopeless
        self._utc = utc
        self.seen = ObjectLog()
        self.state = MetadataState()
        self._track: MetadataTrack | None = None
        self._thread = StoppableThread(
            self._run, f"metadata-{camera_id}", interrupt=self._interrupt
        )

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        """Request the stop."""
        self._thread.request_stop()

    def stop(self, timeout_s: float = 10.0) -> bool:
        return self._thread.stop(timeout_s)

    def _interrupt(self) -> None:
        track = self._track
        if track is not None:
            track.interrupt()

    def _run(self) -> None:
        failures = 0
        while not self._thread.is_stopping:
            before = self.state.documents
            waits, problem = self._retry, "a fault of ours, see the log"
            try:
                self._read()
                return
            except SourceError as error:
                problem = str(error)
                waits = self._retry if error.retry_helps else self._hopeless
            except Exception:  # the outermost line of this thread
                log.exception("camera %s: reading its metadata failed", self._camera_id)
            if self._thread.is_stopping:
                return
            failures = 1 if self.state.documents > before else failures + 1
            self._change(is_on=False, detail=problem)
            self._thread.pause(waits.wait_s(failures))

    def _read(self) -> None:
        """Read one session until it fails or is stopped."""
        lateness, refused, pending_until = Lateness(), 0, 0.0
        with self._open_track() as track:
            self._track = track
            if self._thread.is_stopping:
                return
            self._change(is_on=True, detail="its boxes come")
            try:
                for document in track:
                    if self._thread.is_stopping:
                        return
                    if time.monotonic() < pending_until:
                        continue
                    started = time.thread_time()
                    problem = self._take(document, lateness)
                    spent_s = time.thread_time() - started
                    pending_until = time.monotonic() + spent_s * (1.0 / SHARE - 1.0)
                    refused = 0 if problem is None else refused + 1
                    if problem is not None and refused > _MOST_REFUSED:
                        raise Garbled(
                            track.shown,
                            problem=problem,
                            way_out="set its metadata to ONVIF XML without compression",
                        )
            finally:
                self._track = None

    def _take(self, document: bytes, lateness: Lateness) -> str | None:
        """Read a document; return why it was refused, or None."""
        try:
            reported = read_metadata(document)
        except MetadataRefused as refused:
            return str(refused)
        now = self._utc()
        is_late = reported is not None and lateness.judge(reported.told_at, now)
        self.state = replace(
            self.state, documents=self.state.documents + 1, late=self.state.late + is_late
        )
        if reported is not None and not is_late:
            self.seen.keep(now, reported.objects)
            self._on_objects(self._camera_id, reported.objects)
        return None

    def _change(self, *, is_on: bool, detail: str) -> None:
        before = self.state
        self.state = replace(before, is_on=is_on, detail=detail)
        if (before.is_on, before.detail) != (is_on, detail):
            level = logging.INFO if is_on else logging.WARNING
            log.log(level, "camera %s: metadata: %s", self._camera_id, detail)
