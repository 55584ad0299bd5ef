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
from thapcanh.app.ptz.ptz_desk import PtzDesk
from thapcanh.app.ptz.turned_cameras import Position
from thapcanh.app.registry.discovery.told import told_of_network
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ENGINEERS, EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.seen_camera import seen_camera
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
async def state(caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId) -> PtzResponse:
    """Return the camera's view and its holder."""
    return state_response(caller, here, turning_camera(caller, here, camera_id))


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
    caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId, wanted: PtzLeaseRequest
) -> PtzResponse:
    """Acquire or renew the lease, which expires after 6 s without renewal."""
    camera = turning_camera(caller, here, camera_id)
    with refusals():
        if wanted.renew:
            here.part(PtzDesk).renew(camera.id, holder_of(caller))
        else:
            here.part(PtzDesk).take(camera, holder_of(caller), take_over=wanted.take_over)
    return state_response(caller, here, camera)


@router.delete("/cameras/{camera_id}/ptz/lease", status_code=204)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def end_lease(caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId) -> Response:
    """Give the right back; a camera that moves is stopped."""
    here.part(PtzDesk).release(turning_camera(caller, here, camera_id).id, holder_of(caller))
    return Response(status_code=204)


class PtzMoveRequest(PtzRequest):
    """Speeds of pan, tilt and zoom: right, up and closer are positive."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0


@router.post("/cameras/{camera_id}/ptz/move", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def move(
    caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId, wanted: PtzMoveRequest
) -> PtzResponse:
    """Move and zoom for 1.5 s; repeat in time to continue."""
    camera = turning_camera(caller, here, camera_id)
    with refusals():
        velocity = Velocity(pan=wanted.pan, tilt=wanted.tilt, zoom=wanted.zoom)
        here.part(PtzDesk).move(camera, holder_of(caller), velocity)
    return state_response(caller, here, camera)


@router.post("/cameras/{camera_id}/ptz/stop", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def stop(caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId) -> PtzResponse:
    """Stop turning."""
    camera = turning_camera(caller, here, camera_id)
    with refusals():
        here.part(PtzDesk).stop(camera, holder_of(caller))
    return state_response(caller, here, camera)


class PtzGoRequest(PtzRequest):
    """A preset; home without one."""

    preset: str | None = Field(
        default=None, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"
    )


@router.post("/cameras/{camera_id}/ptz/go", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def go(
    caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId, wanted: PtzGoRequest
) -> PtzResponse:
    """Turn to a preset, or home; at most once a second."""
    camera = turning_camera(caller, here, camera_id)
    with refusals():
        here.part(PtzDesk).go(camera, holder_of(caller), wanted.preset)
    return state_response(caller, here, camera)


def turning_camera(caller: CurrentUser, here: AppState, camera_id: str) -> CameraConfig:
    """Return the visible PTZ camera. Raises `ApiError`."""
    camera = seen_camera(caller, here, camera_id)
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
        problem = told_of_network(refused.refused)
        raise ApiError(409, refused.reason, problem=problem) from None


def state_response(caller: CurrentUser, here: AppState, camera: CameraConfig) -> PtzResponse:
    """Return the camera's view and holder, as the caller may see them."""
    driver = here.part(PtzDesk).driver(camera.id)
    presets = None if driver is None else driver.presets
    error = None if driver is None else driver.error
    return PtzResponse(
        holder=_shown_holder(caller, here, camera.id),
        motion=(Motion.STILL if driver is None else driver.motion).value,
        position=(Position.HOME if driver is None else driver.position).value,
        preset=None if driver is None else driver.preset,
        home_in_s=here.part(PtzDesk).home_in_s(camera.id),
        is_drawn=bool(camera.zones or camera.lines or camera.masks),
        presets=None
        if presets is None
        else [PtzPresetResponse(token=one.token, name=one.name) for one in presets],
        error=None if error is None else error.reason,
        error_line=error.line if error is not None and caller.roles & ENGINEERS else None,
    )


def _shown_holder(caller: CurrentUser, here: AppState, camera_id: str) -> PtzHolderResponse | None:
    lease = here.part(PtzDesk).lease(camera_id)
    if lease is None:
        return None
    asker = holder_of(caller)
    is_mine = lease.holder.key == asker.key
    may_know = bool(caller.roles & ON_DUTY)
    return PtzHolderResponse(
        name=lease.holder.name if may_know else None,
        mine=is_mine,
        may_take_over=may_know and not is_mine and asker.rank > lease.holder.rank,
        for_s=round(here.services.clock.monotonic() - lease.taken_at, 1),
    )
