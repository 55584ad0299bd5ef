"""Cameras and workers, as the site decided them and as the workers last reported them."""

from fastapi import APIRouter, Depends

from app.api.access import Asking, enforce
from app.api.forms import CameraList, WorkerList
from app.api.parts import Here
from app.api.permissions import PREFIX
from app.api.phone_routes import sees, shown_phone
from app.api.refusal import Refused
from app.api.showing import shown_camera, shown_worker

router = APIRouter(prefix=PREFIX, tags=["cameras"])


@router.get("/cameras")
def list_cameras(caller: Asking, here: Here) -> CameraList:
    """Every camera that may be seen, and how it is; never its address."""
    report = here.cameras.report()
    cameras = here.cameras.cameras(caller.scope)
    items = [shown_camera(camera, report) for camera in cameras]
    items += [shown_phone(link, report) for link in here.live.sending() if sees(caller.scope, link)]
    return CameraList(items=items)


@router.get("/workers", dependencies=[Depends(enforce)])
def list_workers(here: Here) -> WorkerList:
    """Every worker's last report; `lost` where it fell silent."""
    report = here.cameras.report()
    if not report.is_known:
        raise Refused(503, "queue_unavailable", headers={"Retry-After": "2"})
    return WorkerList(items=[shown_worker(worker) for worker in report.workers])
