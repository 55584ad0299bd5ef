"""Pending changes of the recording index, until the disk accepts them."""

import logging
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from sqlite3 import DatabaseError

from thapcanh.config.files import rename
from thapcanh.ingest.recording.disk import RecordingDisk
from thapcanh.ingest.recording.index import INDEX_FILE, IndexChange, RecordingIndex, segment_added
from thapcanh.ingest.recording.segment_file import SegmentName
from thapcanh.ingest.recording.timeline import RecordingSegment

_AGAIN = "made again of the files"
log = logging.getLogger(__name__)


class IndexJournal:
    """Collects changes; `flush` writes them."""

    def __init__(self, folder: Path, disk: RecordingDisk | None = None) -> None:
        self.disk = disk or RecordingDisk(folder)
        self._folder = folder
        self._changes: list[IndexChange] = []
        self._finished: list[SegmentName] = []
        self._index: RecordingIndex | None = None
        self.needs_rebuild = False
        """The index began empty: files that were there before are not in it."""

    def note(self, *changes: IndexChange) -> None:
        self._changes.extend(changes)

    def finished(self, segment: RecordingSegment, name: SegmentName) -> None:
        """Queue a complete part."""
        self._changes.extend(segment_added(segment))
        self._finished.append(name)

    def recovered(self, segment: RecordingSegment) -> None:
        """Queue a part that an earlier process left."""
        start_ms = round(segment.from_s * 1000)
        name = SegmentName(camera_id=segment.camera_id, from_ms=start_ms, run=segment.run)
        self.finished(segment, name)

    def index(self) -> RecordingIndex:
        """Return the open index. Raise `sqlite3.Error` or `OSError`."""
        if self._index is None:
            self.disk.require()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._index = self._opened()
            self.needs_rebuild = self.needs_rebuild or self._index.is_new
        return self._index

    def flush(self) -> str | None:
        """Write what waits; return why it could not be, or None."""
        if not self._changes and not self._finished:
            return None
        try:
            self.disk.require()
            if self._changes:
                self.index().apply(self._changes)
                self._changes.clear()
            self._finished = [name for name in self._finished if not self._moved(name)]
        except (sqlite3.Error, OSError) as error:
            self.close()
            with suppress(OSError):
                set_aside(self._folder / INDEX_FILE, error, _AGAIN)
            return f"{INDEX_FILE}: {error}"
        return None

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        index, self._index = self._index, None
        if index is not None:
            index.close()

    def _opened(self) -> RecordingIndex:
        try:
            return RecordingIndex(self._folder)
        except sqlite3.DatabaseError as error:
            if not set_aside(self._folder / INDEX_FILE, error, _AGAIN):
                raise
            return RecordingIndex(self._folder)

    def _moved(self, name: SegmentName) -> bool:
        part, final = self._folder / name.part, self._folder / name.final
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.rename(final)
        except FileNotFoundError:
            self.disk.require()  # else it is on the disk that went this moment, and moved later
            return True  # another worker found it and moved it
        return True


def segments_added(segments: Iterable[RecordingSegment]) -> list[IndexChange]:
    """Return the changes for many segments; indexed ones stay."""
    return [
        (statement.replace("INSERT OR REPLACE", "INSERT OR IGNORE"), values)
        for segment in segments
        for statement, values in segment_added(segment)
    ]


def set_aside(path: Path, error: Exception, instead: str) -> bool:
    """Rename a broken database file; return False if it may only be locked, full or unreadable.

    `instead` is the log's text for what replaces it. Raise `OSError`.
    """
    if type(error) is not DatabaseError:
        return False
    aside = path.with_name(f"{path.name}.broken-{time.time_ns()}")
    rename(path, aside)
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    log.error("%s: %s; set aside as %s, %s", path, error, aside.name, instead)
    return True
