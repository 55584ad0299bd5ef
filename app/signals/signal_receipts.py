"""What a sender of signals is answered, and what is known of each device since the start."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from alerts.signals.device_events import BURNING
from alerts.signals.flood_limit import DeviceFlow
from alerts.signals.signal_schema import SignalBody, SignalKind


class UnknownDevice(Exception):
    """No such device is registered, or the sender may not speak for it."""


class DeviceFlood(Exception):
    """The device sends too fast; what it says is counted, and its newest state is taken."""


class SignalOutcome(StrEnum):
    """What became of a signal."""

    TAKEN = "taken"
    FOLDED = "folded"  # counted; its state is taken within a second
    REPEATED = "repeated"  # it had come before, under the same key
    IN_TEST = "in_test"  # written down; its device is tested and raises nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceipt:
    """The answer to a sender."""

    id: str
    outcome: SignalOutcome
    at: float
    received_at: float
    clock_ahead_s: float | None


Said = tuple[str, str | None, str | None]
Waiting = tuple[SignalBody, str]  # a signal that was folded, and its key
_MOST_PENDING = 64


@dataclass(slots=True)
class SignalLane:
    """Signals of one device that go on in their order, and what of them was folded."""

    flow: DeviceFlow = field(default_factory=DeviceFlow)
    pending: dict[Said, Waiting] = field(default_factory=dict)
    """By what is said: the newest of each, the one that waits longest first."""

    def wait(self, signal: SignalBody, key: str) -> None:
        """Keep a signal until there is room, in place of an earlier one that said the same."""
        said = _said(signal)
        self.pending.pop(said, None)
        if len(self.pending) >= _MOST_PENDING:
            del self.pending[next(iter(self.pending))]
        self.pending[said] = (signal, key)

    def put_back(self, signal: SignalBody, key: str) -> None:
        """Let a signal that could not be saved wait before all others, but for a newer one."""
        said = _said(signal)
        self.pending = {said: self.pending.get(said, (signal, key)), **self.pending}

    def next(self, now: float) -> Waiting | None:
        """What has waited longest, where there is room for it now."""
        if not self.pending or not self.flow.has_room(now):
            return None
        self.flow.room -= 1.0
        return self.pending.pop(next(iter(self.pending)))


@dataclass(slots=True)
class DeviceState:
    """What is known of one device since the centre started. Times are monotonic seconds."""

    heard_at: float
    ahead_s: float | None = None
    of_fire: SignalLane = field(default_factory=SignalLane)
    of_others: SignalLane = field(default_factory=SignalLane)

    @property
    def lanes(self) -> tuple[SignalLane, SignalLane]:
        """What is urgent first."""
        return self.of_fire, self.of_others

    @property
    def folded_total(self) -> int:
        """How many signals were folded since the start."""
        return sum(lane.flow.folded_total for lane in self.lanes)

    def due(self, now: float) -> list[Waiting]:
        """What was folded and has room now, what is urgent first."""
        return [one for lane in self.lanes for one in iter(partial(lane.next, now), None)]

    def lane(self, signal: SignalBody) -> SignalLane:
        """Where a signal goes: what begins or ends fire and smoke never waits for anything else."""
        ends = signal.kind in (SignalKind.CLEARED, SignalKind.RESTORED)
        is_of_fire = signal.restores in (None, *BURNING) if ends else signal.kind in BURNING
        return self.of_fire if is_of_fire else self.of_others


def _said(signal: SignalBody) -> Said:
    """What a signal says, and of which zone."""
    return signal.kind.value, signal.restores, signal.place
