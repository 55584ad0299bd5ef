"""Records of the outbox: frozen objects. Times are UTC unix seconds."""

from dataclasses import dataclass, field
from enum import StrEnum

from thapcanh.alerts.delivery.attempt import Attempt
from thapcanh.alerts.store.outbox.outgoing import EarlierEvent, OutgoingEvent
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter


class DeliveryState(StrEnum):
    """State of a delivery."""

    WAITING = "waiting"  # not taken yet; it is tried when it is due
    DELIVERED = "delivered"  # the receiver took it
    DEAD = "dead"  # the receiver will not take it, or did not for days; an admin decides
    DISCARDED = "discarded"  # it need not be sent: an admin decided so, or `error` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDelivery:
    """A delivery to be tried now."""

    id: str
    target: str
    attempts: int
    created_at: float
    event: OutgoingEvent
    earlier: EarlierEvent | None = None  # what the target took last of the subject


DeliveryChain = tuple[DueDelivery, ...]
"""What waits of one subject, to be tried one after the other; the first that fails ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDelivery:
    """Result of an attempt, and how long after its record to try again if it failed, in s.

    Not a time: a clock set back between the attempt and its record would leave an hour between.
    """

    id: str
    attempt: Attempt
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFate:
    """State of a delivery, and the time of its end or last attempt."""

    state: DeliveryState
    at: float | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """Line of the delivery log."""

    id: str
    target: str
    subject: str
    type: str
    kind: str
    number: str | None  # of the alert or incident, as people speak of it
    priority: int
    reason: str
    state: DeliveryState
    attempts: int
    created_at: float
    due_at: float
    tried_at: float | None
    ended_at: float | None
    status: int | None
    error: str | None
    exercise: bool
    event_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuery:
    """Filter of deliveries, newest first; `before` is the last `event_seq` read."""

    target: str | None = None
    state: DeliveryState | None = None
    before: int | None = None
    limit: int = 100
    scope: DataFilter = field(default=EVERYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """State of one target."""

    target: str
    waiting: int = 0
    dead: int = 0
    waiting_since: float | None = None  # the oldest that is due, or was tried
    delivered_at: float | None = None
    tried_at: float | None = None
    error: str | None = None  # of the last attempt; None where it was taken
    tested_at: float | None = None  # when the last test message was made
    test_state: DeliveryState | None = None


class ResendResult(StrEnum):
    """Result of resending or dropping a dead letter."""

    DONE = "done"
    UNKNOWN = "unknown"
    NOT_DEAD = "not_dead"  # it waits, or was taken
    OVER = "over"  # a caller's link: an officer makes a new one
    OVERTAKEN = "overtaken"  # a newer state of the same thing was taken: order would be broken
