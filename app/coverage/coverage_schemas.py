"""What the API speaks of coverage: of a period, of one camera, and who is blind now."""

from thapcanh.app.web_api.schemas import ApiModel, Time


class BlindTimeResponse(ApiModel):
    """A camera that did not see for a while, and how often that began."""

    camera: str
    camera_name: str
    share: float | None
    blind_s: float
    outages: int


class CoverageShareResponse(ApiModel):
    """How much of the recorded camera time was seen, and how much of the time was recorded.

    Without a record, `share` is null: never a guess.
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
    """How much was seen of a period, and what is not seen now.

    `share` is of the recorded camera time, null where nothing was recorded; `recorded_share` is of
    the part of the period that has passed.
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
    """How one camera was in a period, oldest first; the newest spans where there are too many."""

    camera: str
    since: Time
    until: Time
    share: float | None
    recorded_share: float
    outages: int
    blind_s: float
    items: list[CameraSpanResponse]
