"""Cameras and workers, as the site decided them and as the workers last reported them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.cameras.camera_list import (
    CameraListQuery,
    camera_list,
    camera_list_query,
    with_figures,
)
from thapcanh.app.cameras.camera_schemas import (
    CameraFieldsResponse,
    CameraListResponse,
    CameraResponse,
    WorkerListResponse,
    camera_response,
    phone_link_response,
    sees_phone,
    worker_response,
)
from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.web_api.access.access import CurrentUserDep, enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ENGINEERS, EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.visible_camera import visible_camera

router = APIRouter(prefix=PREFIX, tags=["cameras"])


Query = Annotated[CameraListQuery, Depends(camera_list_query)]


@router.get(
    "/cameras",
    response_model=CameraListResponse | CameraFieldsResponse,
    responses={304: {"description": "as the answer that If-None-Match names"}},
)
@permits(EVERYONE, token=TokenScope.READ)
def list_cameras(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: Query
) -> Response:
    """List the visible cameras with their state; addresses are never included."""
    return camera_list(query, caller, state, request)


@router.get("/cameras/{camera_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_camera(caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId) -> CameraResponse:
    """Return the state of one camera, or of a phone that sends video."""
    link = next(
        (item for item in state.part(LiveView).sending() if item.camera.id == camera_id), None
    )
    if link is not None and sees_phone(caller.scope, link):
        report = with_figures(
            state.part(CameraBoard).report(), [camera_id], state.services.read_listed_figures
        )
        return phone_link_response(link, report)
    camera = visible_camera(caller, state, camera_id)
    report = with_figures(
        state.part(CameraBoard).report(), [camera_id], state.services.read_listed_figures
    )
    return camera_response(camera, report)


@router.get("/workers", dependencies=[Depends(enforce)])
@permits(ENGINEERS, token=TokenScope.READ)
def list_workers(state: AppStateDep) -> WorkerListResponse:
    """List every worker's last report; `lost` if it stopped sending."""
    report = state.part(CameraBoard).report()
    if not report.is_known:
        raise ApiError(503, "queue_unavailable", headers={"Retry-After": "2"})
    return WorkerListResponse(items=[worker_response(worker) for worker in report.workers])
