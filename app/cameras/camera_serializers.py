"""Cameras and workers as the forms that are sent out."""

from typing import Any

from alerts.queue.workers.worker_report import CameraWord, WorkerReport
from alerts.store.roles import DataFilter
from app.cameras.camera_board import CameraReport, reason_of, sees, state_of
from app.cameras.camera_schemas import CameraResponse, CrossingsResponse, WorkerResponse
from app.live.whip.phone_links import PhoneLink
from config.camera import CameraConfig


def camera_state(camera: CameraConfig, report: CameraReport) -> dict[str, Any]:
    """What the site says of a camera and how it is; all of `CameraResponse` but what it counts."""
    worker, said = report.cameras.get(camera.id, (None, CameraWord(id=camera.id)))
    return {
        "id": camera.id,
        "name": camera.name,
        "area": camera.area,
        "agency": camera.agency,
        "lat": camera.lat,
        "lon": camera.lon,
        "bearing_deg": camera.bearing_deg,
        "state": state_of(camera.id, report),
        "reason": reason_of(camera.id, report),
        "detail": said.get("detail"),
        "picture": said.get("picture"),
        "since": said.get("since"),
        "worker": worker,
        "sees": sees(camera.id, report),
        "ends_at": None,
        "turns": camera.turns,
        "moving": said.get("moving") is True,
    }


def camera_response(camera: CameraConfig, report: CameraReport) -> CameraResponse:
    """A camera of the site with its worker's word on it."""
    _, said = report.cameras.get(camera.id, (None, CameraWord(id=camera.id)))
    return CameraResponse(
        **camera_state(camera, report),
        fps=said.get("fps"),
        codec=said.get("codec"),
        last_frame_at=said.get("last_frame_at"),
        look_interval_s=said.get("look_interval_s"),
        decoding=said.get("decoding"),
        decoding_reason=said.get("decoding_reason"),
        crossings={
            rule: CrossingsResponse(entered=one["entered"], left=one["left"])
            for rule, one in (said.get("crossings") or {}).items()
        },
        events=said.get("events"),
        events_detail=said.get("events_detail"),
    )


def sees_phone(scope: DataFilter, link: PhoneLink) -> bool:
    """Whether a link and its camera may be seen."""
    return scope.sees(link.order.agency, link.order.area)


def phone_link_response(link: PhoneLink, report: CameraReport) -> CameraResponse:
    """A phone that sends, as a camera for a while; as its worker says, once one watches it."""
    facts: dict[str, Any] = {"ends_at": link.order.ends_at}
    if link.camera.id not in report.cameras:
        facts |= {"state": "online", "reason": None, "sees": True}
    return camera_response(link.camera, report).model_copy(update=facts)


def worker_response(status: WorkerReport) -> WorkerResponse:
    """A worker's report, its cameras only counted."""
    cameras = status.get("cameras", [])
    return WorkerResponse(
        worker=status["worker"],
        lost=status["lost"],
        reported_at=status["reported_at"],
        cameras_total=len(cameras),
        cameras_online=sum(camera.get("state") == "online" for camera in cameras),
        status={name: value for name, value in status.items() if name != "cameras"},
    )
