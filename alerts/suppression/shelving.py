"""Shelving: which alerts are shelved, why, and until when.

A P1 needs a leader's shelf; judged alerts and drills are never shelved. Times are UTC unix seconds.
"""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.store.tables import metadata
from thapcanh.config.rules import Priority

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("camera_id", _Text, nullable=False),
    sa.Column("camera_name", _Text, nullable=False),
    sa.Column("rule_id", _Text),
    sa.Column("zone_id", _Text),
    sa.Column("area", _Text),
    sa.Column("agency", _Text),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("covers_p1", sa.Boolean, nullable=False),
    sa.Column("set_by", _Text, nullable=False),
    sa.Column("set_at", _Time, nullable=False),
    sa.Column("until", _Time, nullable=False),
    sa.Column("ended_at", _Time),
    sa.Column("ended_by", _Text),
    sa.Column("end_reason", _Text),
)
sa.Index(
    "ix_shelf_in_force",
    shelf.c.camera_id,
    sqlite_where=shelf.c.ended_at.is_(None),
    postgresql_where=shelf.c.ended_at.is_(None),
)
sa.Index("ix_shelf_ended", shelf.c.ended_at)


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
    CONFIRMED_OPEN = "confirmed_fire_open"  # the camera sees a P1 that is true; asked twice


class UnshelveReason(StrEnum):
    """Why an alert came off its shelf by itself."""

    ENDED = "shelf_ended"  # its time was over
    LIFTED = "shelf_lifted"  # somebody ended it sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvingTarget:
    """Target of a shelf: a camera, or one rule or zone, with its owners."""

    camera_id: str
    camera_name: str
    rule_id: str | None = None
    zone_id: str | None = None
    area: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvingRequest:
    """Request of an officer to shelve."""

    name: str
    place: ShelvingTarget
    reason: str
    until: float
    covers_p1: bool
    despite_confirmed: bool = False  # who asks knows of the camera's open confirmed P1
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelving:
    """Shelf; without `ended_by` time ended it. `alerts` is the present number."""

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
    """Refused step; `shelf` is the conflicting one."""

    def __init__(self, why: ShelvingRefusalReason, shelf: Shelving | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.shelf = shelf


def covers(shelf: Shelving, *, rule_id: str, zone_id: str | None, priority: int, kind: str) -> bool:
    """Return True if an alert lies on a shelf; of the watch's own trouble only by its rule.

    A camera that was laid aside as a whole and then loses its picture is blind, not calm.
    """
    if priority == Priority.P1 and not shelf.covers_p1:
        return False
    if shelf.rule_id is None and is_system(kind):
        return False
    return shelf.rule_id in (None, rule_id) and shelf.zone_id in (None, zone_id)
