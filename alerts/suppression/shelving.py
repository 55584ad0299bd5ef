"""Shelving (design §8): what lies aside, why, and until when. Pure; times are UTC unix seconds.

A shelf covers a camera, or one rule or zone of it. What it covers is neither in the triage list nor
heard until the shelf ends; it is stored, counted and shown as shelved. A P1 lies on a shelf only
when a leader said so; what people judged, and drills, lie on none.
"""

from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.config.rules import Priority

LONGEST_S = 24 * 3600.0  # a duty; who comes next decides again
ON_SHELF = frozenset(
    {AlertState.NEW, AlertState.ACKNOWLEDGED}
)  # states in which an alert may lie there


class ShelvingRefusalReason(StrEnum):
    """Why a step of a shelf is refused."""

    ALREADY_SHELVED = "already_shelved"  # the same, and in force
    NO_SUCH_SHELF = "shelf_not_found"
    OVER = "shelf_over"
    NEEDS_LEADER = "p1_needs_leader"


class UnshelveReason(StrEnum):
    """Why an alert came off its shelf by itself."""

    ENDED = "shelf_ended"  # its time was over
    LIFTED = "shelf_lifted"  # somebody ended it sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvingTarget:
    """What is to be shelved: a camera, or one rule or zone of it. Its owners are written down."""

    camera_id: str
    camera_name: str
    rule_id: str | None = None
    zone_id: str | None = None
    area: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvingRequest:
    """What an officer says when shelving."""

    name: str
    place: ShelvingTarget
    reason: str
    until: float
    covers_p1: bool
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelving:
    """One shelf; without `ended_by` it was time that ended it. `alerts` lie on it now."""

    id: str
    name: str
    camera_id: str
    camera_name: str
    rule_id: str | None
    zone_id: str | None
    area: str | None
    agency: str | None
    reason: str
    covers_p1: bool
    set_by: str
    set_at: float
    until: float
    ended_at: float | None
    ended_by: str | None
    end_reason: str | None
    alerts: int = 0


class ShelvingRefused(Exception):
    """A step that is not taken; `shelf` is what stands against it."""

    def __init__(self, why: ShelvingRefusalReason, shelf: Shelving | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.shelf = shelf


def covers(shelf: Shelving, *, rule_id: str, zone_id: str | None, priority: int) -> bool:
    """Whether something of the shelf's camera lies on it."""
    if priority == Priority.P1 and not shelf.covers_p1:
        return False
    return shelf.rule_id in (None, rule_id) and shelf.zone_id in (None, zone_id)
