"""What may leave the site, as it is written into the outbox with the change that it tells of.

An `OutgoingEvent` enters in the transaction of an alert's or incident's change; it says all that a
receiver is told, so that nothing is read again when it is sent. No name of an officer is in it.
"""

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
TOLD_KINDS = frozenset(
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
_SAID = (
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
    """One thing to tell. `subject` is what it is about: what is told of it keeps its order.

    `at` is UTC unix seconds; `withheld` is not told to anybody (the alert is on a shelf).
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
        """Whether people had closed what it tells of, whatever it tells: more may follow then."""
        return self.data.get("state") == _CLOSED

    @property
    def until(self) -> float | None:
        """When it is worth nothing any more (UTC unix seconds); None where it always is."""
        told = self.data.get("worth_until")
        return None if told is None else datetime.fromisoformat(told).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierEvent:
    """What a target was told last of a subject, so that what follows can refer to it."""

    type: str
    version: int
    at: float

    @classmethod
    def of(cls, event: OutgoingEvent) -> "EarlierEvent":
        """An event, once it was told."""
        return cls(type=event.type, version=event.version, at=event.at)


def of_alert(row: Any, change: str, at: float) -> OutgoingEvent:
    """The event of a change of an alert, with the alert's row as the change left it."""
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
    """What a receiver is told of an alert: its state, never who of the officers did what."""
    times = {name: iso_time(getattr(row, name)) for name in _TIMES}
    return {"id": row.id, **{name: getattr(row, name) for name in _SAID}, **times}


def daily_test(target: str, at: float) -> OutgoingEvent:
    """The daily proof that a target is reached; nothing happened."""
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
    """A time (UTC unix seconds) as receivers read it."""
    return None if at is None else utc_text(at)
