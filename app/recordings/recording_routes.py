"""Web routes of recordings: spans and gaps, HLS, single pictures.

Disk and store are read on a few threads with a time limit; a file is sent only from the recording
folder, or from the store if its hash matches.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, Response
from pydantic import Field

from thapcanh.app.live.live_routes import CAPTURED_AT, CameraId
from thapcanh.app.process.bounded_reader import BoundedReader
from thapcanh.app.recordings import transcoded_segment
from thapcanh.app.recordings.playlist import MEDIA_TYPE, playlist
from thapcanh.app.recordings.recording_access import (
    VisibleRecordings,
    asked,
    read_recordings,
    recordings_of_removed,
    visible_recordings,
)
from thapcanh.app.viewings.viewing_log import ViewingLog
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import ApiModel, More, Time, first_of, iso
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.recording.boxes import from_zero
from thapcanh.ingest.recording.library import RecordedInterval, still
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess
from thapcanh.ingest.recording.timeline import GapReason, RecordingSegment

router = APIRouter(prefix=f"{PREFIX}/recordings", tags=["recordings"])

LONGEST_H = 24
_MOST_REMOVED = 500  # cameras that are watched no more, the last to go
_DECODER = BoundedReader(at_once=2, within_s=8.0)
_TRANSCODER = BoundedReader(at_once=4, within_s=20.0)
MP4 = "video/mp4"
_SHORT = "private, max-age=300"  # retention deletes, and rights change
_CHANGES = "private, no-cache"  # masks may be drawn at any moment

From = Annotated[UtcTime, Query(alias="from", description="ISO 8601 or unix seconds")]
To = Annotated[UtcTime, Query(alias="to")]


class SegmentForm(StrEnum):
    """Part of a segment that is transcoded to H.264 on request."""

    WHOLE = "whole"
    INIT = "init"
    MEDIA = "media"


class RecordedSegmentResponse(ApiModel):
    """One file; `id` names it under `segments/ID.mp4`. Same `run`: it continues the one before."""

    id: int
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    run: str
    bytes: int
    codec: str


class RecordedGapResponse(ApiModel):
    """A missing span with its reason."""

    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    reason: GapReason
    packets: int


class RemovedCameraResponse(ApiModel):
    """A removed camera, and the span of its recordings."""

    id: str
    name: str
    agency: str | None
    area: str | None
    removed_at: Time
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")


class RemovedCamerasResponse(ApiModel):
    """The last to go first."""

    items: list[RemovedCameraResponse]
    more: More


class RecordingResponse(ApiModel):
    """Recordings of a span. `kept_from`: older ones were deleted."""

    camera: str
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    recorded_from: Time | None
    kept_from: Time | None
    segments: list[RecordedSegmentResponse]
    gaps: list[RecordedGapResponse]


@router.get("")
@permits(EVERYONE, token=TokenScope.READ)
def whose_cameras_are_gone(caller: CurrentUserDep, state: AppStateDep) -> RemovedCamerasResponse:
    """List removed or disabled cameras with visible recordings."""
    if state.services.site().recording.dir is None:
        return RemovedCamerasResponse(items=[], more=False)
    recordings = {
        recording.camera.id: (recording, ended)
        for recording, ended in recordings_of_removed(caller, state)
    }
    ended = {camera_id: at for camera_id, (_, at) in recordings.items()}
    kept = read_recordings(state, lambda recording: recording.kept(ended))
    items = []
    for camera_id, (recording, at) in recordings.items():
        visible = recording.rights.cut(*kept[camera_id]) if camera_id in kept else []
        if visible:
            items.append(
                RemovedCameraResponse(
                    id=camera_id,
                    name=recording.camera.name,
                    agency=recording.camera.agency,
                    area=recording.camera.area,
                    removed_at=at,
                    begins=visible[0][0],
                    ends=visible[-1][1],
                )
            )
    listed, more = first_of(items, _MOST_REMOVED)
    return RemovedCamerasResponse(items=list(listed), more=more)


@router.get("/{camera_id}")
@permits(EVERYONE, token=TokenScope.READ)
def what_is_recorded(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId, begins: From, ends: To
) -> RecordingResponse:
    """Return the segments of a span, and every gap with its reason; at most a day."""
    recording = visible_recordings(caller, state, camera_id)
    found = _span(state, recording, begins, ends)
    is_transcoded = bool(recording.camera.privacy_masks)
    return _response(found, codec=transcoded_segment.CODEC if is_transcoded else None)


@router.get("/{camera_id}/playlist.m3u8", response_class=Response)
@permits(EVERYONE, token=TokenScope.PICTURES)
def as_playlist(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: CameraId,
    begins: From,
    ends: To,
    *,
    h264: Annotated[bool, Query(description="for browsers that do not play H.265")] = False,
) -> Response:
    """Return the span as an HLS playlist of fragmented MP4."""
    recording = visible_recordings(caller, state, camera_id)
    found = _span(state, recording, begins, ends)
    is_transcoded = h264 or bool(recording.camera.privacy_masks)
    text = playlist(found.segments, found.gaps, is_transcoded=is_transcoded)
    return Response(text, media_type=MEDIA_TYPE)


@router.get("/{camera_id}/segments/{begin_ms}.mp4", response_class=FileResponse)
@permits(EVERYONE, token=TokenScope.PICTURES)
def one_file_of_film(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: CameraId,
    begin_ms: Annotated[int, PathParameter(ge=0, lt=2**53)],
    form: SegmentForm | None = None,
) -> Response:
    """Return a segment, whole or in ranges; transcoded on request or for privacy masks."""
    own = visible_recordings(caller, state, camera_id)
    camera = own.camera

    def found(recording: SiteRecordingAccess) -> Path | None:
        segment = recording.segment(camera_id, begin_ms)
        is_visible = segment is not None and own.rights.covers(segment.from_s, segment.to_s)
        return recording.path(segment) if segment is not None and is_visible else None

    path = read_recordings(state, found)
    if path is None:
        raise ApiError(404, "recording_not_found")
    if form is None and not camera.privacy_masks:
        _noted(caller, state, camera, begin_ms / 1000)
        return FileResponse(path, media_type=MP4, headers={"Cache-Control": _SHORT})
    masks = camera.privacy_masks
    made = asked(lambda: transcoded_segment.transcoded(path, masks), _TRANSCODER)
    if made is None:
        raise ApiError(404, "recording_not_found")
    _noted(caller, state, camera, begin_ms / 1000)
    parts = {SegmentForm.INIT: made.init, SegmentForm.MEDIA: made.media}
    content = parts.get(form or SegmentForm.WHOLE) or from_zero(made.init, made.media)
    return Response(content, media_type=MP4, headers={"Cache-Control": _CHANGES})


@router.get(
    "/{camera_id}/still",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
@permits(EVERYONE, token=TokenScope.PICTURES)
def still_at(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: CameraId,
    at: UtcTime,
    width: Annotated[int, Query(ge=64, le=1920)] = 640,
) -> Response:
    """Return the picture at a time."""
    own = visible_recordings(caller, state, camera_id)
    camera = own.camera
    if not own.rights.covers(at, at):
        raise ApiError(404, "recording_not_found")
    until_s, mask = max(state.services.clock.utc(), at + 0.001), PrivacyMask(camera.privacy_masks)

    def found(recording: SiteRecordingAccess) -> tuple[RecordingSegment, Path] | None:
        segments = recording.stretch(camera_id, at, at + 0.001, until_s).segments
        path = recording.path(segments[0]) if segments else None
        return None if path is None else (segments[0], path)

    there = read_recordings(state, found)
    if there is None:
        raise ApiError(404, "recording_not_found")
    segment, path = there
    picture = asked(lambda: still(path, segment, at, width, mask), _DECODER)
    if picture is None:
        raise ApiError(404, "recording_not_found")
    _noted(caller, state, camera, at)
    headers = {"Cache-Control": _SHORT, CAPTURED_AT: iso(at)}
    return Response(picture, media_type="image/jpeg", headers=headers)


def _span(state: AppState, own: VisibleRecordings, from_s: float, to_s: float) -> RecordedInterval:
    if not 0 < to_s - from_s <= LONGEST_H * 3600:
        raise ApiError(422, "recording_stretch", hours=LONGEST_H)
    now_s = state.services.clock.utc()
    return own.cut(
        read_recordings(
            state, lambda recording: recording.stretch(own.camera.id, from_s, to_s, now_s)
        )
    )


def _noted(caller: CurrentUser, state: AppState, camera: CameraConfig, at_s: float) -> None:
    username, role = caller.session.user.username, main_role(caller.roles).value
    state.part(ViewingLog).recording(username, role, camera, at_s)


def _response(found: RecordedInterval, codec: str | None) -> RecordingResponse:
    return RecordingResponse(
        camera=found.camera_id,
        begins=found.from_s,
        ends=found.to_s,
        recorded_from=found.span.recorded_from,
        kept_from=found.span.kept_from,
        segments=[
            RecordedSegmentResponse(
                id=round(item.from_s * 1000),
                begins=item.from_s,
                ends=item.to_s,
                run=item.run,
                bytes=item.size_bytes,
                codec=codec or item.codec,
            )
            for item in found.segments
        ],
        gaps=[
            RecordedGapResponse(
                begins=item.from_s,
                ends=found.to_s if item.to_s is None else item.to_s,
                reason=item.reason,
                packets=item.packets,
            )
            for item in found.gaps
        ],
    )
