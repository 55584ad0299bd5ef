"""Web route for commands on many alerts: one request, one transaction, a result for each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field

from thapcanh.alerts.alert.records import CommandRequest, CommandResult, CommandSteps
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.app.alert.alert_routes import AlertCommandRequest, why_refused
from thapcanh.app.alert.alert_schemas import AlertResponse, alert_response
from thapcanh.app.alert.command_answer import KEY, answered
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ANSWERS, acting_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput, words_of
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel

router = APIRouter(prefix=PREFIX, tags=["alerts"])

MOST = 100
"""More would keep new events waiting: everybody else's writing stands still meanwhile."""
_Action = Literal[
    AlertAction.ACKNOWLEDGE,
    AlertAction.CONFIRM,
    AlertAction.REJECT,
    AlertAction.CLOSE,
    AlertAction.NOTE,
    AlertAction.HAND_OVER,
]


class OneOfManyRequest(BaseModel):
    """Commands on one alert, executed in order until one fails; `key` is the idempotency key."""

    model_config = ConfigDict(extra="forbid")

    alert: str = Field(max_length=64, pattern=r"^[\w.:-]+$")
    version: int = Field(ge=0, le=2**31, description="the version that was seen")
    key: str = Field(pattern=KEY)
    actions: list[_Action] = Field(min_length=1, max_length=3)


class ManyCommandsRequest(AlertCommandRequest):
    """Commands on many alerts, with a common reason and note."""

    commands: list[OneOfManyRequest] = Field(min_length=1, max_length=MOST)


class OneOfManyResponse(ApiModel):
    """Result for one alert: `error` and `detail` say why it failed; null when all succeeded."""

    alert_id: str
    error: str | None
    detail: str | None
    alert: AlertResponse | None


class ManyCommandsResponse(ApiModel):
    """An answer for each command, in their order."""

    results: list[OneOfManyResponse]


@router.post("/alerts/commands")
@permits(ANSWERS)
def command_alerts(
    caller: CurrentUserDep,
    state: AppStateDep,
    body: ManyCommandsRequest,
    accept_language: Annotated[str | None, Header()] = None,
) -> ManyCommandsResponse:
    """Run commands on many alerts, each at its given version; a refusal stops no other."""
    alerts, keys = (
        {command.alert for command in body.commands},
        {command.key for command in body.commands},
    )
    if not len(alerts) == len(keys) == len(body.commands):
        raise InvalidInput("body.commands", "value_error")
    orders = [_steps(command, body, caller, state) for command in body.commands]
    try:
        done = state.services.archive.commands(orders, state.services.clock.utc())
    except KeyReused:
        raise ApiError(422, "key_reused") from None
    state.services.bell.notify()
    shown = [
        _shown(order, result, state, accept_language)
        for order, result in zip(orders, done, strict=True)
    ]
    return ManyCommandsResponse(results=shown)


def _steps(
    command: OneOfManyRequest, body: ManyCommandsRequest, caller: CurrentUser, state: AppState
) -> CommandSteps:
    is_handover = body.to is not None and AlertAction.HAND_OVER in command.actions
    refused = why_refused(body.to or "", command.alert, caller, state) if is_handover else None
    return CommandSteps(
        steps=tuple(
            CommandRequest(
                alert_id=command.alert,
                action=action,
                actor=caller.actor(acting_role(caller.roles, action)),
                expected_version=command.version,
                idempotency_key=command.key,
                reason=body.reason or None,
                note=(body.note or "").strip() or None,
                to=body.to or None,
                to_refused=refused,
            )
            for action in command.actions
        )
    )


def _shown(
    order: CommandSteps, result: CommandResult, state: AppState, accept_language: str | None
) -> OneOfManyResponse:
    alert = None if result.alert is None else alert_response(result.alert, state.people)
    error = detail = None
    try:
        answered(result, order.first, state.people)
    except ApiError as refused:
        default = Language(state.services.site().site.locale)
        error, detail = refused.error, words_of(refused, accept_language, default)
    return OneOfManyResponse(alert_id=order.first.alert_id, error=error, detail=detail, alert=alert)
