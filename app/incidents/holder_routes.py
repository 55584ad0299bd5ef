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
    """How an incident ended after all, and why that is said now."""

    disposition: Word = None


class VerdictRequest(NoteRequest):
    """What one source is worth; `reason` is one of `SOURCE_REASONS` where it is false."""

    verdict: SourceVerdict
    reason: str | None = Field(default=None, max_length=64, pattern=r"^[a-z_]*$")


@router.post("/incidents/{incident_id}/acknowledge", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def acknowledge_incident(asked: Context, said: NoteRequest | None = None) -> IncidentResponse:
    """Take an incident that nobody holds with all its sources, or see what came into one's own."""
    return asked.run(IncidentAction.ACKNOWLEDGE, _noted(said))


@router.post("/incidents/{incident_id}/claim", responses=NOT_DONE)
@permits(ON_DUTY)
def claim_incident(asked: Context, said: NoteRequest | None = None) -> IncidentResponse:
    """Take over an incident that another holds, with all its sources."""
    return asked.run(IncidentAction.CLAIM, _noted(said))


@router.post("/incidents/{incident_id}/release", responses=NOT_DONE)
@permits(ON_DUTY)
def release_incident(asked: Context, said: NoteRequest | None = None) -> IncidentResponse:
    """Give back an incident to which nobody was sent; its sources wait again."""
    return asked.run(IncidentAction.RELEASE, _noted(said))


@router.post("/incidents/{incident_id}/hand_over", responses=NOT_DONE)
@permits(ON_DUTY)
def hand_over_incident(asked: Context, said: GivenRequest) -> IncidentResponse:
    """Give an incident with all its sources to another officer, who is on duty."""
    refused = None if said.to is None else asked.why_refused(said.to)
    facts = {"to": said.to, "to_refused": refused and refused.value}
    return asked.run(IncidentAction.HAND_OVER, facts | _noted(said))


@router.post("/incidents/{incident_id}/reopen", responses=NOT_DONE)
@permits(ON_DUTY)
def reopen_incident(asked: Context, said: NoteRequest) -> IncidentResponse:
    """Go on with an incident that was closed, for a reason: a leader, or who closed it."""
    return asked.run(IncidentAction.REOPEN, _noted(said))


@router.post("/incidents/{incident_id}/correct", responses=NOT_DONE)
@permits(ON_DUTY)
def correct_incident(asked: Context, said: CorrectRequest) -> IncidentResponse:
    """Say again how a closed incident ended, for a reason: a leader, or who closed it."""
    facts = {"disposition": said.disposition, "note": clean(said.note)}
    return asked.run(IncidentAction.CORRECT, facts)


@router.post(
    "/incidents/{incident_id}/sources/{source_type}/{source_id}/verdict", responses=NOT_DONE
)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def judge_source(
    asked: Context,
    source_type: Literal[MemberType.ALERT, MemberType.CALL, MemberType.SIGNAL],
    source_id: Annotated[str, Path(max_length=64, pattern=_PLAIN)],
    said: VerdictRequest,
) -> IncidentResponse:
    """Say whether one source is true; of an alert this is its own verdict, co-signed as such."""
    source = asked.source(source_type, source_id)
    is_false = said.verdict is SourceVerdict.FALSE
    needs = is_false and source.cosign_wanted_by is None
    if needs and (said.reason or "") not in SOURCE_REASONS[source.kind]:
        why = "reason_unknown" if said.reason else "reason_missing"
        raise ApiError(422, why, extra={"field": "body.reason"})
    facts = {
        "member_type": source_type,
        "member_id": source_id,
        "verdict": said.verdict.value,
        "reason": said.reason if is_false else None,
    }
    return asked.run(IncidentAction.JUDGE, facts | _noted(said))


def _noted(said: NoteRequest | GivenRequest | None) -> dict[str, Any]:
    return {"note": None if said is None else clean(said.note)}
