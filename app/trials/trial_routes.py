"""Web routes of trials: how often a rule would have fired in the camera's last hour."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.recordings.recording_access import (
    VisibleRecordings,
    read_recordings,
    visible_recordings,
)
from thapcanh.app.registry.editing import EntryRefused
from thapcanh.app.registry.registry_access import EDITS, entry_checks, refusals
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.trials.child import TrialRecording
from thapcanh.app.trials.rule_trial import RuleTrials, Trial, TrialOrder, TrialRunning, TrialState
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, Time
from thapcanh.app.web_api.visible_camera import visible_camera
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.recording.store.recording_access import SiteRecordingAccess

router = APIRouter(prefix=f"{PREFIX}/rule-trials", tags=["registry"])

SPAN_S = 3600.0
_SHAPES = ("id", "name", "zones", "lines", "masks", "privacy_masks", "ptz")
_OF_NOTHING = "trial.mp4"
TrialId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class RuleTrialRequest(BaseModel):
    """The rule's table as a file has it; `id` and `cameras` are not needed."""

    model_config = ConfigDict(extra="forbid")

    camera: str = Field(max_length=64, pattern=NO_NUL)
    rule: dict[str, Any]


class TrialEventResponse(ApiModel):
    """Event that the rule would have raised; `picture` is its picture's path."""

    at: Time
    kind: str
    confidence: float
    picture: str | None


class RuleTrialResponse(ApiModel):
    """State of a trial: its span, the recorded part, and the progress."""

    id: str
    camera: str
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    recorded_s: float
    state: TrialState
    seen_to: Time | None
    count: int = Field(description="how often the rule would have raised an event")
    events: list[TrialEventResponse]
    unreadable: int = Field(description="segments that cannot be read, and were passed over")


@router.post("", status_code=201)
@permits(EDITS)
def try_rule(
    body: RuleTrialRequest, caller: CurrentUserDep, state: AppStateDep
) -> RuleTrialResponse:
    """Begin a trial on the last hour; refused where nothing was recorded, or another runs."""
    visible_camera(caller, state, body.camera)
    own = visible_recordings(caller, state, body.camera)
    camera = own.camera
    order = _order(state, own, _checked(camera, body.rule))
    try:
        trial = state.part(RuleTrials).start(order)
    except TrialRunning:
        raise ApiError(409, "trial_running") from None
    _note(caller, state, camera, str(order.rule["kind"]))
    return _reported(trial)


@router.get("/{trial_id}")
@permits(EDITS)
def one_trial(caller: CurrentUserDep, state: AppStateDep, trial_id: TrialId) -> RuleTrialResponse:
    """Return the state of a trial."""
    return _reported(_own(caller, state, trial_id))


@router.delete("/{trial_id}")
@permits(EDITS)
def cancel_trial(
    caller: CurrentUserDep, state: AppStateDep, trial_id: TrialId
) -> RuleTrialResponse:
    """End it; what it found stays until the next trial."""
    trial = _own(caller, state, trial_id)
    return _reported(state.part(RuleTrials).cancel(trial.id) or trial)


@router.get("/{trial_id}/pictures/{number}", response_class=Response)
@permits(EDITS)
def trial_picture(
    caller: CurrentUserDep, state: AppStateDep, trial_id: TrialId, number: int
) -> FileResponse:
    """Return the picture of one of its events."""
    path = state.part(RuleTrials).picture(_own(caller, state, trial_id).id, number)
    if path is None:
        raise ApiError(404, "trial_not_found")
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _checked(camera: CameraConfig, table: dict[str, Any]) -> dict[str, Any]:
    """Return the rule for this camera alone. Raises `ApiError` if it is invalid."""
    rule = {**table, "id": "trial", "cameras": [camera.id]}
    found = entry_checks().rule(rule, {camera.id: camera.shapes()}.get)
    if found:
        with refusals():
            raise EntryRefused(found)
    return rule


def _order(state: AppState, own: VisibleRecordings, rule: dict[str, Any]) -> TrialOrder:
    """Return the recordings of the last hour. Raises `ApiError` if there are none."""
    camera = own.camera
    site, now = state.services.site(), state.services.clock.utc()

    def films(recording: SiteRecordingAccess) -> tuple[list[TrialRecording], float]:
        found = own.cut(recording.stretch(camera.id, now - SPAN_S, now, now)).segments
        there = [(event, path) for event in found if (path := recording.path(event)) is not None]
        listed = [TrialRecording(path=str(path), from_s=event.from_s) for event, path in there]
        return listed, sum(event.to_s - event.from_s for event, _ in there)

    listed, recorded_s = read_recordings(state, films)
    if not listed:
        raise ApiError(409, "trial_nothing" if site.recording.has(camera) else "trial_not_recorded")
    paths = site_paths_of(site)
    shapes = camera.model_dump(mode="json", include=set(_SHAPES), exclude_none=True)
    return TrialOrder(
        camera={**shapes, "source": _OF_NOTHING},
        rule=rule,
        detector=site.detector.model_dump(mode="json"),
        looks=site.looks.model_dump(mode="json"),
        model_cache=paths.model_cache_dir,
        folder=paths.cache_dir / "rule-trials",
        films=listed,
        from_s=now - SPAN_S,
        to_s=now,
        recorded_s=recorded_s,
    )


def _own(caller: CurrentUser, state: AppState, trial_id: str) -> Trial:
    trial = state.part(RuleTrials).find(trial_id)
    if trial is None:
        raise ApiError(404, "trial_not_found")
    visible_camera(caller, state, trial.camera_id)
    own = visible_recordings(caller, state, trial.camera_id)
    if not all(own.rights.covers(event.at, event.at) for event in trial.events):
        raise ApiError(404, "trial_not_found")
    return trial


def _note(caller: CurrentUser, state: AppState, camera: CameraConfig, kind: str) -> None:
    line = AuditEntry(
        at=state.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action="rule_tried",
        object_id=f"cameras/{camera.id}",
        details={"kind": kind, "span_s": SPAN_S},
    )
    note_in_log(state.services.archive.database, line)


def _reported(trial: Trial) -> RuleTrialResponse:
    return RuleTrialResponse(
        id=trial.id,
        camera=trial.camera_id,
        begins=trial.from_s,
        ends=trial.to_s,
        recorded_s=trial.recorded_s,
        state=trial.state,
        seen_to=trial.seen_to,
        count=trial.count,
        events=[
            TrialEventResponse(
                at=event.at,
                kind=event.kind,
                confidence=event.confidence,
                picture=None
                if event.picture is None
                else f"{PREFIX}/rule-trials/{trial.id}/pictures/{event.picture}",
            )
            for event in trial.events
        ],
        unreadable=trial.unreadable,
    )
