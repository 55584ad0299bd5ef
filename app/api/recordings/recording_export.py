"""A stretch of one camera to take away: a zip of films, a manifest of their seals, a guide.

One MP4 for each run of segments, the camera's own packets. Files are read twice, first to be
sealed, then to be sent, so that the manifest's own seal stands in the action log before the first
byte leaves; nothing is held in memory or written to a disk. Of a camera with privacy masks the
films are encoded again, masked, into nameless files that go with the answer. Raises `OSError`.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from alerts.evidence.zip_pipe import ZipPipe
from app.api.recordings.transcoded_segment import transcoded
from app.api.schemas.base import iso
from config.geometry import Polygon
from config.local_time import LOCAL_TZ
from ingest.recording.library import RecordedStretch, segment_path
from ingest.recording.timeline import RecordingSegment

FORM = "thapcanh.recording.v1"
MANIFEST = "manifest.json"
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFilm:
    """One film of the zip: the segments of a run, one after the other."""

    name: str
    segments: tuple[tuple[RecordingSegment, Path], ...]
    encoded: IO[bytes] | None = None
    """The film, where it is not the segments' own bytes."""
    sha256: str = ""
    size_bytes: int = 0

    def pieces(self) -> Iterator[bytes]:
        """The film: the first segment whole, the others without their header."""
        if self.encoded is not None:
            self.encoded.seek(0)
            while piece := self.encoded.read(_CHUNK_BYTES):
                yield piece
            return
        for number, (segment, path) in enumerate(self.segments):
            with path.open("rb") as file:
                file.seek(segment.init_bytes if number else 0)
                while piece := file.read(_CHUNK_BYTES):
                    yield piece

    def sealed(self) -> "ExportedFilm":
        """The same with its size and seal."""
        digest, size = hashlib.sha256(), 0
        for piece in self.pieces():
            digest.update(piece)
            size += len(piece)
        return replace(self, sha256=digest.hexdigest(), size_bytes=size)


def films_of(
    folder: Path, stretch: RecordedStretch, masks: tuple[Polygon, ...]
) -> list[ExportedFilm]:
    """The films of a stretch, masked and sealed. Files that are gone end a film."""
    found = []
    for _, run in groupby(stretch.segments, key=lambda one: one.run):
        kept = [(one, path) for one in run if (path := segment_path(folder, one)) is not None]
        if kept:
            name = f"{stretch.camera_id}-{_local(kept[0][0].from_s):%Y%m%d-%H%M%S}.mp4"
            encoded = _encoded([path for _, path in kept], masks) if masks else None
            film = ExportedFilm(name=name, segments=tuple(kept), encoded=encoded)
            found.append(film.sealed())
    return found


def _encoded(paths: Sequence[Path], masks: tuple[Polygon, ...]) -> IO[bytes]:
    """The segments as one film, the masks painted over. Raises `RecordingsUnavailable` too."""
    film = tempfile.TemporaryFile()  # noqa: SIM115 it is closed with the film that reads it
    is_begun = False
    for path in paths:
        made = transcoded(path, masks)
        if made is not None:
            film.write(made.media if is_begun else made.init + made.media)
            is_begun = True
    return film


def manifest_of(
    stretch: RecordedStretch, films: Sequence[ExportedFilm], facts: dict[str, Any]
) -> bytes:
    """What is in the zip, what is missing, who took it and why."""
    content = {
        "form": FORM,
        **facts,
        "camera": stretch.camera_id,
        "from": iso(stretch.from_s),
        "to": iso(stretch.to_s),
        "files": [
            {
                "name": film.name,
                "from": iso(film.segments[0][0].from_s),
                "to": iso(film.segments[-1][0].to_s),
                "sha256": film.sha256,
                "bytes": film.size_bytes,
                "is_the_cameras_own": film.encoded is None,
            }
            for film in films
        ],
        "gaps": [
            {
                "from": iso(gap.from_s),
                "to": iso(stretch.to_s if gap.to_s is None else gap.to_s),
                "reason": gap.reason,
            }
            for gap in stretch.gaps
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def zip_pieces(
    folder: str, manifest: bytes, films: Sequence[ExportedFilm], made_at: float
) -> Iterator[bytes]:
    """The zip, piece by piece; films are stored as they are, and closed at the end."""
    with ExitStack() as ended:
        for film in films:
            if film.encoded is not None:
                ended.callback(film.encoded.close)
        yield from _zip_pieces(folder, manifest, films, made_at)


def _zip_pieces(
    folder: str, manifest: bytes, films: Sequence[ExportedFilm], made_at: float
) -> Iterator[bytes]:
    pipe = ZipPipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(folder, MANIFEST, made_at), manifest)
        for film in films:
            entry = _entry(folder, film.name, made_at)
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in film.pieces():
                    target.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def _entry(folder: str, name: str, made_at: float) -> zipfile.ZipInfo:
    made = _local(made_at)
    entry = zipfile.ZipInfo(
        f"{folder}/{name}",
        (made.year, made.month, made.day, made.hour, made.minute, made.second),
    )
    entry.external_attr = 0o644 << 16
    return entry


def _local(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC).astimezone(LOCAL_TZ)
