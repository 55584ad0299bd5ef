"""Plausibility of a device's clock."""

from dataclasses import dataclass

AHEAD_S = 5.0
BEHIND_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedSignal:
    """Time of a signal; `ahead_s` is the clock's error, or None."""

    at: float
    ahead_s: float | None


def dated(told_at: float, received_at: float) -> DatedSignal:
    """Return the time of a signal: as stated, or as received if implausible. UTC unix seconds."""
    ahead_s = told_at - received_at
    if -BEHIND_S <= ahead_s <= AHEAD_S:
        return DatedSignal(at=min(told_at, received_at), ahead_s=None)
    return DatedSignal(at=received_at, ahead_s=ahead_s)
