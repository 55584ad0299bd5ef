"""Outgoing events, as written into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.utc_time import utc_text
from thapcanh.config.rules import Priority

ALERT = "alert"
INCIDENT = "incident"
NOTICE = "notice"  # to the public: its subject, and its kind
CALLER_LINK = "caller_link"  # to one caller: its subject, and its kind
CALLER_LINK_TYPE = "thapcanh.caller_link.made.v1"
TEST = "test"
TEST_TYPE = "thapcanh.test.v1"
UNANSWERED = "unanswered"
UNANSWERED_TYPE = f"thapcanh.alert.{UNANSWERED}.v1"
PUBLISHED_KINDS = frozenset(
    {
        ChangeKind.OPENED,
        ChangeKind.SPOKE,
        ChangeKind.CLEARED,
        ChangeKind.ACKNOWLEDGED,
        ChangeKind.CONFIRMED,
        ChangeKind.REJECTED,
        ChangeKind.CLOSED,
        ChangeKind.REOPENED,
        ChangeKind.LEASE_EXPIRED,
        ChangeKind.UNSHELVED,
    }
)
"""Changes that others are told of; more sightings, files, notes and hand-overs stay inside."""
_CLOSED = "closed"  # the last state of an alert, and of an incident
_STATED = (
    "number",
    "kind",
    "state",
    "condition",
    "priority",
    "version",
    "camera_id",
    "camera_name",
    "place",
    "area",
    "agency",
    "lat",
    "lon",
    "label",
    "confidence",
    "detections",
    "reason",
    "exercise",
    "verdict",
    "reject_reason",
    "recurrence_of",
)
_TIMES = ("raised_at", "last_seen_at", "cleared_at", "acknowledged_at", "verdict_at", "closed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """Outgoing event; those of one `subject` keep their order.

    `at` is UTC unix seconds; a `withheld` one is not sent (shelved alert).
    """

    type: str
    subject: str
    kind: str
    priority: int
    version: int
    at: float
    data: Mapping[str, Any]
    agency: str | None = None
    area: str | None = None
    exercise: bool = False
    withheld: bool = False
    seq: int = 0
    id: str = field(default="")

    @property
    def is_of_closed(self) -> bool:
        """True if its subject was closed by people; more may follow."""
        return self.data.get("state") == _CLOSED

    @property
    def until(self) -> float | None:
        """Time at which it becomes worthless (UTC unix seconds), or None."""
        reported = self.data.get("worth_until")
        return None if reported is None else datetime.fromisoformat(reported).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierEvent:
    """Last event sent to a target on a subject, for references."""

    type: str
    version: int
    at: float

    @classmethod
    def of(cls, event: OutgoingEvent) -> "EarlierEvent":
        return cls(type=event.type, version=event.version, at=event.at)


def of_alert(row: Any, change: str, at: float) -> OutgoingEvent:
    return OutgoingEvent(
        type=f"thapcanh.alert.{change}.v1",
        subject=f"{ALERT}/{row.id}",
        kind=row.kind,
        priority=row.priority,
        version=row.version,
        at=at,
        agency=row.agency,
        area=row.area,
        exercise=bool(row.exercise),
        withheld=row.shelf_id is not None,
        data=alert_data(row),
    )


def alert_data(row: Any) -> dict[str, Any]:
    """Return an alert's published state, without officers' names."""
    times = {name: iso_time(getattr(row, name)) for name in _TIMES}
    return {"id": row.id, **{name: getattr(row, name) for name in _STATED}, **times}


def daily_test(target: str, at: float) -> OutgoingEvent:
    return OutgoingEvent(
        type=TEST_TYPE,
        subject=f"{TEST}/{target}",
        kind=TEST,
        priority=Priority.P3,
        version=1,
        at=at,
        exercise=True,
        data={"target": target, "text": "Tháp Canh: tin thử hằng ngày, không có sự cố"},
    )


def iso_time(at: float | None) -> str | None:
    """Return a time (UTC unix seconds) in the receivers' format."""
    return None if at is None else utc_text(at)
