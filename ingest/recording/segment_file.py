"""Segment file, whose name holds camera, start and run for rebuilding the index.

Times in names are UTC milliseconds. Raises `OSError`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from thapcanh.ingest.recording.boxes import read_summary
from thapcanh.ingest.recording.fragments import codec_name
from thapcanh.ingest.recording.timeline import RecordingSegment

PART = ".part"
CAMERAS = "cameras"
_HEADER_AT_MOST = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentName:
    """Parsed segment name."""

    camera_id: str
    from_ms: int
    run: str

    @property
    def part(self) -> str:
        """Path while it is written, relative to the recording folder."""
        return f"{CAMERAS}/{self.camera_id}/{self.from_ms}-{self.run}{PART}"

    @property
    def final(self) -> str:
        start = datetime.fromtimestamp(self.from_ms / 1000, UTC)
        folder = f"{CAMERAS}/{self.camera_id}/{start:%Y-%m-%d}/{start:%H}"
        return f"{folder}/{self.from_ms}-{self.run}.mp4"

    @classmethod
    def read(cls, camera_id: str, path: Path) -> "SegmentName | None":
        """Parse the name of a part or a finished file; None if it is neither."""
        start, _, run = path.stem.partition("-")
        if not (start.isdecimal() and start.isascii() and run.isalnum()):
            return None
        return cls(camera_id=camera_id, from_ms=int(start), run=run)


class SegmentFile:
    """Segment being written; it always holds whole fragments only."""

    def __init__(self, folder: Path, name: SegmentName, header: bytes) -> None:
        self.name = name
        self.init_bytes = len(header)
        self.size_bytes = 0
        path = folder / name.part
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.write(header)
        except BaseException:
            self.discard()
            raise

    def write(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, memoryview(data)[written:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self.size_bytes)
                os.lseek(self._fd, self.size_bytes, os.SEEK_SET)
            raise
        self.size_bytes += len(data)

    def close(self) -> None:
        """Finish: what was written is on the disk, not only in memory."""
        try:
            os.fdatasync(self._fd)
        finally:
            os.close(self._fd)

    def discard(self) -> None:
        with suppress(OSError):
            os.close(self._fd)
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def left_parts(folder: Path, camera_id: str) -> Iterator[RecordingSegment]:
    """Yield the parts of a camera that no process writes, cut to whole fragments.

    Parts without a whole fragment are deleted.
    """
    for path in sorted((folder / CAMERAS / camera_id).glob(f"*{PART}")):
        name = SegmentName.read(camera_id, path)
        if name is None or not _is_free(path):
            continue
        segment = segment_of(path, name)
        if segment is None:
            path.unlink(missing_ok=True)
            continue
        os.truncate(path, segment.size_bytes)
        yield segment


def finished_files(folder: Path) -> Iterator[tuple[SegmentName, Path]]:
    for path in folder.glob(f"{CAMERAS}/*/????-??-??/??/*.mp4"):
        name = SegmentName.read(path.relative_to(folder).parts[1], path)
        if name is not None:
            yield name, path


def segment_of(path: Path, name: SegmentName) -> RecordingSegment | None:
    """Return the segment in a file; None without a whole fragment."""
    summary = read_summary(path)
    if summary is None or not summary.packets:
        return None
    with path.open("rb") as file:
        header = file.read(min(summary.init_bytes, _HEADER_AT_MOST))
    from_s = name.from_ms / 1000
    return RecordingSegment(
        camera_id=name.camera_id,
        from_s=from_s,
        to_s=from_s + summary.duration_s,
        run=name.run,
        path=name.final,
        init_bytes=summary.init_bytes,
        size_bytes=summary.size_bytes,
        packets=summary.packets,
        codec=codec_name(header),
    )


def _is_free(path: Path) -> bool:
    """Return whether no running process writes it."""
    with path.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
