"""What a rule saw: immutable messages that share one `event_id`, from raised to cleared.

A `Scene` makes them, a sink saves their evidence and carries them to the centre. Nothing here
knows of queues or pictures.
"""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where in its life an event is when the message is made."""

    RAISED = "raised"  # the condition was confirmed for the first time
    UPDATED = "updated"  # still held; something worth telling changed
    CLEARED = "cleared"  # not seen for the rule's clear time


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message about one event."""

    id: str  # UUIDv7 of this message
    event_id: str  # UUIDv7 shared by all messages of one event
    phase: Phase
    kind: str  # fire, smoke, intrusion, …
    camera_id: str
    rule_id: str
    rule_version: int
    zone_id: str | None
    priority: int  # 1 (highest) to 3
    box: tuple[float, float, float, float]  # x, y, width, height, each 0..1 of the picture
    confidence: float
    label: str
    track_id: int | None
    model_name: str
    model_sha256: str
    at_s: float  # camera time
    captured_at: float  # UTC unix seconds
    inferred_at: float  # UTC unix seconds
    reason: str  # the chain that led here: "5 of 8 looks · growing"
    unchecked: bool  # a second check was down or late: let through all the same
