"""The forms of targets and deliveries. No address beyond its host, no secret, is in any of them."""

from alerts.delivery.outbox.records import DeliveryRecord, DeliveryState, TargetState
from app.web_api.schemas import ApiModel, Time
from config.targets import TargetConfig


class DeliveryResponse(ApiModel):
    """One delivery. `number` is the alert's or incident's, `reason` why the target is told."""

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
    """One target and how it does. `kind` and `address` are null where it is configured no more."""

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


class TargetList(ApiModel):
    """Every configured target, and those that were."""

    items: list[TargetResponse]


def delivery_response(one: DeliveryRecord) -> DeliveryResponse:
    """The form of a delivery."""
    return DeliveryResponse(
        **{name: getattr(one, name) for name in DeliveryResponse.model_fields},
    )


def target_response(state: TargetState, target: TargetConfig | None) -> TargetResponse:
    """The form of a target."""
    facts = {name: getattr(state, name) for name in _OF_STATE}
    return TargetResponse(
        id=state.target,
        name=state.target if target is None or target.name is None else target.name,
        kind=None if target is None else target.kind,
        address=None if target is None else target.masked_address,
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
