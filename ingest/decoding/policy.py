"""Decoding policies: which packets are decoded and when, and their execution."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.held_packets import GopBuffer
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
        self._lag.reset()

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

    def reset(self) -> None:
        self._behind = False

    def is_behind(self, lag_s: float) -> bool:
        """Return whether reading is behind at this lag; it has hysteresis."""
        self._behind = lag_s > (self._max_lag_s / 2 if self._behind else self._max_lag_s)
        return self._behind


Slots = AbstractContextManager[object]
"""A semaphore, usually."""


class PolicyDecoder:
    """Decoder from packets to the pictures to display, usually none."""

    def __init__(
        self,
        decoder: Decoder,
        policy: DecodingPolicy,
        *,
        max_held_bytes: int,
        slots: Slots | None = None,
    ) -> None:
        self.decoder = decoder
        self.policy = policy
        self._held = GopBuffer(max_held_bytes)
        self._slots: Slots = slots if slots is not None else nullcontext()
        self._runs_up = False  # begun where pictures come only some packets later: none yet

    @property
    def groups_given_up(self) -> int:
        """Number of held groups that grew too large and were dropped."""
        return self._held.overflows

    @property
    def needs_keyframe(self) -> bool:
        """True if no picture can come before a keyframe, or its run-up."""
        return self._held.is_empty or self._runs_up

    def new_connection(self) -> None:
        self._held.drop()
        self.policy.new_connection()

    def take(self, packet: Packet, lag_s: float, *, now: float) -> Iterator[Frame]:
        """Yield the pictures to display; `now` is UTC."""
        if self._held.starts_with_packet(packet):
            self._runs_up = not packet.stands_alone
        self._held.add(packet)
        match self.policy.decide(packet, lag_s):
            case DecodingDecision.HOLD:
                return
            case DecodingDecision.SKIP_BEHIND | DecodingDecision.SKIP_NO_KEYFRAME:
                self._held.drop()
                return
            case DecodingDecision.DECODE:
                frames: Iterable[Frame] = self._catch_up(now)
            case DecodingDecision.CATCH_UP:
                frames = deque(self._catch_up(now), maxlen=1)  # pictures are large: keep one
            case DecodingDecision.ALONE:
                frames = self._alone(packet, now)
        yield from (frame for frame in frames if self.policy.shows(frame))

    def _catch_up(self, now: float) -> Iterator[Frame]:
        fresh, leaps = self._held.take()
        if leaps:
            self.decoder.reset()
        for packet in fresh:
            with self._slots:
                frames = self.decoder.decode(packet, now=now)
            self._runs_up = self._runs_up and not frames
            yield from frames

    def _alone(self, packet: Packet, now: float) -> Iterable[Frame]:
        self._held.take()
        with self._slots:
            frames, continues = self.decoder.decode_alone(packet, now=now)
        if not continues:
            self._held.again()
        return frames
