"""Quiet places taught by rejections, as they were at the verdict."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import IncomingEvent
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.alert.deduplication import (
    AlertCondition,
    DedupSettings,
    VerdictExtent,
    dedup_key,
    has_place,
)
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.store.distance import distance_m
from thapcanh.detection.event import Event
from thapcanh.detection.rules.registry import kinds_like

MAX_PLACES = 20  # of one camera that are quiet at the same time; the newest


def rejected_lately(
    connection: sa.Connection, observed: Event, settings: DedupSettings
) -> Sequence[sa.Row[Any]]:
    """Return rejected alerts of the same camera and class, newest first."""
    if observed.exercise or not has_place(observed):
        return ()
    query = (
        sa.select(alert)
        .where(
            alert.c.dedup_key == dedup_key(observed),
            alert.c.exercise.is_(False),
            alert.c.verdict == AlertState.REJECTED.value,
            alert.c.verdict_at > observed.captured_at - settings.quiet_after_rejection_s,
        )
        .order_by(alert.c.verdict_at.desc())
        .limit(MAX_PLACES)
    )
    return connection.execute(query).all()


def keys_rejected_since(
    connection: sa.Connection, keys: Sequence[str], since: float
) -> frozenset[str]:
    """Return the keys with a rejection after a time."""
    if not keys:
        return frozenset()
    query = sa.select(alert.c.dedup_key).where(
        alert.c.dedup_key.in_(keys),
        alert.c.verdict_at > since,
        alert.c.verdict == AlertState.REJECTED.value,
    )
    return frozenset(connection.execute(query.distinct()).scalars())


def extent_at_verdict(
    connection: sa.Connection, row: AlertRow | sa.Row[Any]
) -> VerdictExtent | None:
    """Return all boxes and the confidence of an alert at its verdict.

    Later observations do not move the place, or it could creep over the picture.
    """
    query = sa.select(
        sa.func.min(event.c.box_x),
        sa.func.min(event.c.box_y),
        sa.func.max(event.c.box_x + event.c.box_w),
        sa.func.max(event.c.box_y + event.c.box_h),
        sa.func.max(event.c.confidence),
    ).where(
        event.c.alert_id == row.id,
        event.c.evidence_only.is_(False),
        event.c.stored_at <= row.verdict_at,
    )
    left, top, right, bottom, confidence = connection.execute(query).one()
    if confidence is None:
        return None
    return VerdictExtent(box=(left, top, right - left, bottom - top), confidence=confidence)


def agreed_since(
    connection: sa.Connection, row: AlertRow, arrival: IncomingEvent, settings: DedupSettings
) -> bool:
    """Return whether another nearby camera raised the same since the verdict, still active."""
    observed, facts = arrival.message.event, arrival.facts
    if observed.exercise or facts.lat is None or facts.lon is None:
        return False
    query = sa.select(alert.c.lat, alert.c.lon).where(
        alert.c.camera_id != observed.camera_id,
        alert.c.exercise.is_(False),
        alert.c.kind.in_(kinds_like(observed.kind)),
        alert.c.condition == AlertCondition.ACTIVE.value,
        sa.or_(alert.c.verdict.is_(None), alert.c.verdict != AlertState.REJECTED.value),
        alert.c.raised_at > row.verdict_at,
        alert.c.last_seen_at >= observed.captured_at - settings.agrees_within_s,
        alert.c.lat.is_not(None),
    )
    local = (facts.lat, facts.lon)
    found = connection.execute(query).all()
    return any(distance_m(local, (lat, lon)) <= settings.agrees_within_m for lat, lon in found)
