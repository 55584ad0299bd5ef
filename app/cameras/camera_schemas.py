"""Cameras and workers as the API speaks of them, and how they are made; never an address."""

from typing import Any

from thapcanh.alerts.queue.workers.worker_report import (
    CameraFigures,
    CameraWord,
    Crossings,
    ListedFigures,
    WorkerReport,
)
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.cameras.camera_board import CameraReport, reason_of, sees, state_of
from thapcanh.app.live.whip.phone_links import PhoneLink
from thapcanh.app.web_api.schemas import ApiModel, Time
from thapcanh.config.camera import CameraConfig


class CrossingsResponse(ApiModel):
    """Number of crossings of a rule's line since the worker started or the rule changed."""

    entered: int
    left: int


class CameraResponse(ApiModel):
    """A camera of the site and how it is; never its address."""

    id: str
    name: str
    area: str | None
    agency: str | None
    lat: float | None
    lon: float | None
    bearing_deg: float | None
    state: str
    reason: str | None
    detail: str | None
    picture: str | None
    since: Time | None
    fps: float | None
    codec: str | None
    last_frame_at: Time | None
    look_interval_s: float | None
    worker: str | None
    sees: bool  # its picture comes, and shows the world
    decoding: str | None  # how much of what comes is decoded, and why not all
    decoding_reason: str | None
    crossings: dict[str, CrossingsResponse]  # by rule
    ends_at: Time | None = None  # a phone's; other cameras stay
    turns: bool = False  # it is turned from here (PTZ)
    events: bool | None = None  # its own events come (ONVIF); null: nobody listens to them
    events_detail: str | None = None
    objects: bool | None = None  # its own boxes come (ONVIF metadata); null: nobody reads them
    objects_detail: str | None = None
    moving: bool = False  # carried, flown or steered: change in its picture tells little


class CameraListResponse(ApiModel):
    """The visible cameras, or what changed since an earlier response."""

    items: list[CameraResponse]
    next: str | None = None  # of the next page
    version: str  # for `since`
    gone: list[str] | None = None  # no longer to be seen; without it, `items` are all


class CameraFieldsResponse(ApiModel):
    """The camera list with only the requested fields."""

    items: list[dict[str, Any]]
    next: str | None = None
    version: str
    gone: list[str] | None = None


class WorkerResponse(ApiModel):
    """A worker's last report, without its cameras."""

    worker: str
    lost: bool
    reported_at: Time | None
    cameras_total: int
    cameras_online: int
    status: dict[str, Any]


class WorkerListResponse(ApiModel):
    """Every worker that reported and has not signed off."""

    items: list[WorkerResponse]


def camera_state(camera: CameraConfig, report: CameraReport) -> dict[str, Any]:
    """Return the configuration and state of a camera: all of `CameraResponse` but its counts."""
    worker, status = report.cameras.get(camera.id, (None, CameraWord(id=camera.id)))
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
        "detail": status.get("detail"),
        "picture": status.get("picture"),
        "since": status.get("since"),
        "worker": worker,
        "sees": sees(camera.id, report),
        "ends_at": None,
        "turns": camera.turns,
        "moving": status.get("moving") is True,
    }


def camera_response(camera: CameraConfig, report: CameraReport) -> CameraResponse:
    """Return a camera of the site with its worker's report."""
    _, status = report.cameras.get(camera.id, (None, CameraWord(id=camera.id)))
    return CameraResponse(**camera_state(camera, report), **camera_figures(status))


def camera_figures(status: CameraFigures) -> ListedFigures:
    """Return a camera's counts: the part of `CameraResponse` that `camera_state` leaves out."""
    return ListedFigures(
        fps=status.get("fps"),
        codec=status.get("codec"),
        last_frame_at=status.get("last_frame_at"),
        look_interval_s=status.get("look_interval_s"),
        decoding=status.get("decoding"),
        decoding_reason=status.get("decoding_reason"),
        crossings={
            rule: Crossings(entered=item["entered"], left=item["left"])
            for rule, item in (status.get("crossings") or {}).items()
        },
        events=status.get("events"),
        events_detail=status.get("events_detail"),
        objects=status.get("objects"),
        objects_detail=status.get("objects_detail"),
    )


def sees_phone(scope: DataFilter, link: PhoneLink) -> bool:
    return scope.sees(link.order.agency, link.order.area)


def phone_link_response(link: PhoneLink, report: CameraReport) -> CameraResponse:
    """Return a sending phone as a camera, with its worker's report if it is watched."""
    facts: dict[str, Any] = {"ends_at": link.order.ends_at}
    if link.camera.id not in report.cameras:
        facts |= {"state": "online", "reason": None, "sees": True}
    return camera_response(link.camera, report).model_copy(update=facts)


def worker_response(status: WorkerReport) -> WorkerResponse:
    """Return a worker's report with its cameras only counted."""
    cameras = status.get("cameras", [])
    return WorkerResponse(
        worker=status["worker"],
        lost=status["lost"],
        reported_at=status["reported_at"],
        cameras_total=len(cameras),
        cameras_online=sum(camera.get("state") == "online" for camera in cameras),
        status={name: value for name, value in status.items() if name != "cameras"},
    )
