"""Interface of an alarm-line protocol: how frames are cut, read and answered.

A decoder is pure: bytes and time in, signals and answer out.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.config.devices import PanelReceiverConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSignal:
    """Signal of a panel. `account` identifies the panel on the line; `key` detects repetitions."""

    account: str
    kind: SignalKind
    at: dt.datetime
    key: str
    place: str | None = None
    value: str | None = None
    restores: SignalKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """A read frame: signals and answer; or the reason of a refusal with its answer."""

    signals: tuple[PanelSignal, ...] = ()
    answer: bytes = b""
    refusal: bytes = b""
    """What is answered where the account is nobody's."""
    why: str | None = None


class PanelDecoder(Protocol):
    """Decoder of one receiver's frames. One thread."""

    def decode(self, frame: bytes, now: float) -> PanelFrame:
        """Return a read frame, given without its terminator; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMake:
    """A make by its name in the configuration. `ends` ends each frame on a connection."""

    name: str
    decoder: Callable[[PanelReceiverConfig], PanelDecoder]
    ends: bytes = b"\r"
