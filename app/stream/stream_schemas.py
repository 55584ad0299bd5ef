"""Data of the events that the stream of changes sends."""

from typing import Any

from thapcanh.alerts.calls.incoming_calls import IncomingState
from thapcanh.app.alert.alert_schemas import AlertResponse
from thapcanh.app.web_api.schemas import ApiModel, Time


class ChangeResponse(ApiModel):
    """Data of the stream's event `change`."""

    seq: int
    kind: str
    reason: str
    alert: AlertResponse


class HeartbeatResponse(ApiModel):
    """Data of the stream's event `heartbeat`."""

    now: Time
    cameras_total: int
    cameras_online: int
    cameras_version: str  # another one when a camera's state or place changed; see `/cameras?since`
    last_proven: Time | None
    intake_stopped_at: Time | None
    """Since when no centre takes new events, so that none appears; null while one does."""
    configuration_refused_at: Time | None
    """Since when the last good configuration is in force, since the files are broken; else null."""


class CameraNewsResponse(ApiModel):
    """Data of the stream's event `cameras`, equal to `/cameras?since`."""

    after: list[str]
    """Versions of the cameras that this may follow; who knows another one asks `/cameras?since`."""
    items: list[dict[str, Any]]
    version: str
    gone: list[str]


class IncomingCallChangeResponse(ApiModel):
    """Data of the stream's event `incoming_call`: ringing, answered, or ended."""

    seq: int
    id: str
    line: str
    state: IncomingState
