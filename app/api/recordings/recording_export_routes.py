"""Taking a stretch of recordings away: with a purpose, sealed, and in the log before it leaves."""

import hashlib
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.alerts.bounded_reader import BoundedReader
from app.api.app_state import AppStateDep
from app.api.auth.access import CurrentUserDep
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import TAKES_AWAY
from app.api.auth.token_scopes import TokenScope
from app.api.cameras.live_routes import CameraId
from app.api.downloads import ZIP, download, log_takeaway
from app.api.errors import ApiError
from app.api.prefix import PREFIX
from app.api.query_types import UtcTime
from app.api.recordings.recording_access import asked, folder_of, seen_camera
from app.api.recordings.recording_export import (
    ExportedFilm,
    films_of,
    manifest_of,
    zip_pieces,
)
from ingest.recording.library import RecordedStretch, recorded

router = APIRouter(prefix=f"{PREFIX}/recordings", tags=["recordings"])

EXPORTED = "recording_exported"
LONGEST_H = 1
LONGEST_MASKED_H = 1 / 6
_READER = BoundedReader(at_once=2, within_s=30.0)  # an hour of film is sealed meanwhile
_ENCODER = BoundedReader(at_once=1, within_s=300.0)  # or ten minutes are encoded again


class RecordingExportRequest(BaseModel):
    """Which stretch, and for what purpose: it stands in the manifest and in the log."""

    model_config = ConfigDict(extra="forbid")

    begins: UtcTime = Field(alias="from")
    ends: UtcTime = Field(alias="to")
    purpose: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")]


@router.post("/{camera_id}/export", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def export_recording(
    caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId, wanted: RecordingExportRequest
) -> StreamingResponse:
    """A zip of the stretch's films with a sealed manifest; at most an hour.

    Ten minutes of a camera with privacy masks: its films are encoded again, masked.
    """
    camera = seen_camera(caller, here, camera_id)
    masks = camera.privacy_masks
    if not 0 < wanted.ends - wanted.begins <= LONGEST_H * 3600:
        raise ApiError(422, "recording_stretch", hours=LONGEST_H)
    if masks and wanted.ends - wanted.begins > LONGEST_MASKED_H * 3600:
        raise ApiError(422, "recording_masked_stretch", minutes=round(LONGEST_MASKED_H * 60))
    folder, now_s = folder_of(here), here.services.clock.utc()

    def found() -> tuple[RecordedStretch, list[ExportedFilm]]:
        stretch = recorded(folder, camera_id, wanted.begins, wanted.ends, now_s)
        return stretch, films_of(folder, stretch, masks)

    stretch, films = asked(found, _ENCODER if masks else _READER)
    if not films:
        raise ApiError(404, "recording_not_found")
    facts = {
        "made_at": now_s,
        "made_by": caller.session.user.username,
        "purpose": wanted.purpose,
        "site": here.services.site().site.name,
        "camera_name": camera.name,
    }
    manifest = manifest_of(stretch, films, facts)
    details = {
        "purpose": wanted.purpose,
        "from": stretch.from_s,
        "to": stretch.to_s,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "files": len(films),
    }
    log_takeaway(caller, here, action=EXPORTED, object_id=f"recording:{camera_id}", details=details)
    name = films[0].name.removesuffix(".mp4")
    return download(zip_pieces(name, manifest, films, now_s), ZIP, f"{name}.zip")
