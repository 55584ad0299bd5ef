"""Web routes of live view: WebRTC by WHEP, single pictures, and MJPEG."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.app.live.jpeg_picture import JpegPicture
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.offer import BadOffer
from thapcanh.app.live.process.access_check import Watcher
from thapcanh.app.live.refusals import (
    CapacityExceeded,
    LiveRefused,
    PictureUnavailable,
    UnsupportedStream,
)
from thapcanh.app.viewings.viewing_log import ViewingLog
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, current_user
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.visible_camera import check_visible
from thapcanh.config.camera import CameraConfig

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["live"])

CAPTURED_AT = "X-Captured-At"
SDP = "application/sdp"
_BOUNDARY = "picture"
_RETRY = {"Retry-After": "5"}
_ANSWERS: dict[int | str, dict[str, object]] = {
    201: {"content": {SDP: {}}, "description": "the answer; `Location` is the viewer's address"}
}

CameraId = Annotated[str, PathParameter(max_length=64)]


@router.post("/cameras/{camera_id}/whep", status_code=201, responses=_ANSWERS)
@permits(EVERYONE, token=TokenScope.PICTURES)
async def watch(
    caller: CurrentUserDep, state: AppStateDep, request: Request, camera_id: CameraId
) -> Response:
    """Watch by WebRTC (WHEP): an SDP offer in, the whole answer out. `DELETE` its `Location`."""
    camera = _visible_camera(caller, state, camera_id)
    offer = await checked_offer(request)
    try:
        answer = await state.part(LiveView).watch(
            camera, offer, _watcher(caller, state, request, camera_id)
        )
    except BadOffer as error:
        log.info("live %s: offer refused: %s", camera_id, error)
        raise ApiError(422, "bad_offer") from None
    except LiveRefused as error:
        raise refusal_of(error) from None
    await _noted(caller, state, "live", camera)
    where = f"{PREFIX}/cameras/{camera_id}/whep/{answer.viewer_id}"
    return Response(answer.sdp, 201, media_type=SDP, headers={"Location": where})


@router.delete("/cameras/{camera_id}/whep/{viewer_id}", status_code=204)
@permits(EVERYONE, token=TokenScope.PICTURES)
async def leave(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId, viewer_id: CameraId
) -> Response:
    """Stop watching; only for the session that started it."""
    try:
        ended = await state.part(LiveView).leave(camera_id, viewer_id, caller.session_key)
    except LiveRefused as error:
        raise refusal_of(error) from None
    if not ended:
        raise ApiError(404, "not_found")
    return Response(status_code=204)


@router.get(
    "/cameras/{camera_id}/still.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
@permits(EVERYONE, token=TokenScope.PICTURES)
async def still(caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId) -> Response:
    """Return the camera's last picture; `X-Captured-At` is its time."""
    camera = _visible_camera(caller, state, camera_id)
    try:
        picture = await state.part(LiveView).still(camera)
        await _noted(caller, state, "still", camera)
    except LiveRefused as error:
        raise refusal_of(error) from None
    headers = {CAPTURED_AT: _iso(picture.captured_at)}
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


@router.get(
    "/cameras/{camera_id}/mjpeg",
    response_class=StreamingResponse,
    responses={200: {"content": {"multipart/x-mixed-replace": {}}}},
)
@permits(EVERYONE, token=TokenScope.PICTURES)
async def pictures(
    caller: CurrentUserDep, state: AppStateDep, request: Request, camera_id: CameraId
) -> StreamingResponse:
    """Return MJPEG, a few pictures a second, each with `X-Captured-At`: a fallback for WebRTC."""
    camera = _visible_camera(caller, state, camera_id)
    watcher = _watcher(caller, state, request, camera_id)
    try:
        coming = await state.part(LiveView).pictures(camera, watcher)
    except LiveRefused as error:
        raise refusal_of(error) from None
    await _noted(caller, state, "live", camera)
    kind = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
    return StreamingResponse(_parts(coming), media_type=kind)


async def _noted(caller: CurrentUser, state: AppState, what: str, camera: CameraConfig) -> None:
    username, role = caller.session.user.username, main_role(caller.roles).value
    await run_in_threadpool(state.part(ViewingLog).live, username, role, what, camera)


async def checked_offer(request: Request) -> str:
    """Return the SDP offer in the body; refuse another content type."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise ApiError(415, "not_sdp")
    return (await request.body()).decode("utf-8", errors="replace")


def _camera(state: AppState, camera_id: str) -> CameraConfig | None:
    """Return a camera of the site, or a phone acting as one."""
    link = state.part(LiveView).links.of_camera(camera_id)
    return state.services.site().camera(camera_id) if link is None else link.camera


def _visible_camera(caller: CurrentUser, state: AppState, camera_id: str) -> CameraConfig:
    return check_visible(caller, _camera(state, camera_id))


def _watcher(caller: CurrentUser, state: AppState, request: Request, camera_id: str) -> Watcher:
    def is_welcome() -> bool:
        try:
            now = current_user(request, state)
        except ArchiveError as error:
            log.warning("live %s: the session cannot be checked: %s", camera_id, error)
            return True  # a screen must not go dark because the archive is busy
        camera = _camera(state, camera_id)
        return now is not None and camera is not None and now.scope.sees(camera.agency, camera.area)

    return Watcher(
        session=caller.session_key, agencies=caller.scope.agencies, is_welcome=is_welcome
    )


async def _parts(coming: AsyncIterator[JpegPicture]) -> AsyncIterator[bytes]:
    """Yield each picture followed by its boundary, so that browsers draw it at once."""
    yield f"--{_BOUNDARY}\r\n".encode()
    async for picture in coming:
        head = (
            "Content-Type: image/jpeg\r\n"
            f"Content-Length: {len(picture.jpeg)}\r\n"
            f"{CAPTURED_AT}: {_iso(picture.captured_at)}\r\n\r\n"
        )
        yield head.encode() + picture.jpeg + f"\r\n--{_BOUNDARY}\r\n".encode()


def refusal_of(error: LiveRefused) -> ApiError:
    match error:
        case CapacityExceeded():
            log.warning("live: no room, %s", error)
            return ApiError(503, "too_many_viewers", headers=_RETRY)
        case UnsupportedStream():
            return ApiError(503, "no_media_address")
        case PictureUnavailable():
            return ApiError(503, "no_picture", headers=_RETRY, reason=str(error))
        case _:
            return ApiError(503, "busy", headers=_RETRY)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
