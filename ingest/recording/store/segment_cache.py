"""Local cache of recordings from the store, verified by hash before use.

Thread-safe. Raises `OSError` on disk errors.
"""

import hashlib
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from thapcanh.config.files import whole_file
from thapcanh.ingest.recording.store.objects import ObjectStore, ObjectStoreError
from thapcanh.ingest.recording.store.segment_keys import StoredSegment

MOST_BYTES = 2_000_000_000
KEPT_S = 3600.0
"""After the last use: what retention deletes must not live on here."""
_SURELY_UNUSED_S = 120.0
_TIDY_EVERY_S = 30.0
_LONGEST_S = 60.0

log = logging.getLogger(__name__)


class StoredRecordingChanged(ObjectStoreError):
    """Content that does not match its key's hash."""


class SegmentCache:
    """Owns a folder that can be deleted at any time."""

    def __init__(self, folder: Path, store: ObjectStore, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._store = store
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._tidied_at = float("-inf")

    def path_of(self, segment: StoredSegment) -> Path:
        """Return the local file.

        Raise `ObjectMissing`, `StoredRecordingChanged` or `ObjectStoreError`.
        """
        path = self._folder / f"{segment.sha256}.mp4"
        with suppress(FileNotFoundError):
            os.utime(path, (time.time(), segment.from_s))  # the second never changes: it is a name
            return path
        self._tidy(segment.size_bytes)
        self._fetch(segment, path)
        return path

    def _fetch(self, segment: StoredSegment, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with whole_file(path) as draft:
            with draft.open("xb") as file:
                digest, size = hashlib.sha256(), 0
                until = time.monotonic() + _LONGEST_S
                for piece in self._store.read(segment.path):
                    size += len(piece)
                    if size > segment.size_bytes:
                        break
                    if time.monotonic() > until:
                        raise ObjectStoreError(f"S3 store {self._store.shown} is too slow")
                    digest.update(piece)
                    file.write(piece)
            if size != segment.size_bytes or digest.hexdigest() != segment.sha256:
                log.error("S3 store %s: %s was changed", self._store.shown, segment.path)
                raise StoredRecordingChanged(f"S3 store {self._store.shown}: a film was changed")
            os.utime(draft, (time.time(), segment.from_s))

    def _tidy(self, target_bytes: int) -> None:
        """Make room, the longest unused first."""
        with self._lock:
            now = time.monotonic()
            if now - self._tidied_at < _TIDY_EVERY_S or not self._folder.is_dir():
                return
            self._tidied_at = now
        found = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                found.append((facts.st_atime, facts.st_size, path))
        size = sum(one[1] for one in found) + target_bytes
        for used_at, bytes_of, path in sorted(found):
            unused_s = time.time() - used_at
            is_over = size > self._most_bytes and unused_s > _SURELY_UNUSED_S
            if is_over or unused_s > KEPT_S:
                path.unlink(missing_ok=True)
                size -= bytes_of
