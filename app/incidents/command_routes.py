"""Web routes of incident commands, each at a stated version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from pydantic import ConfigDict, Field

from thapcanh.alerts.alert.alert_state import CommandOutcome, TransitionReason
from thapcanh.alerts.incidents.incident_state import (
    IncidentAction,
    IncidentReason,
    MemberType,
    OpenPoint,
)
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentRequest, IncidentResult, UnitOrder
from thapcanh.alerts.incidents.rows.row_records import Source
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.app.alert.alert_routes import receiver_refused
from thapcanh.app.alert.command_answer import CommandHeaders, command_headers, local_time
from thapcanh.app.incidents.incident_routes import IncidentId, incidents, parsed_place
from thapcanh.app.incidents.incident_schemas import (
    IncidentConflictResponse,
    IncidentResponse,
    PlaceRequest,
    incident_response,
)
from thapcanh.app.incidents.run_card_routes import step_words
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ProblemResponse, SpokenModel, iso

router = APIRouter(prefix=PREFIX, tags=["incidents"])

_PLAIN = r"^[\w.:-]+$"
NOT_DONE: dict[int | str, dict[str, Any]] = {
    409: {"model": IncidentConflictResponse, "description": "it stands otherwise"},
    412: {"model": IncidentConflictResponse, "description": "it changed after it was seen"},
    428: {"model": ProblemResponse, "description": "If-Match is missing"},
}
_FIELDS = {  # what is wrong with what was said, not with the incident
    IncidentReason.STEP_UNKNOWN: "body.step",
    IncidentReason.NOBODY_TOLD: "body.units",
    IncidentReason.DISPOSITION_MISSING: "body.disposition",
    IncidentReason.DISPOSITION_UNKNOWN: "body.disposition",
    IncidentReason.REPORT_MISSING: "body.report",
    IncidentReason.NOTE_MISSING: "body.note",
    IncidentReason.DESPITE_REASON: "body.report",
    IncidentReason.TO_MISSING: "body.to",
    IncidentReason.PERSON_UNKNOWN: "body.to",
    IncidentReason.REASON_MISSING: "body.note",
    IncidentReason.REASON_UNKNOWN: "body.reason",
}
Text = Annotated[str | None, Field(max_length=4000, pattern=NO_NUL)]
Word = Annotated[str | None, Field(max_length=64, pattern=_PLAIN)]


class MemberRequest(SpokenModel):
    """Record to join or separate; a note has words instead of an id."""

    model_config = ConfigDict(extra="forbid")

    type: MemberType
    id: Word = None
    note: Text = None


class AssessRequest(SpokenModel):
    """Kind, urgency and place; omitted fields stay."""

    model_config = ConfigDict(extra="forbid")

    kind: IncidentKind | None = None
    priority: int | None = Field(default=None, ge=1, le=3)
    place: PlaceRequest | None = None
    note: Text = None


class DispatchRequest(SpokenModel):
    """Units and services, the channel, and whether they read it back."""

    model_config = ConfigDict(extra="forbid")

    units: list[Annotated[str, Field(max_length=64, pattern=_PLAIN)]] = Field(
        default_factory=list, max_length=20
    )
    services: list[Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]] = Field(
        default_factory=list, max_length=10, description="names of notified services, such as 114"
    )
    way: str = Field(default="phone", pattern=r"^(phone|radio|app|in_person)$")
    read_back: bool = False
    note: Text = None


class StepRequest(SpokenModel):
    """Reached step and the reporting unit; or a step of the procedure."""

    model_config = ConfigDict(extra="forbid")

    step: Word = None
    procedure: Word = Field(default=None, description="instead of `step`: of the run card, by id")
    unit: Word = None
    note: Text = None


class CloseRequest(SpokenModel):
    """Outcome, and what was done."""

    model_config = ConfigDict(extra="forbid")

    disposition: Word = None
    report: Text = None
    despite: list[OpenPoint] = Field(
        default_factory=list, max_length=10, description="what is open, and was seen"
    )


def _headers(
    idempotency_key: Annotated[str | None, Header()] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> CommandHeaders:
    """Return both required headers, or raise `ApiError` about the incident."""
    if if_match is None:
        raise ApiError(428, "incident_version_required")
    return command_headers(idempotency_key, if_match)


class CommandContext:
    """A command's caller, incident, and idempotency headers."""

    def __init__(
        self,
        caller: CurrentUserDep,
        here: AppStateDep,
        incident_id: IncidentId,
        response: Response,
        headers: Annotated[CommandHeaders, Depends(_headers)],
    ) -> None:
        self.caller: CurrentUser = caller
        self.here: AppState = here
        self._incident_id = incident_id
        self._response = response
        self._headers = headers

    def run(self, action: IncidentAction, facts: Mapping[str, Any]) -> IncidentResponse:
        """Carry the command out, and answer with the incident after it."""
        command = IncidentRequest(
            incident_id=self._incident_id,
            action=action,
            actor=self.caller.actor(main_role(self.caller.roles)),
            expected_version=self._headers.version,
            idempotency_key=self._headers.key,
            **facts,
        )
        try:
            now = self.here.services.clock.utc()
            result = self.here.services.archive.incident_command(command, now)
        except KeyReused:
            raise ApiError(422, "key_reused") from None
        self.here.services.bell.notify()
        shown = _answered(result, self.here)
        self._response.headers["ETag"] = f'"{shown.version}"'
        if result.replayed:
            self._response.headers["Idempotent-Replayed"] = "true"
        return shown

    def source(self, of: MemberType, source_id: str) -> Source:
        """Return a source of the incident. Raise `ApiError` 404 if the caller may not see it."""
        found = incidents(self.here).source(self._incident_id, of, source_id, self.caller.scope)
        if found is None:
            raise ApiError(404, IncidentReason.UNKNOWN_MEMBER.value)
        return found

    def why_refused(self, to: str) -> TransitionReason | None:
        """Why a person cannot take the incident over; None when they can."""
        found = incidents(self.here).one(self._incident_id, self.caller.scope)
        if found is None:
            raise ApiError(404, IncidentReason.UNKNOWN_INCIDENT.value)
        whose = (found.agency, found.area)
        return receiver_refused(to, whose, self.caller, self.here, system=False)

    def procedure(self, body: StepRequest) -> dict[str, Any]:
        """Return a step of the incident's run card with its current words."""
        found = incidents(self.here).one(self._incident_id, self.caller.scope)
        if found is None:
            raise ApiError(404, IncidentReason.UNKNOWN_INCIDENT.value)
        step = body.procedure or ""
        words = step_words(found, self.here, step)
        if words is None or body.step is not None or body.unit is not None:
            raise ApiError(422, "procedure_unknown", extra={"field": "body.procedure"})
        return {"procedure": (step, words), "note": clean(body.note)}


