"""Rows of alerts: opened by an observation, changed by later ones."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.answering_order import Corroboration
from thapcanh.alerts.alert.deduplication import (
    AlertCondition,
    DedupReason,
    DedupResult,
    area,
    dedup_key,
)
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.alert.typed_rows import AlertRow, to_column
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.plain_text import plain
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event
from thapcanh.detection.rules.registry import outranks

SIGHTED = (  # what sightings change on an alert; all else is people's
    "episode_open",
    "version",
    "condition",
    "cleared_at",
    "detections",
    "unchecked",
    "kind",
    "priority",
    "largest_area",
    "confidence",
    "label",
    "last_seen_at",
    "reason",
    "belief",
    "reasons",
    "box_x",
    "box_y",
    "box_w",
    "box_h",
    "spoke_at",
    "spoke_reason",
    "spoken_priority",
    "spoken_area",
    "evidence_error",
    "shelf_id",
    "shelved_until",
    "corroboration",
    "corroborated_by",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEvent:
    """Message with its transport facts and its camera's facts."""

    message: Message
    queued_at: float
    now: float
    facts: CameraFacts


def opened(
    arrival: IncomingEvent, folding: DedupResult, old: AlertRow | None, number: str
) -> AlertRow:
    """Return a new alert's row, after the alert `old` at the same place, if any."""
    message, facts, now = arrival.message, arrival.facts, arrival.now
    observed = message.event
    left, top, width, height = observed.box
    return AlertRow(
        id=str(uuid7()), number=number,
        words=plain(number, observed.camera_id, facts.name, facts.place),
        dedup_key=dedup_key(observed), episode_open=True,
        recurrence_of=None if old is None else old.id,
        kind=observed.kind, state=AlertState.NEW.value, condition=folding.condition.value,
        priority=observed.priority, version=1, people_version=1,
        raised_at=observed.captured_at, last_seen_at=observed.captured_at,
        cleared_at=observed.captured_at if folding.condition is AlertCondition.CLEARED else None,
        camera_id=observed.camera_id, camera_name=facts.name,
        place=facts.place, area=facts.area, agency=facts.agency,
        lat=facts.lat, lon=facts.lon,
        rule_id=observed.rule_id, rule_version=observed.rule_version, zone_id=observed.zone_id,
        label=observed.label, confidence=observed.confidence,
        box_x=left, box_y=top, box_w=width, box_h=height,
        largest_area=area(observed), detections=1,
        reason=observed.reason, unchecked=observed.unchecked,
        exercise=observed.exercise,
        belief=observed.belief, reasons=to_column(observed.reasons),
        corroboration=None if observed.call is None else Corroboration.CALL.value,
        corroborated_by=observed.call,
        evidence_error=message.evidence_error,
        spoke_at=now, spoke_reason=folding.reason.value,
        spoken_priority=observed.priority, spoken_area=area(observed),
        captured_at=observed.captured_at, inferred_at=observed.inferred_at,
        spooled_at=message.spooled_at, queued_at=arrival.queued_at, stored_at=now,
    )  # fmt: skip


def apply_sighting(row: AlertRow, observed: Event, folding: DedupResult) -> None:
    if folding.condition is AlertCondition.CLEARED and row.condition != AlertCondition.CLEARED:
        row.cleared_at = observed.captured_at
    if folding.condition is AlertCondition.ACTIVE:
        row.cleared_at = None
    row.condition = folding.condition.value
    if not folding.counts:
        return
    row.detections += 1
    row.unchecked = row.unchecked and observed.unchecked
    if observed.call is not None and row.corroboration is None:
        row.corroboration, row.corroborated_by = Corroboration.CALL.value, observed.call
    if outranks(observed.kind, row.kind):  # an alert of smoke that shows flame is a fire
        row.kind, row.label = observed.kind, observed.label
    row.priority = min(row.priority, observed.priority)
    row.largest_area = max(row.largest_area, area(observed))
    if observed.belief is not None and observed.belief >= (row.belief or 0.0):
        row.belief, row.reasons = observed.belief, to_column(observed.reasons)
    if observed.confidence > row.confidence:
        row.confidence, row.label = observed.confidence, observed.label
    if observed.captured_at >= row.last_seen_at:
        row.last_seen_at, row.reason = observed.captured_at, observed.reason
        row.box_x, row.box_y, row.box_w, row.box_h = observed.box
    if folding.speaks:
        row.spoke_at, row.spoke_reason = observed.captured_at, folding.reason.value
        row.spoken_priority, row.spoken_area = row.priority, row.largest_area


def of_owner(row: AlertRow | None, facts: CameraFacts) -> AlertRow | None:
    """Return this alert unless its camera now belongs to another agency or area.

    Decisions of the former officers bind only them.
    """
    if row is None or (row.agency, row.area) != (facts.agency, facts.area):
        return None
    return row


def raise_to_p1(row: AlertRow, why: DedupReason, reason: str, at: float) -> None:
    """Raise an alert that is not written yet."""
    for name, value in raised_to_p1(why, reason, at).items():
        setattr(row, name, value)


def raised_to_p1(why: DedupReason, reason: str, at: float) -> dict[str, Any]:
    """Return the changed columns of a doubted alert that becomes P1."""
    spoken = {"spoke_at": at, "spoke_reason": why.value, "reason": reason}
    return {**_at_priority(Priority.P1), **spoken}


def lowered_to_p2(row: sa.Row[Any], reason: str) -> dict[str, Any]:
    """Return the changed columns of an alert that silently becomes P2; lower ones stay."""
    return {**_at_priority(max(Priority.P2, Priority(row.priority))), "reason": reason}


def _at_priority(priority: Priority) -> dict[str, Any]:
    return {"priority": priority.value, "spoken_priority": priority.value}
