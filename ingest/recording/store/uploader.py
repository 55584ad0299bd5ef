"""Upload of finished segments to the shared store, at the lowest priority.

One thread of one worker per machine, the holder of the folder's lock, uploads for all. A hanging
store stops only this thread.
"""

import fcntl
import hashlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.recording.disk import RecordingDisk, RecordingDiskMissing
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.retention import HoldUnreadable
from thapcanh.ingest.recording.store.objects import ObjectStore, ObjectStoreError
from thapcanh.ingest.recording.store.segment_keys import (
    gap_key,
    read_segment,
    segment_key,
    since_key,
    time_prefix,
)
from thapcanh.ingest.recording.store.shared_records import SharedRecords
from thapcanh.ingest.recording.store.waiting import (
    WaitingGap,
    backlog,
    gap_uploaded,
    know_store,
    segment_done,
    waiting_gaps,
    waiting_segments,
)
from thapcanh.ingest.recording.timeline import RecordingGap, RecordingSegment
from thapcanh.ingest.stoppable_thread import StoppableThread

LOCK_FILE = "upload.lock"
PAUSE_S = 2.0
COPY_EVERY_S = 60.0
_OTHER_HOLDS_S = 5.0
_EVIDENCE_FIRST_S = 10.0
"""For so long film waits for evidence that waits; a store of evidence may be down for hours."""
_SURE_S = 600.0
"""What is older may be in the store already, though an index that was made again has forgotten."""
_SAME_TIMESTAMP = 20
_CHUNK_BYTES = 1 << 20

log = logging.getLogger(__name__)


