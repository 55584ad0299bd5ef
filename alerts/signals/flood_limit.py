"""How many signals of one device are taken one by one; the others are counted and folded.

A token bucket a lane of a device: what it says of fire has one of its own, so that no flood of
faults stands before it. What is folded is kept by the desk: of each zone the newest of each kind is
taken in its order as soon as there is room. Beyond a second bound the device is told to wait. Pure
but for its own memory, which is bounded by the number of configured devices.
"""

from dataclasses import dataclass, field
from enum import StrEnum

BURST = 20.0
PER_S = 2.0
ASKED_PER_S = 100.0  # beyond this a device is told to slow down


class FloodVerdict(StrEnum):
    """What to do with a signal."""

    TAKE = "take"
    FOLD = "fold"  # count it; its state is taken later
    REFUSE = "refuse"  # count it, and tell the device to wait


@dataclass(slots=True)
class DeviceFlow:
    """One device's buckets. `folded` counts since the last signal that was taken."""

    room: float = BURST
    asked_room: float = ASKED_PER_S
    at: float = field(default=float("-inf"))
    folded: int = 0
    folded_total: int = 0

    def judge(self, now: float, *, is_behind: bool = False) -> FloodVerdict:
        """Judge one signal that comes now (monotonic seconds); `is_behind`: earlier ones wait."""
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
        """Whether what was folded can be taken now."""
        self._refill(now)
        return self.room >= 1.0

    def _fold(self) -> None:
        self.folded += 1
        self.folded_total += 1

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self.at) if self.at != float("-inf") else 0.0
        self.room = min(BURST, self.room + passed * PER_S)
        self.asked_room = min(ASKED_PER_S, self.asked_room + passed * ASKED_PER_S)
        self.at = now
