"""An event message of recorded video, in the form in which replay prints it and programs get it."""

from collections.abc import Mapping
from dataclasses import dataclass

from thapcanh.detection.event import Box, Event, EventPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedEvent:
    """One message of an event: raised, updated or cleared; all of one event share `event_id`.

    `at_s` is seconds of film time, `box` is x, y, width, height in shares (0..1) of the picture.
    `belief` is 0..1 and decides the `priority` (1 is the most urgent); `reasons` weigh it, in
    log-odds. `reason` is the chain of stages that let the event through.
    """

    event_id: str
    kind: str
    phase: EventPhase
    at_s: float
    confidence: float
    label: str
    box: Box
    rule: str
    priority: int
    belief: float
    reasons: Mapping[str, float]
    reason: str


def replayed_event(event: Event) -> ReplayedEvent:
    """The event, rounded as it is printed; a rule that tells no belief measures what it tells."""
    x, y, width, height = (round(share, 4) for share in event.box)
    return ReplayedEvent(
        event_id=event.event_id,
        kind=event.kind,
        phase=event.phase,
        at_s=round(event.at_s, 3),
        confidence=round(event.confidence, 3),
        label=event.label,
        box=(x, y, width, height),
        rule=event.rule_id,
        priority=int(event.priority),
        belief=round(1.0 if event.belief is None else event.belief, 4),
        reasons=dict(event.reasons),
        reason=event.reason,
    )
