"""Event messages of one episode: raised, updated, cleared.

`at_s` is camera time; `*_at` are UTC unix seconds.
"""

from dataclasses import dataclass
from enum import StrEnum

Box = tuple[float, float, float, float]
CORROBORATED = "corroborated by call"  # in a reason, before the number of the call
BELIEVED = 0.65  # from this probability on an event is told as loudly as its rule says


class EventPhase(StrEnum):
    """Phase of an episode that a message reports."""

    RAISED = "raised"  # the rule is confirmed: an officer must answer
    UPDATED = "updated"  # still seen; grew, became surer, or simply goes on
    CLEARED = "cleared"  # not seen for the rule's `clear_after_s` of watched time


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Message of an episode. `reason` is the chain of stages that accepted it."""

    id: str
    event_id: str
    phase: EventPhase
    kind: str
    camera_id: str
    rule_id: str
    rule_version: int
    zone_id: str | None
    priority: int
    box: Box
    confidence: float
    label: str
    track_id: int | None
    model_name: str
    model_sha256: str
    at_s: float
    captured_at: float
    inferred_at: float
    reason: str
    unchecked: bool = False
    belief: float | None = None  # 0..1; None: a worker that tells none, or the watch's own trouble
    reasons: tuple[tuple[str, float], ...] = ()  # of the belief: name, weight in log-odds
    exercise: bool = False  # a drill: answered like a real one, never counted, never learned from
    call: str | None = None  # the number of a call that told of a fire near, a short while ago

    @property
    def is_doubted(self) -> bool:
        """True if the system does not believe it; then it is not urgent."""
        return self.belief is not None and self.belief < BELIEVED
