"""Web routes of alerts: list, detail and commands."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.alert.alert_state import TransitionReason
from thapcanh.alerts.alert.event_rows import share_an_event
from thapcanh.alerts.alert.records import Alert, AlertFilter, CommandRequest
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.errors import BadCursor, KeyReused
from thapcanh.alerts.store.roles import AlertAction, Role, may
from thapcanh.alerts.weather.weather_advisory import HAZE, HazeRepository
from thapcanh.app.alert.alert_query import alert_filter
from thapcanh.app.alert.alert_schemas import (
    AlertDetailResponse,
    AlertPageResponse,
    AlertResponse,
    ConflictResponse,
    EarlierAlertResponse,
    HazeCameraResponse,
    alert_detail_response,
    alert_response,
    earlier_alert_response,
    legal_hold_response,
)
from thapcanh.app.alert.command_answer import CommandHeaders, answered, command_headers
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import EndpointAccess, permits
from thapcanh.app.web_api.access.permissions import (
    ANSWERS,
    AT_A_SCREEN,
    EVERYONE,
    ON_DUTY,
    acting_role,
)
from thapcanh.app.web_api.access.scope_in_force import scope_in_force
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import NO_NUL, ProblemResponse, SpokenModel

router = APIRouter(prefix=PREFIX, tags=["alerts"])
AlertId = Annotated[str, Path(max_length=64)]
_NOT_DONE: dict[int | str, dict[str, Any]] = {
    409: {
        "model": ConflictResponse,
        "description": "somebody decided otherwise, or a step is missing",
    },
    412: {"model": ConflictResponse, "description": "the alert changed after it was seen"},
    428: {"model": ProblemResponse, "description": "If-Match is missing"},
}


class AlertCommandRequest(SpokenModel):
    """Reason, note and receiver that an officer gives with a command."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=64, pattern=r"^[a-z_]*$")
    note: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)
    to: str | None = Field(
        default=None, max_length=64, pattern=NO_NUL, description="who takes it over: hand_over"
    )


