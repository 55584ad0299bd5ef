"""Cameras and workers as the API speaks of them; never an address."""

from typing import Any

from app.web_api.schemas import ApiModel, Time


class CrossingsResponse(ApiModel):
    """How many went over a rule's line, since the worker began or the rule changed."""

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
    moving: bool = False  # carried, flown or steered: change in its picture tells little


class CameraListResponse(ApiModel):
    """The cameras that may be seen, or what became of them since an earlier answer."""

    items: list[CameraResponse]
    next: str | None = None  # of the next page
    version: str  # for `since`
    gone: list[str] | None = None  # no longer to be seen; without it, `items` are all


class CameraFieldsResponse(ApiModel):
    """The same with those facts of each camera that were asked for."""

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
    """Every worker that ever reported and did not say goodbye."""

    items: list[WorkerResponse]
