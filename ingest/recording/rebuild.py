"""Rebuild of the recording index from the files, on a thread beside recording."""

import logging
import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from thapcanh.ingest.recording.disk import RecordingDisk
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.journal import segments_added
from thapcanh.ingest.recording.segment_file import finished_files, segment_of
from thapcanh.ingest.stoppable_thread import StoppableThread

_AT_ONCE = 200

log = logging.getLogger(__name__)


def rebuild_index(folder: Path, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Add every finished file missing in the index; return the number of files read.

    It ends between batches once `is_stopping` returns true. Raise `sqlite3.Error` or `OSError`.
    """
    files = finished_files(folder)
    index = RecordingIndex(folder)
    count = 0
    try:
        while batch := list(islice(files, _AT_ONCE)):
            if is_stopping():
                break
            found = [segment_of(path, name) for name, path in batch]
            index.apply(segments_added(one for one in found if one is not None))
            count += len(batch)
    finally:
        index.close()
    return count


class IndexRebuild:
    """Rebuild in the background."""

    def __init__(self, disk: RecordingDisk) -> None:
        self._disk = disk
        self._thread = StoppableThread(self._run, "recording-index")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop within a batch of files."""
        self._thread.stop(5.0)

    def _run(self) -> None:
        try:
            self._disk.require()
            count = rebuild_index(self._disk.folder, lambda: self._thread.is_stopping)
        except (sqlite3.Error, OSError) as error:
            log.error("recording: the index could not be made again: %s", error)
            return
        if count:
            log.warning("recording: index made again of %d files", count)
