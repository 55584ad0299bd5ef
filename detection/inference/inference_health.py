"""Health of the inference loop: its state, and counters of each camera."""

from dataclasses import dataclass
from enum import StrEnum

_SMOOTHING = 0.2
_SUMS = ("looks", "late", "failed", "wakes_withheld")


class LoopState(StrEnum):
    """State of the loop."""

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
    wakes_withheld: int = 0  # looks that showed only what was judged before and not believed
    interval_s: float | None = None  # smoothed time between looks

    def measure(self, unseen_s: float) -> None:
        """Record an inference after this time without one."""
        before_s = unseen_s if self.interval_s is None else self.interval_s
        self.interval_s = before_s + _SMOOTHING * (unseen_s - before_s)

    def sums(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in _SUMS}

    def withheld(self, so_far: int) -> int:
        """Store the number of withheld wakes; return how many are new."""
        new, self.wakes_withheld = so_far - self.wakes_withheld, so_far
        return new


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceHealth:
    """Health of the loop for other threads."""

    state: LoopState
    reason: str
    looks: int
    late: int
    failed: int
    wakes_withheld: int
    cameras: int
    regions: int  # looks at a part of a picture, beside the whole
    regions_dropped: int  # there was no time for them
    unanswered: int = 0  # questions to the witness: it is down, or was late
