"""Web routes of neighbour cameras that can look where a camera looks."""

from fastapi import APIRouter
from pydantic import Field

from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.ptz.ptz_controller import PtzController
from thapcanh.app.ptz.ptz_routes import (
    PtzRequest,
    PtzResponse,
    holder_of,
    refusals,
    state_response,
    turning_camera,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ON_DUTY
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.visible_camera import visible_camera

router = APIRouter(prefix=PREFIX, tags=["ptz"])


class PtzNeighbourResponse(ApiModel):
    """A neighbour camera; `held_by` is its current holder."""

    id: str
    name: str
    held_by: str | None


class PtzNeighbourListResponse(ApiModel):
    """Those that the caller may see, in the order of the configuration."""

    items: list[PtzNeighbourResponse]


class PtzCallRequest(PtzRequest):
    """Neighbour to turn."""

    neighbour: str = Field(min_length=1, max_length=64)


@router.get("/cameras/{camera_id}/ptz/neighbours")
@permits(ON_DUTY, token=TokenScope.READ)
async def list_neighbours(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId
) -> PtzNeighbourListResponse:
    """List the cameras that can look where this camera looks."""
    site = state.services.site()
    camera = visible_camera(caller, state, camera_id)
    key, items = holder_of(caller).key, []
    for call in camera.ptz_calls:
        near = site.camera(call.camera)
        if near is not None and near.turns and caller.scope.sees(near.agency, near.area):
            lease = state.part(PtzController).lease(near.id)
            by = lease.holder.name if lease and lease.holder.key != key else None
            items.append(PtzNeighbourResponse(id=near.id, name=near.name, held_by=by))
    return PtzNeighbourListResponse(items=items)


@router.post("/cameras/{camera_id}/ptz/neighbours", status_code=202)
@permits(ON_DUTY, token=TokenScope.PTZ)
async def call_neighbour(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId, body: PtzCallRequest
) -> PtzResponse:
    """Turn a neighbour to where this camera looks, if nobody holds it."""
    camera = visible_camera(caller, state, camera_id)
    preset = next((call.preset for call in camera.ptz_calls if call.camera == body.neighbour), None)
    if preset is None:
        raise ApiError(404, "camera_not_found")
    near = turning_camera(caller, state, body.neighbour)
    with refusals():
        state.part(PtzController).call(near, holder_of(caller), preset, camera.id)
    return state_response(caller, state, near)
