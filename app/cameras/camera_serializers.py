"""Cameras and workers as the forms that are sent out."""

import math
from collections.abc import Mapping
from typing import Any

from alerts.store.roles import DataFilter
from app.cameras.camera_board import CameraReport, reason_of, sees, state_of
from app.cameras.camera_claims import Status
from app.cameras.camera_schemas import CameraResponse, CrossingsResponse, WorkerResponse
from app.live.whip.phone_links import PhoneLink
from config.camera import CameraConfig

_YEAR_9999 = 253370764800.0


def camera_state(camera: CameraConfig, report: CameraReport) -> dict[str, Any]:
    """What the site says of a camera and how it is; all of `CameraResponse` but what it counts."""
    worker, said = report.cameras.get(camera.id, (None, {}))
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
        "detail": _text(said.get("detail")),
        "picture": _text(said.get("picture")),
        "since": _moment(said.get("since")),
        "worker": worker,
        "sees": sees(camera.id, report),
        "ends_at": None,
        "turns": camera.turns,
        "moving": said.get("moving") is True,
    }


def camera_response(camera: CameraConfig, report: CameraReport) -> CameraResponse:
    """A camera of the site with its worker's word on it."""
    _, said = report.cameras.get(camera.id, (None, {}))
    return CameraResponse(
        **camera_state(camera, report),
        fps=_number(said.get("fps")),
        codec=_text(said.get("codec")),
        last_frame_at=_moment(said.get("last_frame_at")),
        look_interval_s=_number(said.get("look_interval_s")),
        decoding=_text(said.get("decoding")),
        decoding_reason=_text(said.get("decoding_reason")),
        crossings=_crossings(said.get("crossings")),
        events=_truth(said.get("events")),
        events_detail=_text(said.get("events_detail")),
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


def worker_response(status: Status) -> WorkerResponse:
    """A worker's report, its cameras only counted."""
    cameras = [camera for camera in status.get("cameras") or () if isinstance(camera, dict)]
    return WorkerResponse(
        worker=str(status.get("worker", "")),
        lost=bool(status.get("lost")),
        reported_at=_moment(status.get("reported_at")),
        cameras_total=len(cameras),
        cameras_online=sum(camera.get("state") == "online" for camera in cameras),
        status={name: value for name, value in status.items() if name != "cameras"},
    )


def _crossings(said: object) -> dict[str, CrossingsResponse]:
    """Counts as a worker told them; what is not of their form is left out."""
    if not isinstance(said, Mapping):
        return {}
    whole = {
        str(rule): (counts.get("entered"), counts.get("left"))
        for rule, counts in said.items()
        if isinstance(counts, Mapping)
    }
    return {
        rule: CrossingsResponse(entered=entered, left=left)
        for rule, (entered, left) in whole.items()
        if isinstance(entered, int) and isinstance(left, int)
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def _moment(value: object) -> float | None:
    """A time that can be written as a date."""
    number = _number(value)
    return number if number is not None and 0 <= number < _YEAR_9999 else None
