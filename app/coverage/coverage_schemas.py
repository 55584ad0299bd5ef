"""API schemas of coverage."""

from thapcanh.app.web_api.schemas import ApiModel, Time


class BlindTimeResponse(ApiModel):
    """A camera's blind time, and how often it became blind."""

    camera: str
    camera_name: str
    share: float | None
    blind_s: float
    outages: int


class CoverageShareResponse(ApiModel):
    """Share of the recorded camera time that was seen, and share of time recorded.

    Without a record, `share` is null.
    """

    share: float | None
    why_not: str | None
    recorded_share: float
    worst: list[BlindTimeResponse]


class BlindCameraResponse(ApiModel):
    """A camera that does not see now, and why."""

    camera: str
    name: str
    state: str
    reason: str | None
    picture: str | None
    since: Time | None


class CoverageResponse(ApiModel):
    """Coverage of a period, and the cameras that are blind now.

    `share` is of the recorded camera time, null without a record; `recorded_share` is of the part
    of the period that has passed.
    """

    since: Time
    until: Time
    share: float | None
    recorded_share: float
    cameras_total: int
    cameras_seeing: int
    blind: list[BlindCameraResponse]
    worst: list[BlindTimeResponse]


class CameraSpanResponse(ApiModel):
    """A camera that was the same for a while; without `until` it still is."""

    since: Time
    until: Time | None
    state: str
    reason: str | None
    picture: str | None
    sees: bool


class CameraHistoryResponse(ApiModel):
    """States of one camera in a period, oldest first; only the newest if there are too many."""

    camera: str
    since: Time
    until: Time
    share: float | None
    recorded_share: float
    outages: int
    blind_s: float
    items: list[CameraSpanResponse]
