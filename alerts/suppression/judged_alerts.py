"""What the list of nuisances reads: the fire, smoke and people alerts judged since a time.

Bounded: the newest `MOST` verdicts of the period, through the index on time.
"""

from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_state import AlertState
from alerts.alert.alert_tables import alert, event
from alerts.queue.system_events import SYSTEM_KINDS
from alerts.store.database import Database
from alerts.store.owned_rows import owned_by
from alerts.store.roles import DataFilter
from alerts.suppression.nuisances import NuisanceVerdict

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


def judged_alerts(database: Database, since: float, scope: DataFilter) -> list[NuisanceVerdict]:
    """The judged alerts raised since then that the scope may see, newest first; no drills."""
    judged = (
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
            judged,
            sa.func.min(event.c.box_x).label("left"),
            sa.func.min(event.c.box_y).label("top"),
            sa.func.max(event.c.box_x + event.c.box_w).label("right"),
            sa.func.max(event.c.box_y + event.c.box_h).label("bottom"),
        )
        .join(event, event.c.alert_id == judged.c.id)
        .where(event.c.evidence_only.is_(False), event.c.stored_at <= judged.c.verdict_at)
        .group_by(*judged.c)
        .order_by(judged.c.raised_at.desc(), judged.c.id)
    )
    with database.reading() as connection:
        return [_judged(row) for row in connection.execute(query)]


def _judged(row: sa.Row[Any]) -> NuisanceVerdict:
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
