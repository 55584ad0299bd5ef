"""Web routes of legal holds on recordings, which exempt them from deletion.

Placing and ending need a reason and are logged. A hold is placed before its log entry and ended
after it, so that a failure in between deletes nothing.
"""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from pydantic import ConfigDict, Field

from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.roles import Role
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.recordings.recording_access import (
    VisibleRecordings,
    read_recordings,
    visible_recordings,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import HOLDS, main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import WORDS, ApiModel, PersonResponse, SpokenModel, Time
from thapcanh.ingest.recording.retention import RecordingHold, new_hold_id

router = APIRouter(prefix=f"{PREFIX}/recordings", tags=["recordings"])

HELD = "recording_held"
RELEASED = "recording_released"

_Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=WORDS)]
HoldId = Annotated[str, PathParameter(max_length=64)]


class RecordingHoldRequest(SpokenModel):
    """Span to hold, and why: a case number, a letter's date."""

    model_config = ConfigDict(extra="forbid")

    begins: UtcTime = Field(alias="from")
    ends: UtcTime = Field(alias="to")
    reason: _Reason


class RecordingReleaseRequest(SpokenModel):
    """Reason for ending a hold."""

    model_config = ConfigDict(extra="forbid")

    reason: _Reason


class RecordingHoldResponse(ApiModel):
    """A hold in force."""

    id: str
    camera: str
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    reason: str
    by: PersonResponse
    at: Time


class RecordingHoldList(ApiModel):
    """Holds of one camera, by time."""

    items: list[RecordingHoldResponse]


@router.get("/{camera_id}/holds")
@permits(HOLDS | {Role.AUDITOR})
def list_recording_holds(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId
) -> RecordingHoldList:
    """List the holds on a camera's recordings."""
    found = _holds(state, visible_recordings(caller, state, camera_id))
    return RecordingHoldList(items=[_shown(item, state) for item in found])


@router.post("/{camera_id}/holds", status_code=201)
@permits(HOLDS)
def hold_recording(
    caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId, body: RecordingHoldRequest
) -> RecordingHoldResponse:
    """Hold a span; it may reach into the future."""
    own = visible_recordings(caller, state, camera_id)
    if body.ends <= body.begins:
        raise ApiError(422, "recording_hold_stretch")
    if not own.rights.covers(body.begins, body.ends):
        raise ApiError(404, "recording_not_found")
    hold = RecordingHold(
        hold_id=new_hold_id(),
        camera_id=camera_id,
        from_s=body.begins,
        to_s=body.ends,
        reason=body.reason,
        by=caller.session.user.username,
        at_s=state.services.clock.utc(),
    )
    read_recordings(state, lambda film: film.hold(hold))
    _log(caller, state, HELD, hold, body.reason)
    return _shown(hold, state)


@router.post("/{camera_id}/holds/{hold_id}/release", status_code=204)
@permits(HOLDS)
def release_recording(
    caller: CurrentUserDep,
    state: AppStateDep,
    camera_id: CameraId,
    hold_id: HoldId,
    why: RecordingReleaseRequest,
) -> None:
    """End a hold: from now on days and budget decide again."""
    found = _holds(state, visible_recordings(caller, state, camera_id))
    hold = next((item for item in found if item.hold_id == hold_id), None)
    if hold is None:
        raise ApiError(404, "recording_hold_not_found")
    _log(caller, state, RELEASED, hold, why.reason)
    read_recordings(state, lambda film: film.release(hold_id))


def _holds(state: AppState, own: VisibleRecordings) -> list[RecordingHold]:
    """Return the holds whose span starts in the caller's recordings."""
    found = read_recordings(state, lambda film: film.holds())
    of_camera = (item for item in found if item.camera_id == own.camera.id)
    visible = [item for item in of_camera if own.rights.covers(item.from_s, item.from_s)]
    return sorted(visible, key=lambda item: item.from_s)


def _log(
    caller: CurrentUser, state: AppState, action: str, hold: RecordingHold, reason: str
) -> None:
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action=action,
        object_id=f"recording:{hold.camera_id}",
        reason=reason,
        details={"hold": hold.hold_id, "from": hold.from_s, "to": hold.to_s},
    )
    note_in_log(state.services.archive.database, line)


def _shown(hold: RecordingHold, state: AppState) -> RecordingHoldResponse:
    return RecordingHoldResponse(
        id=hold.hold_id,
        camera=hold.camera_id or "",
        begins=hold.from_s,
        ends=hold.to_s,
        reason=hold.reason,
        by=PersonResponse(username=hold.by, name=state.people.name(hold.by)),
        at=hold.at_s,
    )