class SegmentUploader:
    """Uploader thread, between `start` and `stop`. `figures` is thread-safe."""

    def __init__(
        self,
        folder: Path,
        store: ObjectStore,
        clock: Clock,
        *,
        mbit: float = 200.0,
        remembered: Path | None = None,
        evidence_waits: Callable[[], bool] = lambda: False,
        backoff: Backoff | None = None,
    ) -> None:
        """`remembered`: the file that knows the folder's disk."""
        self._folder = folder
        self._disk = RecordingDisk(folder, remembered)
        self._store = store
        self._clock = clock
        self._bytes_a_second = mbit * 1e6 / 8
        self._evidence_waits = evidence_waits
        self._backoff = backoff or Backoff(first_s=1.0, longest_s=60.0)
        self._thread = StoppableThread(self._run, "recording-upload", clock)
        self._lock: int | None = None
        self._told_since: set[str] = set()
        self._records = SharedRecords(store)
        self._copied_at = float("-inf")
        self._failures = 0
        self._sent = self._sent_bytes = 0
        self._waiting = 0
        self._oldest_s: float | None = None
        self._error: str | None = None
        self._unreadable: str | None = None

    def start(self) -> None:
        """Start; a second call does nothing."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Stop after the present file; the rest stays on the disk."""
        self._thread.stop(timeout_s)

    def figures(self) -> dict[str, Any] | None:
        """Return the metrics; None if another worker of this machine uploads."""
        if self._lock is None:
            return None
        return {
            "store": self._store.shown,
            "sent": self._sent,
            "sent_bytes": self._sent_bytes,
            "waiting": self._waiting,
            "oldest_at": self._oldest_s,
            "error": self._error or self._unreadable,
        }

    def turn(self) -> int:
        """Upload some waiting segments; return the amount.

        Raise `ObjectStoreError`, `sqlite3.Error` or `OSError`.
        """
        if not (self._folder / INDEX_FILE).exists():
            return 0
        index = RecordingIndex(self._folder)
        try:
            know_store(self._folder, index, self._store.shown)
            self._waiting, self._oldest_s = backlog(index)
            self._copy_records()  # first: a file that fails keeps no hold away
            freed = sum(1 for _ in self._segments(index))
            for gap in waiting_gaps(index, self._clock.utc()):
                self._tell(index, gap)
                freed += 1
            return freed
        finally:
            index.close()

    def _run(self) -> None:
        while not self._thread.is_stopping:
            freed = 0
            try:
                if self._lock_folder():
                    freed = self.turn()
                    self._error, self._failures = None, 0
            except (ObjectStoreError, sqlite3.Error, OSError) as error:
                self._fail(str(error))
            except Exception:  # the outermost line of this thread
                log.exception("recording upload: a fault of ours; it goes on")
                self._fail("a fault of ours")
            self._rest(freed)
        self._unlock()

    def _rest(self, freed: int) -> None:
        if self._failures:
            self._thread.pause(self._backoff.wait_s(self._failures))
        elif self._lock is None:
            self._thread.pause(_OTHER_HOLDS_S)
        elif not freed:
            self._thread.pause(PAUSE_S)

    def _fail(self, error: str) -> None:
        self._failures += 1
        if error != self._error:  # a repeated failure is told once
            log.warning("recordings wait on this machine's disk: %s", error)
        self._error = error

    def _copy_records(self) -> None:
        """Copy the holds and periods for this machine's recorder."""
        now = self._clock.monotonic()
        if now - self._copied_at >= COPY_EVERY_S:
            self._copied_at = now
            try:
                self._records.copy_to(self._folder, self._clock.utc())
            except HoldUnreadable as error:  # the copy is as it was, and grows old
                log.error("recording: %s", error)

    def _lock_folder(self) -> bool:
        """Lock the folder; return False if it is absent or another has it.

        Raise `RecordingDiskMissing`, after unlocking, when the disk is gone.
        """
        try:
            self._disk.require()
        except RecordingDiskMissing:
            self._unlock()  # a lock of the disk that is gone keeps nobody from the one that comes
            raise
        if self._lock is not None:
            return True
        if not self._folder.is_dir():
            return False
        lock = os.open(self._folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _segments(self, index: RecordingIndex) -> Iterator[RecordingSegment]:
        """Upload segments and yield them. An unreadable file does not block others."""
        self._unreadable = None
        is_patient = True
        for segment in waiting_segments(index, self._clock.utc()):
            if self._thread.is_stopping:
                return
            self._copy_records()  # each minute, however long a turn takes
            is_patient = is_patient and self._let_evidence_go()
            started = self._clock.monotonic()
            path = self._folder / segment.path
            if not path.exists() and _is_part(self._folder, segment):
                continue  # its name follows in a moment
            try:
                is_sent = self._send(index, segment, path)
            except OSError as error:
                self._unreadable = f"{path}: {error.strerror}"
                continue
            index.apply([segment_done(segment, is_stored=is_sent)])
            if is_sent:
                self._sent += 1
                self._sent_bytes += segment.size_bytes
                least_s = segment.size_bytes / self._bytes_a_second
                self._thread.pause(max(0.0, started + least_s - self._clock.monotonic()))
            yield segment

    def _let_evidence_go(self) -> bool:
        """Let evidence go first; return False if recordings must not wait longer."""
        until = self._clock.monotonic() + _EVIDENCE_FIRST_S
        while self._evidence_waits() and self._clock.monotonic() < until:
            if self._thread.pause(0.5):
                return False
        return not self._evidence_waits()

    def _send(self, index: RecordingIndex, segment: RecordingSegment, path: Path) -> bool:
        """Upload a segment; return False if there is nothing to send."""
        try:
            if path.stat().st_size != segment.size_bytes:
                log.error("recording %s is not as it was written, and stays here", path)
                return False
            sha256 = _sha256(path)
            self._tell_since(index, segment.camera_id)
            if not self._has(segment, sha256):
                self._store.put(segment_key(segment, sha256), path)
        except FileNotFoundError:  # retention was faster
            return False
        return True

    def _has(self, segment: RecordingSegment, sha256: str) -> bool:
        """Return whether the store has it, for segments older than the index may know."""
        if self._clock.utc() - segment.from_s < _SURE_S:
            return False
        prefix = time_prefix(segment.camera_id, segment.from_s)
        there = [read_segment(one.key) for one in self._store.listed(prefix, most=_SAME_TIMESTAMP)]
        return any(one is not None and one.sha256 == sha256 for one in there)

    def _tell_since(self, index: RecordingIndex, camera_id: str) -> None:
        """Store since when the camera is recorded, once per process."""
        since_s = index.span(camera_id).recorded_from
        if camera_id not in self._told_since and since_s is not None:
            self._store.put(since_key(camera_id, since_s), b"")
            self._told_since.add(camera_id)

    def _tell(self, index: RecordingIndex, waiting: WaitingGap) -> None:
        camera_id, gap = waiting.camera_id, waiting.gap
        self._tell_since(index, camera_id)
        self._store.put(gap_key(camera_id, gap), b"")
        if gap.to_s is not None:
            is_open = RecordingGap(from_s=gap.from_s, to_s=None, reason=gap.reason)
            self._store.delete([gap_key(camera_id, is_open)])
        index.apply([gap_uploaded(camera_id, gap)])


def _is_part(folder: Path, segment: RecordingSegment) -> bool:
    name = Path(segment.path).stem
    return (folder / "cameras" / segment.camera_id / f"{name}.part").exists()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        with suppress(OSError):  # read once: what is played must stay in memory, not this
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while piece := file.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()
