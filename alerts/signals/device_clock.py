"""Whether a device's clock can be believed: its time and ours in, the time that counts out. Pure.

A device that was cut off may honestly tell late; none can tell of the future.
"""

from dataclasses import dataclass

AHEAD_S = 5.0
BEHIND_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedSignal:
    """When a signal is taken to have happened; `ahead_s` is how wrong its clock is, else None."""

    at: float
    ahead_s: float | None


def dated(told_at: float, received_at: float) -> DatedSignal:
    """Date a signal: as told, or when it came where that cannot be. UTC unix seconds."""
    ahead_s = told_at - received_at
    if -BEHIND_S <= ahead_s <= AHEAD_S:
        return DatedSignal(at=min(told_at, received_at), ahead_s=None)
    return DatedSignal(at=received_at, ahead_s=ahead_s)
