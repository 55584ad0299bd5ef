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
from thapcanh.app.recordings.recording_access import asked_film, seen_film
from thapcanh.app.recordings.recording_export import ExportedFilm, films_of, manifest_of, zip_pieces
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.downloads import ZIP, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.recording.library import RecordedStretch
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.recorded_film import RecordedFilm
from thapcanh.ingest.recording.store.segment_keys import StoredSegment

EXPORTED = "recording_exported"
LONGEST_H = 1
_READER = BoundedReader(at_once=2, within_s=30.0)  # an hour of film is sealed meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchExport:
    """Videos of a span; `seals` are those of the originals that are copied."""

    camera: CameraConfig
    stretch: RecordedStretch
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

    def download(self, caller: CurrentUser, here: AppState, export: ExportJob) -> StreamingResponse:
        """Return the zip, after logging its manifest's seal."""
        own = seen_film(caller, here, self.camera.id)
        camera = own.camera
        if not all(own.rights.covers(one.from_s, one.to_s) for one in self.stretch.segments):
            raise ApiError(404, "export_not_found")
        if camera.privacy_masks != self.camera.privacy_masks:
            raise ApiError(409, "export_masks_changed")
        films = asked_film(here, lambda _: [one.sealed() for one in self._leaving(export)], _READER)
        if not films:
            raise ApiError(422, "export_unreadable")
        now_s = here.services.clock.utc()
        facts = {
            "made_at": now_s,
            "made_by": caller.session.user.username,
            **self.terms.facts(),
            "site": self.terms.site.site.name,
            "camera_name": self.camera.name,
            "not_copied": [one.name for one in self.films if not _is_among(one, films)],
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
        log_takeaway(caller, here, action=EXPORTED, object_id=object_id, details=details)
        name = films[0].name.removesuffix(".mp4")
        return download(zip_pieces(name, manifest, films, now_s), ZIP, f"{name}.zip")

    def _leaving(self, export: ExportJob) -> list[ExportedFilm]:
        """Return the videos to pack; one without a copy is left out."""
        if self.prepare is None:
            return list(self.films)
        made = [(one, export.copies.get(one.name)) for one in self.films]
        return [
            replace(
                film,
                copy_at=copy.path,
                unreadable=copy.unreadable,
                original_sha256=self.seals[film.name],
            )
            for film, copy in made
            if copy is not None and copy.path is not None
        ]

    def _prepared(self, folder: Path) -> PreparedExport:
        items = []
        for film in (_fetched(one, folder) for one in self.films):
            self.seals[film.name] = film.sealed().sha256
            began_s = film.segments[0].from_s
            parts = [
                CopyPart(path=str(path), begins_s=one.from_s - began_s, filmed_at=one.from_s)
                for one in film.segments
                if (path := film.path_of(one)) is not None
            ]
            items.append(
                self.terms.item(
                    parts,
                    folder / film.name,
                    of=self.camera.name,
                    original=self.seals[film.name],
                    is_film=True,
                )
            )
        job = self.terms.job(items, self.camera.privacy_masks)
        return PreparedExport(job=job, keys=[one.name for one in self.films])


def stretch_export(
    caller: CurrentUser, here: AppState, wanted: RecordingExportRequest, terms: ExportTerms
) -> StretchExport:
    """Return the export of a span. Raises `ApiError` if it is empty or too long."""
    own = seen_film(caller, here, wanted.camera)
    camera = own.camera
    if not 0 < wanted.ends - wanted.begins <= LONGEST_H * 3600:
        raise ApiError(422, "recording_stretch", hours=LONGEST_H)
    now_s = here.services.clock.utc()

    def found(film: RecordedFilm) -> tuple[RecordedStretch, list[ExportedFilm]]:
        stretch = own.cut(film.stretch(camera.id, wanted.begins, wanted.ends, now_s))
        return stretch, films_of(film, stretch)

    stretch, films = asked_film(here, found)
    if not films:
        raise ApiError(404, "recording_not_found")
    return StretchExport(camera=camera, stretch=stretch, films=films, terms=terms)


def _is_among(film: ExportedFilm, films: Sequence[ExportedFilm]) -> bool:
    return any(one.name == film.name for one in films)


def _fetched(film: ExportedFilm, folder: Path) -> ExportedFilm:
    """Return the video from files that exist until it is copied. Raises `ExportUnprepared`."""
    kept: dict[str, Path] = {}
    try:
        for one in film.segments:
            path = film.path_of(one)
            if isinstance(one, StoredSegment) and path is not None:
                kept[one.path] = folder / f"{ORIGINAL}{one.sha256}.mp4"
                if not kept[one.path].exists():
                    os.link(path, kept[one.path])
    except ObjectStoreError as error:
        raise ExportUnprepared(str(error)) from error
    return replace(film, path_of=lambda one: kept.get(one.path) or film.path_of(one))