Context = Annotated[CommandContext, Depends()]


@router.post("/incidents/{incident_id}/join", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def join_incident(context: Context, body: MemberRequest) -> IncidentResponse:
    """Join an alert, a call, a signal, a note or another incident's members."""
    return context.run(IncidentAction.JOIN, _member(body))


@router.post("/incidents/{incident_id}/separate", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def separate_incident(context: Context, body: MemberRequest) -> IncidentResponse:
    """Let a member be an incident of its own after all."""
    return context.run(IncidentAction.SEPARATE, _member(body))


@router.post("/incidents/{incident_id}/assess", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def assess_incident(context: Context, body: AssessRequest | None = None) -> IncidentResponse:
    """Set kind, priority and place; may be repeated to correct them."""
    words = body or AssessRequest()
    place = None if words.place is None else parsed_place(words.place)
    facts = {"kind": words.kind, "priority": words.priority, "place": place}
    return context.run(IncidentAction.ASSESS, facts | {"note": clean(words.note)})


@router.post("/incidents/{incident_id}/dispatch", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def dispatch_incident(context: Context, body: DispatchRequest) -> IncidentResponse:
    """Dispatch units, or note that a service was notified."""
    told = [UnitOrder(unit_id=one) for one in body.units]
    told += [UnitOrder(service=" ".join(one.split())) for one in body.services]
    told = [replace(one, way=body.way, read_back=body.read_back) for one in told]
    facts = {"told": tuple(told), "note": clean(body.note)}
    return context.run(IncidentAction.DISPATCH, facts)


@router.post("/incidents/{incident_id}/step", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def step_incident(context: Context, body: StepRequest) -> IncidentResponse:
    """Note a reached step: en_route, on_scene or controlled; or one of the procedure."""
    if body.procedure is not None:
        return context.run(IncidentAction.TICK, context.procedure(body))
    facts = {"step": body.step, "unit_id": body.unit, "note": clean(body.note)}
    return context.run(IncidentAction.STEP, facts)


@router.post("/incidents/{incident_id}/close", responses=NOT_DONE)
@permits(ON_DUTY, token=TokenScope.ANSWER)
def close_incident(context: Context, body: CloseRequest | None = None) -> IncidentResponse:
    """End an incident with how it ended and what was done."""
    words = body or CloseRequest()
    despite = tuple(sorted({one.value for one in words.despite}))
    facts = {"disposition": words.disposition, "note": clean(words.report)}
    return context.run(IncidentAction.CLOSE, facts | {"despite": despite})


def _member(body: MemberRequest) -> dict[str, Any]:
    return {"member_type": body.type, "member_id": body.id, "note": clean(body.note)}


def clean(text: str | None) -> str | None:
    """Return the text without surrounding blanks, or None if it is empty."""
    return (text or "").strip() or None


def _answered(result: IncidentResult, here: AppState) -> IncidentResponse:
    """Return the incident of a successful command, or raise `ApiError`."""
    found = result.incident
    match result.outcome:
        case CommandOutcome.DONE if found is not None:
            return incident_response(found, here.people)
        case CommandOutcome.NOT_FOUND | CommandOutcome.DONE:
            raise ApiError(404, result.why.value)
        case CommandOutcome.FORBIDDEN:
            raise ApiError(403, "not_allowed")
        case CommandOutcome.INVALID if result.why in _FIELDS:
            raise ApiError(422, result.why.value, extra={"field": _FIELDS[result.why]})
        case CommandOutcome.STALE:
            raise _against(412, result, here)
        case CommandOutcome.CONFLICT | CommandOutcome.INVALID | CommandOutcome.ALREADY:
            raise _against(409, result, here)


def _against(status: int, result: IncidentResult, here: AppState) -> ApiError:
    found = result.incident
    shown = None if found is None else incident_response(found, here.people)
    by = here.people.person(result.by)
    extra: dict[str, Any] = {
        "by": None if by is None else by.model_dump(),
        "at": None if result.at is None else iso(result.at),
        "incident": None if shown is None else shown.model_dump(mode="json"),
    }
    at = "?" if result.at is None else local_time(result.at)
    name = "?" if by is None else by.name
    extra["open_points"] = list(result.open_points)
    return ApiError(status, result.why.value, extra=extra, by=name, at=at)
