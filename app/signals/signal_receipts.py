"""Receipts of signals, and states of devices since the start."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from thapcanh.alerts.signals.device_events import BURNING
from thapcanh.alerts.signals.flood_limit import DeviceFlow
from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind


class DeviceUnregistered(Exception):
    """No such device is registered, or the sender may not speak for it."""


class DeviceFlood(Exception):
    """Device that exceeds its rate; its signals are counted.

    `is_saved`: its state is on disk and is processed later. Otherwise it must send again.
    """

    def __init__(self, device_id: str, *, is_saved: bool) -> None:
        super().__init__(device_id)
        self.is_saved = is_saved


class SignalOutcome(StrEnum):
    TAKEN = "taken"
    FOLDED = "folded"  # counted, and on the disk; its state is taken as soon as there is room
    REPEATED = "repeated"  # it had come before, under the same key
    IN_TEST = "in_test"  # written down; its device is tested and raises nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceipt:
    id: str
    outcome: SignalOutcome
    at: float
    received_at: float
    clock_ahead_s: float | None


Meaning = tuple[str, str | None, str | None]
MOST_WAITING = 1000  # in a lane: the zones of a large panel, and what each may say


@dataclass(slots=True, kw_only=True)
class FoldedSignal:
    """A signal that waits for room. `rows` stand on the disk for it, or for what it replaced."""

    signal: SignalBody
    key: str
    is_stored: bool = False
    rows: tuple[int, ...] = ()


@dataclass(slots=True)
class SignalLane:
    """Queue of one device's signals in order, with suppressed ones."""

    flow: DeviceFlow = field(default_factory=DeviceFlow)
    pending: dict[Meaning, FoldedSignal] = field(default_factory=dict)
    """By what is said: the newest of each, the one that waits longest first."""
    was_full: int = 0
    """How many signals found no place since the start."""

    def wait(self, folded: FoldedSignal) -> bool:
        """Keep a signal until there is room, replacing an equal one.

        Return False if the lane is full; accepted signals are never dropped.
        """
        meaning = _stated(folded.signal)
        before = self.pending.get(meaning)
        if before is None and len(self.pending) >= MOST_WAITING:
            self.was_full += 1
            return False
        if before is not None and meaning == next(reversed(self.pending)):
            before.signal, before.key = folded.signal, folded.key  # the disk says it already
            return True
        if before is not None:
            folded.rows += before.rows
            del self.pending[meaning]
        self.pending[meaning] = folded
        return True

    def put_back(self, folded: FoldedSignal) -> None:
        """Put an unsaved signal back in front, unless a newer one replaces it."""
        meaning = _stated(folded.signal)
        newer = self.pending.get(meaning)
        if newer is not None:
            newer.rows += folded.rows
        else:
            self.pending = {meaning: folded, **self.pending}

    def next(self, now: float) -> FoldedSignal | None:
        """Return the oldest pending signal if the rate allows it now."""
        if not self.pending or not self.flow.has_room(now):
            return None
        self.flow.room -= 1.0
        return self.pending.pop(next(iter(self.pending)))


@dataclass(slots=True)
class DeviceState:
    """State of one device since the centre started. Times are monotonic seconds."""

    heard_at: float
    ahead_s: float | None = None
    of_fire: SignalLane = field(default_factory=SignalLane)
    of_others: SignalLane = field(default_factory=SignalLane)

    @property
    def lanes(self) -> tuple[SignalLane, SignalLane]:
        """Lanes, the urgent one first."""
        return self.of_fire, self.of_others

    @property
    def folded_total(self) -> int:
        """Number of suppressed signals since the start."""
        return sum(lane.flow.folded_total for lane in self.lanes)

    @property
    def was_full(self) -> int:
        """Number of signals without room since the start; over MQTT they are lost."""
        return sum(lane.was_full for lane in self.lanes)

    def due(self, now: float) -> list[FoldedSignal]:
        """Return pending signals within the rate, urgent ones first."""
        return [item for lane in self.lanes for item in iter(partial(lane.next, now), None)]

    def lane(self, signal: SignalBody) -> SignalLane:
        """Return the signal's lane; fire and smoke never wait for others."""
        ends = signal.kind in (SignalKind.CLEARED, SignalKind.RESTORED)
        is_of_fire = signal.restores in (None, *BURNING) if ends else signal.kind in BURNING
        return self.of_fire if is_of_fire else self.of_others


def _stated(signal: SignalBody) -> Meaning:
    """Return the meaning of a signal and its zone."""
    return signal.kind.value, signal.restores, signal.place
