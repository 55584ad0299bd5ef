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
from thapcanh.ingest.recording.library import RecordedInterval
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess
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


def recordings_to_export(
    recording: SiteRecordingAccess, span: RecordedInterval
) -> list[ExportedFilm]:
    """Return the unsealed videos of a span; files missing on this machine are left out."""
    found = []
    for _, run in groupby(span.segments, key=lambda item: item.run):
        present = [
            item
            for item in run
            if isinstance(item, StoredSegment) or recording.path(item) is not None
        ]
        if present:
            name = f"{span.camera_id}-{_local(present[0].from_s):%Y%m%d-%H%M%S}.mp4"
            found.append(ExportedFilm(name=name, segments=tuple(present), path_of=recording.path))
    return found


def manifest_of(
    span: RecordedInterval, recordings: Sequence[ExportedFilm], facts: dict[str, Any]
) -> bytes:
    """Return the manifest: contents, gaps, who exported it and why."""
    content = {
        "form": FORM,
        **facts,
        "camera": span.camera_id,
        "from": iso(span.from_s),
        "to": iso(span.to_s),
        "files": [
            {
                "name": recording.name,
                "from": iso(recording.segments[0].from_s),
                "to": iso(recording.segments[-1].to_s),
                "sha256": recording.sha256,
                "bytes": recording.size_bytes,
                "is_the_cameras_own": recording.copy_at is None,
                **_derivation(recording),
            }
            for recording in recordings
        ],
        "gaps": [
            {
                "from": iso(gap.from_s),
                "to": iso(span.to_s if gap.to_s is None else gap.to_s),
                "reason": gap.reason,
            }
            for gap in span.gaps
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _derivation(recording: ExportedFilm) -> dict[str, object]:
    """Return the original of a copy, and what is missing of it."""
    if recording.copy_at is None:
        return {}
    return {
        "derived_from": {"sha256": recording.original_sha256},
        "unreadable_segments": recording.unreadable,
    }


def zip_pieces(
    folder: str, manifest: bytes, recordings: Sequence[ExportedFilm], made_at: float
) -> Iterator[bytes]:
    """Yield the zip piece by piece; videos are stored uncompressed."""
    pipe = ZipPipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(folder, MANIFEST, made_at), manifest)
        for recording in recordings:
            entry = _entry(folder, recording.name, made_at)
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in recording.pieces():
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
