"""Cameras and workers, as the site decided them and as the workers last reported them."""

from fastapi import APIRouter, Depends

from app.api.app_state import AppStateDep
from app.api.auth.access import CurrentUserDep, enforce
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import ENGINEERS, EVERYONE
from app.api.auth.token_scopes import TokenScope
from app.api.cameras.live_routes import CameraId
from app.api.cameras.phone_routes import phone_link_response, sees
from app.api.errors import ApiError
from app.api.prefix import PREFIX
from app.api.schemas.cameras import CameraListResponse, CameraResponse, WorkerListResponse
from app.api.serializers import camera_response, worker_response

router = APIRouter(prefix=PREFIX, tags=["cameras"])


@router.get("/cameras")
@permits(EVERYONE, token=TokenScope.READ)
def list_cameras(caller: CurrentUserDep, here: AppStateDep) -> CameraListResponse:
    """Every camera that may be seen, and how it is; never its address."""
    report = here.cameras.report()
    cameras = here.cameras.cameras(caller.scope)
    items = [camera_response(camera, report) for camera in cameras]
    items += [
        phone_link_response(link, report)
        for link in here.live.sending()
        if sees(caller.scope, link)
    ]
    return CameraListResponse(items=items)


@router.get("/cameras/{camera_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_camera(caller: CurrentUserDep, here: AppStateDep, camera_id: CameraId) -> CameraResponse:
    """How one camera is now."""
    camera = here.services.site().camera(camera_id)
    if camera is None or not caller.scope.sees(camera.agency, camera.area):
        raise ApiError(404, "camera_not_found")
    return camera_response(camera, here.cameras.report())


@router.get("/workers", dependencies=[Depends(enforce)])
@permits(ENGINEERS, token=TokenScope.READ)
def list_workers(here: AppStateDep) -> WorkerListResponse:
    """Every worker's last report; `lost` where it fell silent."""
    report = here.cameras.report()
    if not report.is_known:
        raise ApiError(503, "queue_unavailable", headers={"Retry-After": "2"})
    return WorkerListResponse(items=[worker_response(worker) for worker in report.workers])
