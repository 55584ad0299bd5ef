"""Trying an address from the screens, as `thapcanh probe` does from the command line."""

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerts.store.audit_log import AuditEntry
from alerts.store.roles import Role
from alerts.store.sealed_log import note_in_log
from app.cameras.prober import Prober
from app.web_api.access.access import CurrentUser, CurrentUserDep
from app.web_api.access.endpoint_access import permits
from app.web_api.access.permissions import main_role
from app.web_api.app_state import AppState, AppStateDep
from app.web_api.prefix import PREFIX
from app.web_api.schemas import ApiModel
from app.web_api.seen_camera import seen_camera
from config.secret import SecretUrl
from ingest.sources.probe import ProbeReport

router = APIRouter(prefix=PREFIX, tags=["cameras"])


class ProbeRequest(BaseModel):
    """An address, or a configured camera: one of them."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str | None, Field(max_length=1024, repr=False)] = None
    camera: Annotated[str | None, Field(max_length=64)] = None

    @model_validator(mode="after")
    def one_of_them(self) -> Self:
        """Exactly one of both must be given."""
        if (self.url is None) == (self.camera is None):
            raise ValueError("give either url or camera")
        return self


class ProbeResponse(ApiModel):
    """What a source is, or exactly why it cannot be read; never its password."""

    ok: bool
    url: str
    error: str | None
    reason: str | None
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    keyframe_interval_s: float | None
    has_b_frames: bool | None
    bitrate_kbps: float | None
    opened_in_s: float | None
    time_to_first_frame_s: float | None
    notes: list[str]


@router.post("/probe")
@permits(frozenset({Role.TECHNICIAN, Role.ADMIN}))
def try_source(wanted: ProbeRequest, caller: CurrentUserDep, here: AppStateDep) -> ProbeResponse:
    """Open the source as a worker would, read some seconds, report. RTSP only."""
    username = caller.session.user.username
    _write_down(caller, here, wanted)
    if wanted.url is not None:
        return _shown(here.part(Prober).address(SecretUrl(wanted.url.strip()), username), url=None)
    camera = seen_camera(caller, here, wanted.camera or "")
    return _shown(here.part(Prober).camera(camera, username), url="")


def _write_down(caller: CurrentUser, here: AppState, wanted: ProbeRequest) -> None:
    """Who tried which address, without its password."""
    tried = wanted.camera or str(SecretUrl((wanted.url or "").strip()))
    line = AuditEntry(
        at=here.services.clock.utc(),
        actor=caller.session.user.username,
        role=main_role(caller.roles).value,
        action="address_tried",
        object_id=tried,
        details={},
    )
    note_in_log(here.services.archive.database, line)


def _shown(report: ProbeReport, url: str | None) -> ProbeResponse:
    """A configured camera's address stays out of the answer (`url` is then empty)."""
    error = report.error
    if url is not None and error is not None:
        error = error.replace(report.url, "…")
    facts = {name: getattr(report, name) for name in ProbeResponse.model_fields}
    facts |= {"url": report.url if url is None else url, "error": error}
    return ProbeResponse.model_validate({**facts, "notes": list(report.notes)})
