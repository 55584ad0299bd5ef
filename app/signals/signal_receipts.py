"""What a sender of signals is answered, and what is known of each device since the start."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.signals.flood_limit import DeviceFlow
from alerts.signals.signal_schema import SignalBody


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


@dataclass(slots=True)
class DeviceState:
    """What is known of one device since the centre started. Times are monotonic seconds."""

    flow: DeviceFlow
    heard_at: float
    ahead_s: float | None = None
    pending: tuple[SignalBody, str] | None = None  # the newest that was folded, and its key
