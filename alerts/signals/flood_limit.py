"""Flood limit of a device's signals.

Beyond a second limit the device must wait.
"""

from dataclasses import dataclass, field
from enum import StrEnum

BURST = 20.0
PER_S = 2.0
REQUESTS_PER_S = 100.0  # beyond this a device is told to slow down


class FloodVerdict(StrEnum):
    """Decision about a signal."""

    TAKE = "take"
    FOLD = "fold"  # count it; its state is taken later
    REFUSE = "refuse"  # count it, and tell the device to wait


@dataclass(slots=True)
class DeviceFlow:
    """Buckets of one device. `folded` counts merged signals since the last accepted one."""

    room: float = BURST
    asked_room: float = REQUESTS_PER_S
    at: float = field(default=float("-inf"))
    folded: int = 0
    folded_total: int = 0

    def judge(self, now: float, *, is_behind: bool = False) -> FloodVerdict:
        """Decide about a signal at `now` (monotonic); `is_behind` means earlier ones wait."""
        self._refill(now)
        if self.asked_room < 1.0:
            self._fold()
            return FloodVerdict.REFUSE
        self.asked_room -= 1.0
        if self.room < 1.0 or is_behind:
            self._fold()
            return FloodVerdict.FOLD
        self.room -= 1.0
        return FloodVerdict.TAKE

    def has_room(self, now: float) -> bool:
        """Return whether a merged signal can be processed now."""
        self._refill(now)
        return self.room >= 1.0

    def _fold(self) -> None:
        self.folded += 1
        self.folded_total += 1

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self.at) if self.at != float("-inf") else 0.0
        self.room = min(BURST, self.room + passed * PER_S)
        self.asked_room = min(REQUESTS_PER_S, self.asked_room + passed * REQUESTS_PER_S)
        self.at = now