class RenderedRequest(BaseModel):
    """A screen's word that it has drawn an alert."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=0, le=2**62, description="the change that was drawn")
    rendered_at: UtcTime = Field(description="ISO 8601 or unix seconds")


@router.get("/alerts")
@permits(EVERYONE, token=TokenScope.READ)
def list_alerts(
    caller: CurrentUserDep, state: AppStateDep, query: Annotated[AlertFilter, Depends(alert_filter)]
) -> AlertPageResponse:
    """Return a page of alerts, newest first."""
    try:
        page = state.services.archive.alerts(replace(query, scope=caller.scope))
    except BadCursor:
        raise InvalidInput("query.cursor", "value_error") from None
    items = [alert_response(alert, state.people) for alert in page.items]
    return AlertPageResponse(items=items, next=page.next)


@router.get("/alerts/{alert_id}")
@permits(EVERYONE, token=TokenScope.READ)
def one_alert(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId, response: Response
) -> AlertDetailResponse:
    """Return one alert with files, log and times; the ETag is its version."""
    alert = state.services.archive.alert(alert_id, caller.scope) if "\0" not in alert_id else None
    if alert is None:
        raise ApiError(404, "alert_not_found")
    response.headers["ETag"] = f'"{alert.version}"'
    shown = alert_detail_response(
        alert,
        state.services.archive.evidence_of(alert.id),
        state.services.archive.log_of(alert.id),
        state.people,
    )
    held = LegalHoldRepository(state.services.archive.database).of(alert.id)
    hold = None if held is None else legal_hold_response(held, state.people)
    earlier = _earlier(alert, caller, state)
    haze = _haze(alert, caller, state)
    return shown.model_copy(update={"hold": hold, "earlier": earlier, "haze": haze})


def _haze(alert: Alert, caller: CurrentUser, state: AppStateDep) -> list[HazeCameraResponse]:
    if alert.kind != HAZE:
        return []
    named = HazeRepository(state.services.archive.database).cameras(alert.id, caller.scope)
    return [
        HazeCameraResponse(camera=item.camera_id, camera_name=item.camera_name, alert=item.alert_id)
        for item in named
    ]


def _earlier(alert: Alert, caller: CurrentUser, state: AppStateDep) -> EarlierAlertResponse | None:
    archive = state.services.archive
    earlier = alert.recurrence_of and archive.alert(alert.recurrence_of, caller.scope)
    if not earlier:
        return None
    same_event = share_an_event(archive.database, alert.id, earlier.id)
    return earlier_alert_response(earlier, same_event=same_event)


@router.post("/alerts/{alert_id}/rendered", status_code=204)
@permits(AT_A_SCREEN)
def rendered(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId, body: RenderedRequest
) -> None:
    """Note when the first screen drew an alert; later words change nothing."""
    alert = state.services.archive.alert(alert_id, caller.scope) if "\0" not in alert_id else None
    if alert is None:
        raise ApiError(404, "alert_not_found")
    if alert.steps.rendered is None:  # a desk's clock may be wrong: it lies between what we know
        at = min(max(body.rendered_at, alert.steps.stored), state.services.clock.utc())
        if alert.acknowledged_at is not None and at > alert.acknowledged_at:
            return  # somebody had it on a screen before: that this desk draws it now says nothing
        state.services.archive.mark_rendered(alert_id, at)
        state.services.stages.rendered(alert.steps.pushed or alert.steps.stored, at)


_SUMMARIES = {
    AlertAction.CLAIM: "Take over an alert from its owner",
    AlertAction.HAND_OVER: "Hand an alert over to another officer on duty",
    AlertAction.NOTE: "Add a note to an alert",
    AlertAction.RECEIPT: "Confirm that the camera's agency has read an alert",
}
_MAY: Mapping[AlertAction, EndpointAccess] = {
    AlertAction.REOPEN: EndpointAccess(
        roles=frozenset({Role.LEADER, Role.TECHNICIAN}), token=TokenScope.ANSWER
    ),
    AlertAction.CLAIM: EndpointAccess(roles=ANSWERS),
    AlertAction.HAND_OVER: EndpointAccess(roles=ANSWERS),
    AlertAction.NOTE: EndpointAccess(roles=ANSWERS | {Role.AGENCY}, token=TokenScope.ANSWER),
    AlertAction.RECEIPT: EndpointAccess(roles=frozenset({Role.AGENCY}), token=TokenScope.ANSWER),
}
_MAY_ANSWER = EndpointAccess(roles=ANSWERS, token=TokenScope.ANSWER)


def _add_command(action: AlertAction) -> None:
    def command(
        *,
        caller: CurrentUserDep,
        state: AppStateDep,
        alert_id: AlertId,
        response: Response,
        headers: Annotated[CommandHeaders, Depends(command_headers)],
        body: AlertCommandRequest | None = None,
    ) -> AlertResponse:
        if "\0" in alert_id:
            raise ApiError(404, "alert_not_found")
        words = body or AlertCommandRequest()
        order = CommandRequest(
            alert_id=alert_id,
            action=action,
            actor=caller.actor(acting_role(caller.roles, action)),
            expected_version=headers.version,
            idempotency_key=headers.key,
            reason=words.reason or None,
            note=(words.note or "").strip() or None,
            to=words.to or None,
            to_refused=why_refused(words.to, alert_id, caller, state) if words.to else None,
        )
        try:
            result = state.services.archive.command(order, state.services.clock.utc())
        except KeyReused:
            raise ApiError(422, "key_reused") from None
        state.services.bell.notify()
        shown = answered(result, order, state.people)
        response.headers["ETag"] = f'"{shown.version}"'
        if result.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return shown

    access = _MAY.get(action, _MAY_ANSWER)
    summary = _SUMMARIES.get(action, f"{action.value.capitalize()} an alert")
    command.__doc__ = f"{summary}, once per key, at the given version."
    router.add_api_route(
        f"/alerts/{{alert_id}}/{action.value}",
        permits(access.roles, token=access.token)(command),
        methods=["POST"],
        responses=_NOT_DONE,
        operation_id=f"{action.value}_alert",
        summary=summary,
    )


for _action in AlertAction:
    _add_command(_action)


def why_refused(
    to: str, alert_id: str, caller: CurrentUser, state: AppState
) -> TransitionReason | None:
    """Why this person cannot take the alert over; None when they can."""
    alert = state.services.archive.alert(alert_id, caller.scope)
    if alert is None:
        return None  # the command itself says so
    whose, system = (alert.agency, alert.area), is_system(alert.kind)
    return receiver_refused(to, whose, caller, state, system=system)


def receiver_refused(
    to: str,
    whose: tuple[str | None, str | None],
    caller: CurrentUser,
    state: AppState,
    *,
    system: bool,
) -> TransitionReason | None:
    """Why this person cannot take over what is of this agency and area; None when they can.

    Who answers by shifts must have taken theirs: nothing is handed to somebody asleep.
    """
    archive = state.services.archive
    user = archive.user(to)
    if user is None or not user.may_come_in or to == caller.session.user.username:
        return TransitionReason.PERSON_UNKNOWN
    scope = scope_in_force(user.roles, user.scope, state.services.site().areas)
    able = {role for role in user.roles if may(role, AlertAction.ACKNOWLEDGE, system=system)}
    if not able or not scope.sees(*whose):
        return TransitionReason.PERSON_UNKNOWN
    on_duty = {shift.username for shift in ShiftRepository(archive.database).on_duty()}
    return None if to in on_duty or not able & ON_DUTY else TransitionReason.RECEIVER_OFF_DUTY
