"""The alert's own row: opened by a sighting, changed by those that fold in."""

from dataclasses import dataclass
from typing import Any

from uuid6 import uuid7

from alerts.archive.belief_column import to_column
from alerts.lifecycle.alert_state import AlertState
from alerts.lifecycle.deduplication import AlertCondition, DedupResult, area, dedup_key
from alerts.message import Message
from alerts.plain_text import plain
from alerts.records import CameraFacts
from detection.event import Event

_WORST_OF_GROUP = {("smoke", "fire"): "fire"}  # an alert of smoke that shows flame is a fire
_FROM_EVENT = (
    "kind",
    "camera_id",
    "rule_id",
    "rule_version",
    "zone_id",
    "priority",
    "label",
    "confidence",
    "reason",
    "unchecked",
    "exercise",
    "belief",
    "captured_at",
    "inferred_at",
)

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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEvent:
    """A message with what is known of its way and of its camera."""

    message: Message
    queued_at: float
    now: float
    facts: CameraFacts


def opened(
    arrival: IncomingEvent, folding: DedupResult, old: Any | None, number: str
) -> dict[str, Any]:
    """A new alert's row, after the alert `old` at the same place, if there was one."""
    message, facts, now = arrival.message, arrival.facts, arrival.now
    seen = message.event
    return {
        "id": str(uuid7()),
        "number": number,
        "words": plain(number, seen.camera_id, facts.name, facts.place),
        "dedup_key": dedup_key(seen),
        "episode_open": True,
        "recurrence_of": None if old is None else old.id,
        "state": AlertState.NEW.value,
        "version": 1,
        "people_version": 1,
        "raised_at": seen.captured_at,
        "last_seen_at": seen.captured_at,
        "camera_name": facts.name,
        "place": facts.place,
        "area": facts.area,
        "agency": facts.agency,
        "lat": facts.lat,
        "lon": facts.lon,
        "largest_area": area(seen),
        "detections": 1,
        "spoke_at": now,
        "spoke_reason": folding.reason.value,
        "spoken_priority": seen.priority,
        "spoken_area": area(seen),
        "condition": folding.condition.value,
        "cleared_at": now if folding.condition is AlertCondition.CLEARED else None,
        "spooled_at": message.spooled_at,
        "queued_at": arrival.queued_at,
        "stored_at": now,
        "evidence_error": message.evidence_error,
        **{name: getattr(seen, name) for name in _FROM_EVENT},
        "reasons": to_column(seen.reasons),
        **_box(seen),
    }


def folded(row: Any, seen: Event, folding: DedupResult) -> dict[str, Any]:
    """What a sighting changes on the alert that it folds into."""
    values: dict[str, Any] = {"condition": folding.condition.value}
    if folding.condition is AlertCondition.CLEARED and row.condition != AlertCondition.CLEARED:
        values["cleared_at"] = seen.captured_at
    if folding.condition is AlertCondition.ACTIVE:
        values["cleared_at"] = None
    if not folding.counts:
        return values
    values["detections"] = row.detections + 1
    values["unchecked"] = row.unchecked and seen.unchecked
    values["kind"] = _WORST_OF_GROUP.get((row.kind, seen.kind), row.kind)
    values["priority"] = min(row.priority, seen.priority)
    values["largest_area"] = max(row.largest_area, area(seen))
    if seen.belief is not None and seen.belief >= (row.belief or 0.0):
        values |= {"belief": seen.belief, "reasons": to_column(seen.reasons)}
    if seen.confidence > row.confidence:
        values |= {"confidence": seen.confidence, "label": seen.label}
    if seen.captured_at >= row.last_seen_at:
        values |= {"last_seen_at": seen.captured_at, "reason": seen.reason, **_box(seen)}
    if folding.speaks:
        values |= {
            "spoke_at": seen.captured_at,
            "spoke_reason": folding.reason.value,
            "spoken_priority": min(row.priority, seen.priority),
            "spoken_area": max(row.largest_area, area(seen)),
        }
    return values


def _box(seen: Event) -> dict[str, float]:
    return dict(zip(("box_x", "box_y", "box_w", "box_h"), seen.box, strict=True))
