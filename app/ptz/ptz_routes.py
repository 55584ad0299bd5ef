"""Web routes of PTZ cameras: leases, renewed moves, presets and home."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.store.roles import Role
from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.ptz.driver import Motion
from thapcanh.app.ptz.lease import Holder, PtzRefused, Rank
from thapcanh.app.ptz.login import NotTurned
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.ptz.turned_cameras import Position
from thapcanh.app.registry.discovery.discovery_messages import network_reason
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ENGINEERS, EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.onvif.ptz import Velocity

router = APIRouter(prefix=PREFIX, tags=["ptz"])
_STATUS = {"ptz_too_many": 503, "ptz_too_often": 429}
Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class PtzHolderResponse(ApiModel):
    """Current holder of the camera."""

    name: str | None  # None where the caller may not know
    mine: bool
    may_take_over: bool
    for_s: float


class PtzPresetResponse(ApiModel):
    """A preset stored in the camera."""

    token: str
    name: str


class PtzResponse(ApiModel):
    """View and motion of a camera, and its holder."""

    holder: PtzHolderResponse | None
    motion: Literal["still", "moving", "stopping", "runaway"]
    position: Literal["home", "preset", "elsewhere"]
    preset: str | None
    home_in_s: float | None  # it goes home by itself, if nobody turns it
    is_drawn: bool  # zones or lines are drawn on its picture, for the home view
    presets: list[PtzPresetResponse] | None  # None while the camera was not asked
    error: str | None  # why the last command failed: `unanswered`, `unauthorized`, `turning`, …
    error_line: str | None  # for who keeps cameras: it names the camera's address


@router.get("/cameras/{camera_id}/ptz")
@permits(EVERYONE, token=TokenScope.READ)
async def state(caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId) -> PtzResponse:
    """Return the camera's view and its holder."""
    return state_response(caller, app_state, turning_camera(caller, app_state, camera_id))


class PtzRequest(BaseModel):
    """Request for a camera; other keys are refused."""

    model_config = ConfigDict(extra="forbid")


class PtzLeaseRequest(PtzRequest):
    """`take_over` confirms replacing another holder; `renew` only keeps the caller's lease."""

    take_over: bool = False
    renew: bool = False


@router.put("/cameras/{camera_id}/ptz/lease")
@permits(ON_DUTY, token=TokenScope.PTZ)
async def take_lease(
    caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId, body: PtzLeaseRequest
) -> PtzResponse:
    """Acquire or renew the lease, which expires after 6 s without renewal."""
    camera = turning_camera(caller, app_state, camera_id)
    with refusals():
        if body.renew:
            app_state.part(PtzController).renew(camera.id, holder_of(caller))
        else:
            app_state.part(PtzController).take(camera, holder_of(caller), take_over=body.take_over)
    return state_response(caller, app_state, camera)


@router.delete("/cameras/{camera_id}/ptz/lease", status_code=204)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def end_lease(
    caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId
) -> Response:
    """Give the right back; a camera that moves is stopped."""
    app_state.part(PtzController).release(
        turning_camera(caller, app_state, camera_id).id, holder_of(caller)
    )
    return Response(status_code=204)


class PtzMoveRequest(PtzRequest):
    """Speeds of pan, tilt and zoom: right, up and closer are positive."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0


@router.post("/cameras/{camera_id}/ptz/move", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def move(
    caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId, body: PtzMoveRequest
) -> PtzResponse:
    """Move and zoom for 1.5 s; repeat in time to continue."""
    camera = turning_camera(caller, app_state, camera_id)
    with refusals():
        velocity = Velocity(pan=body.pan, tilt=body.tilt, zoom=body.zoom)
        app_state.part(PtzController).move(camera, holder_of(caller), velocity)
    return state_response(caller, app_state, camera)


@router.post("/cameras/{camera_id}/ptz/stop", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def stop(caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId) -> PtzResponse:
    """Stop turning."""
    camera = turning_camera(caller, app_state, camera_id)
    with refusals():
        app_state.part(PtzController).stop(camera, holder_of(caller))
    return state_response(caller, app_state, camera)


class PtzGoRequest(PtzRequest):
    """A preset; home without one."""

    preset: str | None = Field(
        default=None, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"
    )


@router.post("/cameras/{camera_id}/ptz/go", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def go(
    caller: CurrentUserDep, app_state: AppStateDep, camera_id: CameraId, body: PtzGoRequest
) -> PtzResponse:
    """Turn to a preset, or home; at most once a second."""
    camera = turning_camera(caller, app_state, camera_id)
    with refusals():
        app_state.part(PtzController).go(camera, holder_of(caller), body.preset)
    return state_response(caller, app_state, camera)


def turning_camera(caller: CurrentUser, app_state: AppState, camera_id: str) -> CameraConfig:
    """Return the visible PTZ camera. Raises `ApiError`."""
    camera = visible_camera(caller, app_state, camera_id)
    if not camera.turns:
        raise ApiError(409, "ptz_none")
    return camera


def holder_of(caller: CurrentUser) -> Holder:
    user = caller.session.user
    person = Rank.LEADER if Role.LEADER in caller.roles else Rank.OFFICER
    return Holder(
        key=caller.session_key,
        username=user.username,
        name=user.name,
        role=main_role(caller.roles).value,
        rank=person if caller.powers is None else Rank.PATROL,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Say what the desk refuses in the API's form."""
    try:
        yield
    except PtzRefused as refused:
        status = _STATUS.get(refused.reason, 409)
        raise ApiError(status, refused.reason, name=refused.holder or "") from None
    except NotTurned as refused:
        if refused.refused is None:
            raise ApiError(409, refused.reason) from None
        problem = network_reason(refused.refused)
        raise ApiError(409, refused.reason, problem=problem) from None


def state_response(caller: CurrentUser, app_state: AppState, camera: CameraConfig) -> PtzResponse:
    """Return the camera's view and holder, as the caller may see them."""
    driver = app_state.part(PtzController).driver(camera.id)
    presets = None if driver is None else driver.presets
    error = None if driver is None else driver.error
    return PtzResponse(
        holder=_shown_holder(caller, app_state, camera.id),
        motion=(Motion.STILL if driver is None else driver.motion).value,
        position=(Position.HOME if driver is None else driver.position).value,
        preset=None if driver is None else driver.preset,
        home_in_s=app_state.part(PtzController).home_in_s(camera.id),
        is_drawn=bool(camera.zones or camera.lines or camera.masks),
        presets=None
        if presets is None
        else [PtzPresetResponse(token=preset.token, name=preset.name) for preset in presets],
        error=None if error is None else error.reason,
        error_line=error.line if error is not None and caller.roles & ENGINEERS else None,
    )


def _shown_holder(
    caller: CurrentUser, app_state: AppState, camera_id: str
) -> PtzHolderResponse | None:
    lease = app_state.part(PtzController).lease(camera_id)
    if lease is None:
        return None
    asker = holder_of(caller)
    is_own = lease.holder.key == asker.key
    may_know = bool(caller.roles & ON_DUTY)
    return PtzHolderResponse(
        name=lease.holder.name if may_know else None,
        mine=is_own,
        may_take_over=may_know and not is_own and asker.rank > lease.holder.rank,
        for_s=round(app_state.services.clock.monotonic() - lease.taken_at, 1),
    )
