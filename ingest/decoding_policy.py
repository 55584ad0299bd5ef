"""Which packets are decoded. Decoding is the cost, so this is where load is shed.

Pure: packet and lag in, decision out. `EverythingUnlessBehind` is the policy of today; one that
decodes only keyframes of an idle camera has the same door.
"""

from enum import StrEnum
from typing import Protocol

from ingest.packet import Packet


class Decision(StrEnum):
    """What to do with a packet."""

    DECODE = "decode"
    SKIP_BEHIND = "skip_behind"
    """Reading is behind the camera: on to the next keyframe."""
    SKIP_NO_KEYFRAME = "skip_no_keyframe"
    """Nothing can be made of it without the keyframe that went before."""


class DecodingPolicy(Protocol):
    """Decides packet by packet; is told of every packet, in order."""

    def decide(self, packet: Packet, lag_s: float) -> Decision:
        """What to do with this packet."""
        ...

    def new_connection(self) -> None:
        """The next packet is of another connection."""
        ...


class EverythingUnlessBehind:
    """Decodes all; when reading lags over `max_lag_s`, only keyframes until it has caught up."""

    def __init__(self, max_lag_s: float = 1.0) -> None:
        self._max_lag_s = max_lag_s
        self._needs_keyframe = True
        self._behind = False

    def new_connection(self) -> None:
        """The next packet is of another connection."""
        self._needs_keyframe = True
        self._behind = False

    def decide(self, packet: Packet, lag_s: float) -> Decision:
        """What to do with this packet."""
        self._behind = lag_s > (self._max_lag_s / 2 if self._behind else self._max_lag_s)
        if packet.is_keyframe:
            self._needs_keyframe = False
            return Decision.DECODE
        if self._behind:
            self._needs_keyframe = True
            return Decision.SKIP_BEHIND
        return Decision.SKIP_NO_KEYFRAME if self._needs_keyframe else Decision.DECODE
