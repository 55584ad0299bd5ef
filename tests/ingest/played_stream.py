"""Streams made of numbers, played to the policy that lets a camera sleep."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np

from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.policy import DecodingDecision, DecodingMode
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet, StreamInfo

FPS = 15
RULES = AdaptiveDecodingSettings()
STREAM = StreamInfo(
    codec="h264",
    width=320,
    height=240,
    fps=FPS,
    has_b_frames=False,
    extradata=b"",
    time_base=Fraction(1, FPS),
)
DECODED = (DecodingDecision.ALONE, DecodingDecision.CATCH_UP)


def packet_at(at_s: float, *, key: bool, size: int) -> Packet:
    return Packet(
        encoded=av.Packet(1),
        stream=STREAM,
        is_keyframe=key,
        size_bytes=size,
        at_s=at_s,
        received_at=at_s,
    )


def frame_at(at_s: float, level: int = 90, spot: int = 0) -> Frame:
    luma = np.full((360, 320), level, np.uint8)
    luma[40 : 40 + spot, 40 : 40 + spot] = 235
    return Frame(
        camera_id="gate",
        picture=av.VideoFrame.from_ndarray(luma, format="yuv420p"),
        width=320,
        height=240,
        at_s=at_s,
        captured_at=at_s,
        decoded_at=at_s,
    )


def usual(at_s: float) -> int:
    """Bytes of a packet of a scene that is a little restless."""
    return 3000 + int(at_s * 2) * 7919 % 400


@dataclass
class Watch:
    """Plays a stream to a policy; every decoded packet gives a picture."""

    gop_s: float = 2.0
    size: Callable[[float], int] = usual
    key_size: Callable[[float], int] = lambda _: 40_000
    spot: Callable[[float], int] = lambda _: 0
    lag: Callable[[float], float] = lambda _: 0.0
    policy: AdaptiveDecodingPolicy = field(default_factory=lambda: AdaptiveDecodingPolicy(RULES))
    number: int = 0
    decided: list[tuple[float, DecodingDecision]] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    def play(self, seconds: float) -> "Watch":
        for _ in range(round(seconds * FPS)):
            at_s = self.number / FPS
            key = self.number % round(self.gop_s * FPS) == 0
            size = self.key_size(at_s) if key else self.size(at_s)
            decision = self.policy.decide(packet_at(at_s, key=key, size=size), self.lag(at_s))
            self.decided.append((at_s, decision))
            if decision in DECODED and self.policy.shows(frame_at(at_s, spot=self.spot(at_s))):
                self.shown.append(at_s)
            self.number += 1
        return self

    def mode(self) -> DecodingMode:
        return self.policy.status.mode

    def decoded_after(self, since_s: float) -> list[float]:
        return [at_s for at_s, said in self.decided if said in DECODED and at_s >= since_s]

    def longest_unseen_s(self, since_s: float = 0.0) -> float:
        shown = [at_s for at_s in self.shown if at_s >= since_s]
        return max(b - a for a, b in pairwise(shown))
