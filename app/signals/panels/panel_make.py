"""What a make of alarm line is: how its frames are cut, read and answered.

A make is one file of this folder with a `MAKE`, or an entry point of the group `thapcanh.panels`.
A decoder opens no connection and reads no clock: bytes and the time go in, signals and the answer
come out. The answer is sent once the signals are on the disk.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.config.devices import PanelReceiverConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSignal:
    """What a panel says. `account` is by what the line knows it; `key` that of a repetition."""

    account: str
    kind: SignalKind
    at: dt.datetime
    key: str
    place: str | None = None
    value: str | None = None
    restores: SignalKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """A frame that was read: its signals and the answer; or why it is refused, and what is said."""

    signals: tuple[PanelSignal, ...] = ()
    answer: bytes = b""
    refusal: bytes = b""
    """What is answered where the account is nobody's."""
    why: str | None = None


class PanelDecoder(Protocol):
    """Reads the frames of one receiver. One thread."""

    def decode(self, frame: bytes, now: float) -> PanelFrame:
        """Read one frame, without what ends it; whatever the bytes are, nothing is raised."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMake:
    """A make by its name in the configuration. `ends` ends each frame on a connection."""

    name: str
    decoder: Callable[[PanelReceiverConfig], PanelDecoder]
    ends: bytes = b"\r"
