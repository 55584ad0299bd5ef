"""Whose an incident is, what its sources are worth, and what is changed after its end."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from thapcanh.alerts.incidents.incident_state import IncidentAction, MemberType
from thapcanh.alerts.incidents.rows.row_records import SOURCE_REASONS, SourceVerdict
from thapcanh.app.incidents.command_routes import NOT_DONE, Context, Text, Word, clean
from thapcanh.app.incidents.incident_schemas import IncidentResponse
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ON_DUTY
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, SpokenModel

router = APIRouter(prefix=PREFIX, tags=["incidents"])

_PLAIN = r"^[\w.:-]+$"


class GivenRequest(SpokenModel):
    """Who takes an incident over."""

    model_config = ConfigDict(extra="forbid")

    to: str | None = Field(default=None, max_length=64, pattern=NO_NUL)
    note: Text = None


class NoteRequest(SpokenModel):
    """Words beside a command."""

    model_config = ConfigDict(extra="forbid")

    note: Text = None


class CorrectRequest(NoteRequest):
    """How an incident ended after all, and why it is corrected."""

    disposition: Word = None


class VerdictRequest(NoteRequest):
    """What one source is worth; `reason` is one of `SOURCE_REASONS` where it is false."""

    verdict: SourceVerdict
    reason: str | None = Field(default=None, max_length=64, pattern=r"^[a-z_]*$")


@router.post("/incidents/{incident_id}/acknowledge", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def acknowledge_incident(context: Context, body: NoteRequest | None = None) -> IncidentResponse:
    """Take an incident that nobody holds with all its sources, or see what came into one's own."""
    return context.run(IncidentAction.ACKNOWLEDGE, _noted(body))


@router.post("/incidents/{incident_id}/claim", responses=NOT_DONE)
@permits(ON_DUTY)
def claim_incident(context: Context, body: NoteRequest | None = None) -> IncidentResponse:
    """Take over an incident that another holds, with all its sources."""
    return context.run(IncidentAction.CLAIM, _noted(body))


@router.post("/incidents/{incident_id}/release", responses=NOT_DONE)
@permits(ON_DUTY)
def release_incident(context: Context, body: NoteRequest | None = None) -> IncidentResponse:
    """Give back an incident to which nobody was sent; its sources wait again."""
    return context.run(IncidentAction.RELEASE, _noted(body))


@router.post("/incidents/{incident_id}/hand_over", responses=NOT_DONE)
@permits(ON_DUTY)
def hand_over_incident(context: Context, body: GivenRequest) -> IncidentResponse:
    """Give an incident with all its sources to another officer, who is on duty."""
    refused = None if body.to is None else context.why_refused(body.to)
    facts = {"to": body.to, "to_refused": refused and refused.value}
    return context.run(IncidentAction.HAND_OVER, facts | _noted(body))


@router.post("/incidents/{incident_id}/reopen", responses=NOT_DONE)
@permits(ON_DUTY)
def reopen_incident(context: Context, body: NoteRequest) -> IncidentResponse:
    """Go on with an incident that was closed, for a reason: a leader, or who closed it."""
    return context.run(IncidentAction.REOPEN, _noted(body))


@router.post("/incidents/{incident_id}/correct", responses=NOT_DONE)
@permits(ON_DUTY)
def correct_incident(context: Context, body: CorrectRequest) -> IncidentResponse:
    """Say again how a closed incident ended, for a reason: a leader, or who closed it."""
    facts = {"disposition": body.disposition, "note": clean(body.note)}
    return context.run(IncidentAction.CORRECT, facts)


@router.post(
    "/incidents/{incident_id}/sources/{source_type}/{source_id}/verdict", responses=NOT_DONE
)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def judge_source(
    context: Context,
    source_type: Literal[MemberType.ALERT, MemberType.CALL, MemberType.SIGNAL, MemberType.SITE],
    source_id: Annotated[str, Path(max_length=64, pattern=_PLAIN)],
    body: VerdictRequest,
) -> IncidentResponse:
    """Say whether one source is true; of an alert this is its own verdict, co-signed as such."""
    source = context.source(source_type, source_id)
    is_false = body.verdict is SourceVerdict.FALSE
    needs = is_false and source.cosign_wanted_by is None
    if needs and (body.reason or "") not in SOURCE_REASONS[source.kind]:
        why = "reason_unknown" if body.reason else "reason_missing"
        raise ApiError(422, why, extra={"field": "body.reason"})
    facts = {
        "member_type": source_type,
        "member_id": source_id,
        "verdict": body.verdict.value,
        "reason": body.reason if is_false else None,
    }
    return context.run(IncidentAction.JUDGE, facts | _noted(body))


def _noted(body: NoteRequest | GivenRequest | None) -> dict[str, Any]:
    return {"note": None if body is None else clean(body.note)}
