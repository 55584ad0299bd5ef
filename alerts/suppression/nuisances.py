"""Nuisances: places that officers reject again and again, with suggested masks.

A mask blinds a camera, so it is suggested only for rules without zone, never confirmed, and if most
of the picture stays.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.detection.region import Region, area, grown, touch, union
from thapcanh.detection.rules.registry import class_group, has_place

REACH = 0.25  # share of the longer side round a place that still is the same
MARGIN = 0.15  # of the longer side, by which the mask is larger than what was rejected
LARGEST_MASK = 0.25  # of the picture
MOST_IDS = 10
Corner = tuple[float, float]
MOST = 5000
NO_REASON = "other"
_FACTS = (
    "id",
    "camera_id",
    "kind",
    "rule_id",
    "zone_id",
    "raised_at",
    "detections",
    "reject_reason",
)


class NoMask(StrEnum):
    """Why no mask is advised."""

    CONFIRMED_THERE = "confirmed_there"  # something true was seen at the same place
    ZONE_RULE = "zone_rule"  # it is about who is in a zone: change the rule's hours or classes
    TOO_LARGE = "too_large"  # a quarter of the picture would be blind: turn the camera


@dataclass(frozen=True, slots=True, kw_only=True)
class NuisanceVerdict:
    """Verdict with its place and time."""

    alert_id: str
    camera_id: str
    kind: str
    rule_id: str
    zone_id: str | None
    region: Region
    raised_at: float
    sightings: int
    reject_reason: str | None
    """None if it was confirmed."""


@dataclass(slots=True, kw_only=True)
class Nuisance:
    """Place with its rejections, newest first."""

    rejected: list[NuisanceVerdict]
    region: Region
    confirmed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def newest(self) -> NuisanceVerdict:
        """Alert that was rejected there last."""
        return self.rejected[0]

    @property
    def why_no_mask(self) -> NoMask | None:
        if not has_place(self.newest.kind):
            return NoMask.ZONE_RULE
        if self.confirmed:
            return NoMask.CONFIRMED_THERE
        return NoMask.TOO_LARGE if area(self._masked) > LARGEST_MASK else None

    @property
    def mask(self) -> tuple[Corner, ...] | None:
        """Suggested polygon, in shares of the picture."""
        if self.why_no_mask is not None:
            return None
        left, top, right, bottom = (round(share, 4) for share in self._masked)
        return (left, top), (right, top), (right, bottom), (left, bottom)

    @property
    def mask_share(self) -> float:
        """Share of the picture that the mask would hide."""
        return area(self._masked)

    @property
    def _masked(self) -> Region:
        return grown(self.region, MARGIN)


def nuisances(evaluated: Sequence[NuisanceVerdict], *, at_least: int) -> list[Nuisance]:
    """Return the places with at least so many rejections, the worst first."""
    places: list[Nuisance] = []
    for one in evaluated:
        if one.reject_reason is not None:
            _add(places, one, one.reject_reason)
    for one in evaluated:
        if one.reject_reason is None:
            for place in places:
                place.confirmed += _is_there(place, one)
    found = [place for place in places if len(place.rejected) >= at_least]
    return sorted(found, key=lambda place: -len(place.rejected))


def alerts_with_verdict(
    database: Database, since: float, scope: DataFilter
) -> list[NuisanceVerdict]:
    """Return the alerts with a verdict since a time in scope, newest first; no drills."""
    evaluated = (
        sa.select(*(alert.c[name] for name in _FACTS), alert.c.verdict, alert.c.verdict_at)
        .where(
            alert.c.raised_at >= since,
            alert.c.verdict.in_([AlertState.REJECTED.value, AlertState.CONFIRMED.value]),
            alert.c.kind.not_in(sorted(SYSTEM_KINDS)),
            alert.c.exercise.is_(False),
            *owned_by(alert, scope),
        )
        .order_by(alert.c.raised_at.desc())
        .limit(MOST)
        .subquery()
    )
    query = (
        sa.select(
            evaluated,
            sa.func.min(event.c.box_x).label("left"),
            sa.func.min(event.c.box_y).label("top"),
            sa.func.max(event.c.box_x + event.c.box_w).label("right"),
            sa.func.max(event.c.box_y + event.c.box_h).label("bottom"),
        )
        .join(event, event.c.alert_id == evaluated.c.id)
        .where(event.c.evidence_only.is_(False), event.c.stored_at <= evaluated.c.verdict_at)
        .group_by(*evaluated.c)
        .order_by(evaluated.c.raised_at.desc(), evaluated.c.id)
    )
    with database.reading() as connection:
        return [_evaluated(row) for row in connection.execute(query)]


def _add(places: list[Nuisance], one: NuisanceVerdict, reason: str) -> None:
    place = next((existing for existing in places if _is_there(existing, one)), None)
    if place is None:
        places.append(Nuisance(rejected=[one], region=one.region, reasons=Counter([reason])))
        return
    place.rejected.append(one)
    place.region = union(place.region, one.region)
    place.reasons[reason] += 1


def _is_there(place: Nuisance, one: NuisanceVerdict) -> bool:
    existing = place.newest
    if (existing.camera_id, class_group(existing.kind)) != (one.camera_id, class_group(one.kind)):
        return False
    if not has_place(one.kind):
        return (existing.rule_id, existing.zone_id) == (one.rule_id, one.zone_id)
    return touch(grown(place.region, REACH), one.region)


def _evaluated(row: sa.Row[Any]) -> NuisanceVerdict:
    is_rejected = row.verdict == AlertState.REJECTED.value
    return NuisanceVerdict(
        alert_id=row.id,
        camera_id=row.camera_id,
        kind=row.kind,
        rule_id=row.rule_id,
        zone_id=row.zone_id,
        region=(row.left, row.top, row.right, row.bottom),
        raised_at=row.raised_at,
        sightings=row.detections,
        reject_reason=(row.reject_reason or NO_REASON) if is_rejected else None,
    )
