"""Execution of a decoding policy: hold, decode, catch up; one camera, one thread."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import DecodingDecision, DecodingPolicy
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.held_packets import GopBuffer
from thapcanh.ingest.packets.packet import Packet

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
            self.decoder.forget()
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
