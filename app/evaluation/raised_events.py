"""What a clip's events came to: messages in, one record an event with the loudness it reached."""

from dataclasses import replace

from app.evaluation.score import BURNING, RaisedEvent
from config.rules import Priority
from detection.event import Event, EventPhase


class RaisedEvents:
    """The fire and smoke events of one clip, in the order in which they were raised."""

    def __init__(self) -> None:
        self._events: dict[str, RaisedEvent] = {}

    @property
    def all(self) -> list[RaisedEvent]:
        """One record an event, as loud as it became so far."""
        return list(self._events.values())

    def take(self, event: Event, at_s: float | None = None) -> None:
        """Take in a message; `at_s` stands for its time where the caller's clock counts."""
        at = round(event.at_s if at_s is None else at_s, 3)
        known = self._events.get(event.event_id)
        if event.phase is EventPhase.RAISED and event.kind in BURNING:
            self._events[event.event_id] = _raised(event, at)
        elif event.phase is EventPhase.UPDATED and known is not None:
            self._events[event.event_id] = _updated(known, event, at)


def _raised(event: Event, at_s: float) -> RaisedEvent:
    return RaisedEvent(
        kind=event.kind,
        at_s=at_s,
        confidence=round(event.confidence, 3),
        reason=event.reason,
        priority=event.priority,
        belief=None if event.belief is None else round(event.belief, 4),
        p1_at_s=at_s if event.priority == Priority.P1 else None,
    )


def _updated(known: RaisedEvent, event: Event, at_s: float) -> RaisedEvent:
    belief = max((one for one in (known.belief, event.belief) if one is not None), default=None)
    return replace(
        known,
        priority=min(known.priority, event.priority),
        belief=None if belief is None else round(belief, 4),
        p1_at_s=at_s if known.p1_at_s is None and event.priority == Priority.P1 else known.p1_at_s,
    )
