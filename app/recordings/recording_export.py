"""Export of a camera's recordings: a zip of videos, a manifest of seals, a guide.

Files are read twice, for sealing and sending, so that the manifest's seal is logged before the
first byte is sent; nothing is held in memory. Raises `OSError`.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from thapcanh.alerts.evidence.cases.case_export import pieces_of
from thapcanh.alerts.evidence.zip_pipe import ZipPipe
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.ingest.recording.boxes import run_pieces
from thapcanh.ingest.recording.library import RecordedStretch
from thapcanh.ingest.recording.store.recorded_film import RecordedFilm
from thapcanh.ingest.recording.store.segment_keys import StoredSegment
from thapcanh.ingest.recording.timeline import RecordingSegment

FORM = "thapcanh.recording.v1"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFilm:
    """One video of the zip: the segments of a run."""

    name: str
    segments: tuple[RecordingSegment, ...]
    path_of: Callable[[RecordingSegment], Path | None]
    """Its file; of one in the store of all machines, fetched when it is asked for."""
    copy_at: Path | None = None
    """The film, where it is not the segments' own bytes."""
    unreadable: int = 0
    """Segments that are not in the copy."""
    original_sha256: str = ""
    """Of the segments' own bytes, where there is a copy."""
    sha256: str = ""
    size_bytes: int = 0

    def pieces(self) -> Iterator[bytes]:
        """Yield the video: its copy, or the camera's own packets with times from 0."""
        if self.copy_at is not None:
            return pieces_of(self.copy_at)
        return run_pieces([self._file(segment) for segment in self.segments])

    def _file(self, segment: RecordingSegment) -> Path:
        path = self.path_of(segment)
        if path is None:
            raise FileNotFoundError(segment.path)
        return path

    def sealed(self) -> "ExportedFilm":
        digest, size = hashlib.sha256(), 0
        for piece in self.pieces():
            digest.update(piece)
            size += len(piece)
        return replace(self, sha256=digest.hexdigest(), size_bytes=size)


def films_of(film: RecordedFilm, stretch: RecordedStretch) -> list[ExportedFilm]:
    """Return the unsealed videos of a span; files missing on this machine are left out."""
    found = []
    for _, run in groupby(stretch.segments, key=lambda one: one.run):
        kept = [one for one in run if isinstance(one, StoredSegment) or film.path(one) is not None]
        if kept:
            name = f"{stretch.camera_id}-{_local(kept[0].from_s):%Y%m%d-%H%M%S}.mp4"
            found.append(ExportedFilm(name=name, segments=tuple(kept), path_of=film.path))
    return found


def manifest_of(
    stretch: RecordedStretch, films: Sequence[ExportedFilm], facts: dict[str, Any]
) -> bytes:
    """Return the manifest: contents, gaps, who exported it and why."""
    content = {
        "form": FORM,
        **facts,
        "camera": stretch.camera_id,
        "from": iso(stretch.from_s),
        "to": iso(stretch.to_s),
        "files": [
            {
                "name": film.name,
                "from": iso(film.segments[0].from_s),
                "to": iso(film.segments[-1].to_s),
                "sha256": film.sha256,
                "bytes": film.size_bytes,
                "is_the_cameras_own": film.copy_at is None,
                **_derivation(film),
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


def _derivation(film: ExportedFilm) -> dict[str, object]:
    """Return the original of a copy, and what is missing of it."""
    if film.copy_at is None:
        return {}
    return {
        "derived_from": {"sha256": film.original_sha256},
        "unreadable_segments": film.unreadable,
    }


def zip_pieces(
    folder: str, manifest: bytes, films: Sequence[ExportedFilm], made_at: float
) -> Iterator[bytes]:
    """Yield the zip piece by piece; videos are stored uncompressed."""
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
