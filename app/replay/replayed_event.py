"""An event message of recorded video, in the form in which replay prints it and programs get it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from thapcanh.detection.event import Box, Event, EventPhase


def public_repr(name: str) -> Callable[[Any], str]:
    """Return a `__repr__` for a dataclass that programs import as `thapcanh.<name>`."""

    def text(self: Any) -> str:
        values = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
        return f"thapcanh.{name}({', '.join(values)})"

    return text


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReplayedEvent:
    """One message of an event: raised, updated or cleared; all of one event share `event_id`.

    `at_s` is seconds of recording time; `width` and `height` are the picture's size in pixels.
    `box` is x, y, width, height in shares (0..1) of it, as in the queue and the API; `xyxy` and
    `xyxyn` are its corners in pixels and in shares. `belief` is 0..1 and decides the `priority` (1
    is the most urgent); `reasons` weigh it, in log-odds. `reason` is the chain of stages that let
    the event through.
    """

    event_id: str
    kind: str
    phase: EventPhase
    at_s: float
    confidence: float
    label: str
    box: Box
    width: int
    height: int
    rule: str
    priority: int
    belief: float
    reasons: Mapping[str, float]
    reason: str

    __repr__ = public_repr("Event")

    @property
    def xyxyn(self) -> Box:
        """Left, top, right, bottom in shares (0..1) of the picture."""
        x, y, width, height = self.box
        return x, y, min(1.0, x + width), min(1.0, y + height)

    @property
    def xyxy(self) -> Box:
        """Left, top, right, bottom in pixels."""
        left, top, right, bottom = self.xyxyn
        width, height = self.width, self.height
        return left * width, top * height, right * width, bottom * height


def replayed_event(event: Event, width: int, height: int) -> ReplayedEvent:
    """Return the event rounded as it is printed, with the size of its picture in pixels.

    A rule without a belief measures what it reports: it counts as certain.
    """
    x, y, across, down = (round(share, 4) for share in event.box)
    return ReplayedEvent(
        event_id=event.event_id,
        kind=event.kind,
        phase=event.phase,
        at_s=round(event.at_s, 3),
        confidence=round(event.confidence, 3),
        label=event.label,
        box=(x, y, across, down),
        width=width,
        height=height,
        rule=event.rule_id,
        priority=int(event.priority),
        belief=round(1.0 if event.belief is None else event.belief, 4),
        reasons=dict(event.reasons),
        reason=event.reason,
    )
