"""The alert's own row: opened by a sighting, changed by those that fold in."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from alerts.archive.ledger import next_number
from alerts.archive.records import CameraFacts
from alerts.archive.tables import alert
from alerts.episode import Condition, Folding, area, dedup_key
from alerts.life import State
from alerts.plain_text import plain
from alerts.wire import Message
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
    "captured_at",
    "inferred_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message with what is known of its way and of its camera."""

    message: Message
    queued_at: float
    now: float
    facts: CameraFacts


def open_alert(
    connection: sa.Connection, arrival: Arrival, folding: Folding, old: sa.Row[Any] | None
) -> tuple[str, int]:
    """A new alert, and the end of the episode before it; returns its id and version."""
    message, facts, now = arrival.message, arrival.facts, arrival.now
    seen = message.event
    key = dedup_key(seen)
    number = next_number(connection, now)
    connection.execute(
        sa.update(alert)
        .where(alert.c.dedup_key == key, alert.c.episode_open)
        .values(episode_open=False)
    )
    values = {
        "id": str(uuid7()),
        "number": number,
        "words": plain(number, seen.camera_id, facts.name, facts.place),
        "dedup_key": key,
        "episode_open": True,
        "recurrence_of": None if old is None else old.id,
        "state": State.NEW.value,
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
        "cleared_at": now if folding.condition is Condition.CLEARED else None,
        "spooled_at": message.spooled_at,
        "queued_at": arrival.queued_at,
        "stored_at": now,
        "evidence_error": message.evidence_error,
        **{name: getattr(seen, name) for name in _FROM_EVENT},
        **_box(seen),
    }
    connection.execute(sa.insert(alert).values(values))
    return str(values["id"]), 1


def folded(row: sa.Row[Any], seen: Event, folding: Folding) -> dict[str, Any]:
    """What a sighting changes on the alert that it folds into."""
    values: dict[str, Any] = {"condition": folding.condition.value}
    if folding.condition is Condition.CLEARED and row.condition != Condition.CLEARED:
        values["cleared_at"] = seen.captured_at
    if folding.condition is Condition.ACTIVE:
        values["cleared_at"] = None
    if not folding.counts:
        return values
    values["detections"] = row.detections + 1
    values["unchecked"] = row.unchecked and seen.unchecked
    values["kind"] = _WORST_OF_GROUP.get((row.kind, seen.kind), row.kind)
    values["priority"] = min(row.priority, seen.priority)
    values["largest_area"] = max(row.largest_area, area(seen))
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


def update_alert(connection: sa.Connection, alert_id: str, values: dict[str, Any]) -> int:
    """Change an alert and return its new version."""
    return int(
        connection.execute(
            sa.update(alert)
            .where(alert.c.id == alert_id)
            .values({**values, "version": alert.c.version + 1})
            .returning(alert.c.version)
        ).scalar_one()
    )
