"""Targets and deliveries for engineers; retrying, discarding and testing for the admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import (
    DeliveryQuery,
    DeliveryRecord,
    DeliveryState,
    ResendResult,
    TargetState,
)
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.delivery.registry import target_registry
from thapcanh.alerts.delivery.routing import target_scope
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ADMINS, ENGINEERS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import (
    NO_NUL,
    ApiModel,
    Time,
    WordingResponse,
    wording_response,
    wordings,
)
from thapcanh.config.targets import TargetConfig

router = APIRouter(prefix=PREFIX, tags=["deliveries"])

_Text = Annotated[str | None, Query(max_length=64, pattern=NO_NUL)]
_Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
_REFUSALS = {
    ResendResult.UNKNOWN: (404, "delivery_unknown"),
    ResendResult.NOT_DEAD: (409, "delivery_not_dead"),
    ResendResult.OVER: (409, "delivery_over"),
    ResendResult.OVERTAKEN: (409, "delivery_overtaken"),
}


class DeliveryResponse(ApiModel):
    """One delivery. `number` is the alert's or incident's, `reason` why it is sent."""

    id: str
    target: str
    subject: str
    type: str
    kind: str
    number: str | None
    priority: int
    reason: str
    state: DeliveryState
    attempts: int
    created_at: Time
    due_at: Time
    tried_at: Time | None
    ended_at: Time | None
    status: int | None
    error: str | None
    exercise: bool


class DeliveryList(ApiModel):
    """Deliveries, the newest first; `next` is the `before` of the page after it."""

    items: list[DeliveryResponse]
    next: int | None


class TargetResponse(ApiModel):
    """A target with its state. `kind` and `address` are null once it is unconfigured."""

    id: str
    name: str
    kind: str | None
    address: str | None
    waiting: int
    dead: int
    waiting_since: Time | None
    delivered_at: Time | None
    tried_at: Time | None
    error: str | None
    tested_at: Time | None
    test_state: DeliveryState | None
    has_test: bool


class TargetList(ApiModel):
    """Every configured target, and those that were."""

    items: list[TargetResponse]


class TargetKindResponse(ApiModel):
    """All that a form must know of a kind of target."""

    kind: str
    name: WordingResponse
    address_hint: str
    settings: dict[str, Any]
    """The JSON Schema of its settings, with defaults and bounds."""
    setting_names: dict[str, WordingResponse]
    """What settings are called, in a form's order."""
    labels: dict[str, WordingResponse]
    """What the choices of its settings are called."""
    secrets: list[str]
    """The settings that are shown to nobody."""


class TargetKindsResponse(ApiModel):
    """Every kind of target of this installation, in its order."""

    items: list[TargetKindResponse]


def delivery_response(item: DeliveryRecord) -> DeliveryResponse:
    return DeliveryResponse(
        **{name: getattr(item, name) for name in DeliveryResponse.model_fields},
    )


def target_response(state: TargetState, target: TargetConfig | None) -> TargetResponse:
    facts = {name: getattr(state, name) for name in _OF_STATE}
    return TargetResponse(
        id=state.target,
        name=state.target if target is None or target.name is None else target.name,
        kind=None if target is None else target.kind,
        address=None if target is None else target.masked_address,
        has_test=target is not None and target.has_test,
        **facts,
    )


_OF_STATE = (
    "waiting",
    "dead",
    "waiting_since",
    "delivered_at",
    "tried_at",
    "error",
    "tested_at",
    "test_state",
)


@router.get("/deliveries")
@permits(ENGINEERS, token=TokenScope.READ)
def list_deliveries(  # noqa: PLR0917 the framework hands each over by its name
    caller: CurrentUserDep,
    app_state: AppStateDep,
    target: _Text = None,
    state: DeliveryState | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryList:
    """List deliveries, newest first, that the caller may see."""
    query = DeliveryQuery(
        target=target or None, state=state, before=before, limit=limit, scope=caller.scope
    )
    found = _repository(app_state).page(query)
    more = found[-1].event_seq if len(found) >= limit else None
    return DeliveryList(items=[delivery_response(item) for item in found], next=more)


@router.get("/deliveries/targets")
@permits(ENGINEERS, token=TokenScope.READ)
def list_targets(caller: CurrentUserDep, app_state: AppStateDep) -> TargetList:
    """List the targets with their state."""
    states = _repository(app_state).target_states(app_state.services.clock.utc(), caller.scope)
    configured = _targets(caller, app_state)
    names = [*configured, *(name for name in sorted(states) if name not in configured)]
    items = [
        target_response(states.get(name, TargetState(target=name)), configured.get(name))
        for name in names
    ]
    return TargetList(items=items)


@router.get("/deliveries/kinds")
@permits(ENGINEERS, token=TokenScope.READ)
def list_target_kinds(_: CurrentUserDep) -> TargetKindsResponse:
    """List the kinds of target with the settings that forms show."""
    return TargetKindsResponse(items=[_kind(item) for item in target_registry().kinds.values()])


@router.post("/deliveries/targets/{target_id}/test", status_code=202)
@permits(ADMINS)
def test_target(caller: CurrentUserDep, app_state: AppStateDep, target_id: _Id) -> TargetList:
    """Send a target a test message now."""
    if target_id not in _targets(caller, app_state):
        raise ApiError(404, "target_unknown", target=target_id)
    if not _targets(caller, app_state)[target_id].has_test:
        raise ApiError(409, "target_without_test")
    RoutingStore(app_state.services.archive.database).test(
        target_id, app_state.services.clock.utc()
    )
    app_state.services.bell.notify()
    return list_targets(caller, app_state)


@router.post("/deliveries/{delivery_id}/retry", status_code=204)
@permits(ADMINS)
def retry_delivery(caller: CurrentUserDep, app_state: AppStateDep, delivery_id: _Id) -> None:
    """Send a dead letter or a dropped delivery again, under its own id."""
    actor = caller.actor(Role.ADMIN)
    result = _repository(app_state).resend(delivery_id, actor, app_state.services.clock.utc())
    _answer(result, app_state)


@router.post("/deliveries/{delivery_id}/discard", status_code=204)
@permits(ADMINS)
def discard_delivery(caller: CurrentUserDep, app_state: AppStateDep, delivery_id: _Id) -> None:
    """Drop a dead letter; it stays in the log."""
    actor = caller.actor(Role.ADMIN)
    result = _repository(app_state).discard(delivery_id, actor, app_state.services.clock.utc())
    _answer(result, app_state)


def _kind(kind: TargetKind) -> TargetKindResponse:
    return TargetKindResponse(
        kind=kind.kind,
        name=wording_response(kind.name),
        address_hint=kind.address_hint,
        settings=kind.schema(),
        setting_names=wordings(kind.setting_words()),
        labels=wordings(kind.options),
        secrets=list(kind.secrets()),
    )


def _targets(caller: CurrentUser, app_state: AppState) -> dict[str, TargetConfig]:
    """Return the configured targets whose scope meets the caller's."""
    site = app_state.services.site()
    return {
        target.id: target
        for target in site.targets
        if caller.scope.meets(target_scope(target, site.areas))
    }


def _answer(result: ResendResult, app_state: AppState) -> None:
    if result is not ResendResult.DONE:
        status, error = _REFUSALS[result]
        raise ApiError(status, error)
    app_state.services.bell.notify()


def _repository(app_state: AppState) -> DeliveryRepository:
    return DeliveryRepository(app_state.services.archive.database)
