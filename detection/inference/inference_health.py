"""What is said of the inference loop: its state, and how often each camera was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class LoopState(StrEnum):
    """What the loop is doing."""

    IDLE = "idle"  # not started
    LOOKING = "looking"  # works
    STALLED = "stalled"  # looks fail one after the other, or one goes on for too long
    CLOSED = "closed"  # stopped


@dataclass(slots=True, kw_only=True)
class CameraInferences:
    """Counters of one camera."""

    looks: int = 0
    late: int = 0
    failed: int = 0
    interval_s: float | None = None  # smoothed time between looks


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceHealth:
    """The loop as others see it."""

    state: LoopState
    reason: str
    looks: int
    late: int
    failed: int
    cameras: int
    regions: int  # looks at a part of a picture, beside the whole
    regions_dropped: int  # there was no time for them
