"""Decoding policies: which packets are decoded, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet


class DecodingDecision(StrEnum):
    """Decision about a packet."""

    DECODE = "decode"
    """Decode everything held and this; every picture is shown."""
    CATCH_UP = "catch_up"
    """Decode everything held and this; only the newest picture is shown."""
    ALONE = "alone"
    """Decode this keyframe by itself, and have its picture at once."""
    HOLD = "hold"
    """Keep it undecoded; a later one may need it."""
    SKIP_BEHIND = "skip_behind"
    """Reading is behind the camera: on to the next keyframe."""
    SKIP_NO_KEYFRAME = "skip_no_keyframe"
    """Nothing can be made of it without the keyframe that went before."""


class DecodingMode(StrEnum):
    """Decoding mode of a camera."""

    IDLE = "idle"
    """A keyframe now and then."""
    AWAKE = "awake"
    """As often as it is looked at."""
    ALWAYS = "always"
    """Every picture, because the stream leaves no choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingStatus:
    """Mode and its reason, for people."""

    mode: DecodingMode
    reason: str
    wakes: int = 0
    wakes_by: Mapping[str, int] = field(default_factory=dict)
    """How many for each reason."""


class DecodingPolicy(Protocol):
    """Decision per packet; gets every packet in order, on the camera's thread."""

    @property
    def status(self) -> DecodingStatus: ...

    def decide(self, packet: Packet, lag_s: float) -> DecodingDecision: ...

    def shows(self, frame: Frame) -> bool:
        """Return whether a decoded picture goes to the detector."""
        ...

    @property
    def is_calm(self) -> bool:
        """True if the camera sleeps and nothing requests to wake it."""
        ...

    def can_wait(self, packet: Packet) -> bool:
        """Return whether the decision about this packet may come later."""
        ...

    @property
    def rest_s(self) -> float:
        """Seconds without a packet that cannot wait, if the camera stays as it is."""
        ...

    def wake(self, reason: str, *, is_sure: bool = True) -> None:
        """Request more decoding; thread-safe."""
        ...

    def new_connection(self) -> None: ...


class AlwaysDecodingPolicy:
    """Decodes all; when reading lags over `max_lag_s`, only keyframes until it has caught up."""

    status = DecodingStatus(mode=DecodingMode.ALWAYS, reason="everything is decoded")
    is_calm = False
    rest_s = 0.0

    def __init__(self, max_lag_s: float = 1.0) -> None:
        self._lag = DecodingLag(max_lag_s)
        self._needs_keyframe = True

    def new_connection(self) -> None:
        self._needs_keyframe = True
        self._lag.forget()

    def decide(self, packet: Packet, lag_s: float) -> DecodingDecision:
        behind = self._lag.is_behind(lag_s)
        if packet.is_keyframe:
            self._needs_keyframe = False
            return DecodingDecision.DECODE
        if behind:
            self._needs_keyframe = True
            return DecodingDecision.SKIP_BEHIND
        return (
            DecodingDecision.SKIP_NO_KEYFRAME if self._needs_keyframe else DecodingDecision.DECODE
        )

    def shows(self, frame: Frame) -> bool:  # noqa: ARG002 - the door's shape
        return True

    def can_wait(self, packet: Packet) -> bool:  # noqa: ARG002 - the door's shape
        return False

    def wake(self, reason: str, *, is_sure: bool = True) -> None: ...


class DecodingLag:
    """Behind above `max_lag_s`, until half of that: no flickering at the limit."""

    def __init__(self, max_lag_s: float) -> None:
        self._max_lag_s = max_lag_s
        self._behind = False

    def forget(self) -> None:
        self._behind = False

    def is_behind(self, lag_s: float) -> bool:
        """Return whether reading is behind at this lag; it has hysteresis."""
        self._behind = lag_s > (self._max_lag_s / 2 if self._behind else self._max_lag_s)
        return self._behind
