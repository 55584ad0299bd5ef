"""Plausibility of a reported position, given the last one."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from thapcanh.alerts.map.country import PositionFault, position_fault
from thapcanh.alerts.store.distance import Position, distance_m

FASTEST_MS = 70.0  # 250 km/h
JUMP_M = 1000.0  # less than this is an inexact fix
AHEAD_S = 30.0
OLDEST_S = 24 * 3600.0
BELIEVED_AFTER = 3


class PositionVerdict(StrEnum):
    """Verdict on a position."""

    MOVED = "moved"  # the unit is there now
    LATE = "late"  # of before the last one: it joins the track, the unit stays
    ZERO = "zero"
    ABROAD = "abroad"
    JUMP = "jump"  # farther than a vehicle can drive meanwhile
    FUTURE = "future"  # by a clock that is wrong
    OLD = "old"


KEPT = (PositionVerdict.MOVED, PositionVerdict.LATE)
_FAULTS = {
    PositionFault.ZERO: PositionVerdict.ZERO,
    PositionFault.ABROAD: PositionVerdict.ABROAD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Position at a time, UTC unix seconds."""

    place: Position
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFix:
    """A verdict; of a jump how far it is, and in how many seconds."""

    verdict: PositionVerdict
    apart_m: float = 0.0
    apart_s: float = 0.0


@dataclass(slots=True)
class PositionCheck:
    """Position check of one unit; not thread-safe."""

    last: Fix | None = None
    _doubted: deque[Fix] = field(default_factory=lambda: deque(maxlen=BELIEVED_AFTER))

    def judge(self, reported: Fix, now: float) -> CheckedFix:
        """Check a fix, and remember it if it is accepted."""
        fault = position_fault(reported.place)
        if fault is not None:
            return CheckedFix(verdict=_FAULTS[fault])
        if reported.at > now + AHEAD_S:
            return CheckedFix(verdict=PositionVerdict.FUTURE)
        if reported.at < now - OLDEST_S:
            return CheckedFix(verdict=PositionVerdict.OLD)
        if self.last is None:
            return self._moved(reported)
        if reported.at < self.last.at:
            return CheckedFix(verdict=PositionVerdict.LATE)
        if not _is_jump(self.last, reported):
            return self._moved(reported)
        if self._doubted and _is_jump(self._doubted[-1], reported):
            self._doubted.clear()
        self._doubted.append(reported)
        if len(self._doubted) == BELIEVED_AFTER:
            return self._moved(reported)
        apart_m = distance_m(self.last.place, reported.place)
        return CheckedFix(
            verdict=PositionVerdict.JUMP, apart_m=apart_m, apart_s=reported.at - self.last.at
        )

    def _moved(self, reported: Fix) -> CheckedFix:
        self.last = reported
        self._doubted.clear()
        return CheckedFix(verdict=PositionVerdict.MOVED)


def _is_jump(before: Fix, reported: Fix) -> bool:
    apart_m = distance_m(before.place, reported.place)
    return apart_m > JUMP_M and apart_m > FASTEST_MS * max(reported.at - before.at, 1.0)
