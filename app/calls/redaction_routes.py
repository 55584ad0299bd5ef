"""Web route that redacts a caller's details: for leaders, with a logged reason."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from thapcanh.alerts.calls.call_redaction import redact_call
from thapcanh.app.calls.caller_live_links import expire_links
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import REDACTS, main_role
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, SpokenModel

router = APIRouter(prefix=PREFIX, tags=["calls"])

CallId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class RedactRequest(SpokenModel):
    """Why it is removed; the reason must not repeat what is removed, for it stays."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=500, pattern=NO_NUL)


@router.post("/calls/{call_id}/redact", status_code=204)
@permits(REDACTS)
def redact_one_call(
    caller: CurrentUserDep, state: AppStateDep, call_id: CallId, body: RedactRequest
) -> None:
    """Remove number, name and words from a call and all their copies; once is for good."""
    reason = " ".join(body.reason.split())
    if not reason:
        raise ApiError(422, "redact_reason_missing", extra={"field": "body.reason"})
    actor = caller.actor(main_role(caller.roles))
    now, database = state.services.clock.utc(), state.services.archive.database
    if not redact_call(database, actor, call_id, reason, now):
        raise ApiError(404, "call_not_found")
    expire_links(state.part(LiveView).links, database)  # a phone shows who calls
    state.services.bell.notify()
