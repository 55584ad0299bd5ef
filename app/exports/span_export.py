"""Export of a span of recordings: copies with people hidden, or originals."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi.responses import StreamingResponse

from thapcanh.app.exports.child import CopyPart
from thapcanh.app.exports.export_job import ExportJob, ExportUnprepared, Prepare, PreparedExport
from thapcanh.app.exports.export_schemas import RecordingExportRequest
from thapcanh.app.exports.jobs import ORIGINAL
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.process.bounded_reader import BoundedReader
from thapcanh.app.recordings.recording_access import read_recordings, visible_recordings
from thapcanh.app.recordings.recording_export import (
    ExportedFilm,
    manifest_of,
    recordings_to_export,
    zip_pieces,
)
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.downloads import ZIP, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.recording.library import RecordedInterval
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess
from thapcanh.ingest.recording.store.segment_keys import StoredSegment

EXPORTED = "recording_exported"
LONGEST_H = 1
_READER = BoundedReader(at_once=2, within_s=30.0)  # an hour of film is sealed meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanExport:
    """Videos of a span; `seals` are those of the originals that are copied."""

    camera: CameraConfig
    stretch: RecordedInterval
    films: Sequence[ExportedFilm]
    terms: ExportTerms
    seals: dict[str, str] = field(default_factory=dict)

    @property
    def is_blurred(self) -> bool:
        return self.terms.is_blurred

    @property
    def prepare(self) -> Prepare | None:
        """Function that makes its copies; None if the camera's own packets are exported."""
        return self._prepared if self.is_blurred or self.camera.privacy_masks else None

    def download(
        self, caller: CurrentUser, state: AppState, export: ExportJob
    ) -> StreamingResponse:
        """Return the zip, after logging its manifest's seal."""
        own = visible_recordings(caller, state, self.camera.id)
        camera = own.camera
        if not all(own.rights.covers(item.from_s, item.to_s) for item in self.stretch.segments):
            raise ApiError(404, "export_not_found")
        if camera.privacy_masks != self.camera.privacy_masks:
            raise ApiError(409, "export_masks_changed")
        films = read_recordings(
            state, lambda _: [item.sealed() for item in self._leaving(export)], _READER
        )
        if not films:
            raise ApiError(422, "export_unreadable")
        now_s = state.services.clock.utc()
        facts = {
            "made_at": now_s,
            "made_by": caller.session.user.username,
            **self.terms.facts(),
            "site": self.terms.site.site.name,
            "camera_name": self.camera.name,
            "not_copied": [item.name for item in self.films if not _is_among(item, films)],
        }
        manifest = manifest_of(self.stretch, films, facts)
        details = {
            **self.terms.facts(),
            "from": self.stretch.from_s,
            "to": self.stretch.to_s,
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "files": len(films),
        }
        object_id = f"recording:{self.camera.id}"
        log_takeaway(caller, state, action=EXPORTED, object_id=object_id, details=details)
        name = films[0].name.removesuffix(".mp4")
        return download(zip_pieces(name, manifest, films, now_s), ZIP, f"{name}.zip")

    def _leaving(self, export: ExportJob) -> list[ExportedFilm]:
        """Return the videos to pack; one without a copy is left out."""
        if self.prepare is None:
            return list(self.films)
        made = [(item, export.copies.get(item.name)) for item in self.films]
        return [
            replace(
                recording,
                copy_at=copy.path,
                unreadable=copy.unreadable,
                original_sha256=self.seals[recording.name],
            )
            for recording, copy in made
            if copy is not None and copy.path is not None
        ]

    def _prepared(self, folder: Path) -> PreparedExport:
        items = []
        for recording in (_fetched(item, folder) for item in self.films):
            self.seals[recording.name] = recording.sealed().sha256
            start_s = recording.segments[0].from_s
            parts = [
                CopyPart(path=str(path), begins_s=item.from_s - start_s, filmed_at=item.from_s)
                for item in recording.segments
                if (path := recording.path_of(item)) is not None
            ]
            items.append(
                self.terms.item(
                    parts,
                    folder / recording.name,
                    of=self.camera.name,
                    original=self.seals[recording.name],
                    is_film=True,
                )
            )
        job = self.terms.job(items, self.camera.privacy_masks)
        return PreparedExport(job=job, keys=[item.name for item in self.films])


def span_export(
    caller: CurrentUser, state: AppState, body: RecordingExportRequest, terms: ExportTerms
) -> SpanExport:
    """Return the export of a span. Raises `ApiError` if it is empty or too long."""
    own = visible_recordings(caller, state, body.camera)
    camera = own.camera
    if not 0 < body.ends - body.begins <= LONGEST_H * 3600:
        raise ApiError(422, "recording_stretch", hours=LONGEST_H)
    now_s = state.services.clock.utc()

    def found(recording: SiteRecordingAccess) -> tuple[RecordedInterval, list[ExportedFilm]]:
        stretch = own.cut(recording.stretch(camera.id, body.begins, body.ends, now_s))
        return stretch, recordings_to_export(recording, stretch)

    stretch, films = read_recordings(state, found)
    if not films:
        raise ApiError(404, "recording_not_found")
    return SpanExport(camera=camera, stretch=stretch, films=films, terms=terms)


def _is_among(recording: ExportedFilm, films: Sequence[ExportedFilm]) -> bool:
    return any(item.name == recording.name for item in films)


def _fetched(recording: ExportedFilm, folder: Path) -> ExportedFilm:
    """Return the video from files that exist until it is copied. Raises `ExportUnprepared`."""
    copied: dict[str, Path] = {}
    try:
        for item in recording.segments:
            path = recording.path_of(item)
            if isinstance(item, StoredSegment) and path is not None:
                copied[item.path] = folder / f"{ORIGINAL}{item.sha256}.mp4"
                if not copied[item.path].exists():
                    os.link(path, copied[item.path])
    except ObjectStoreError as error:
        raise ExportUnprepared(str(error)) from error
    return replace(recording, path_of=lambda item: copied.get(item.path) or recording.path_of(item))
