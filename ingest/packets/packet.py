"""Encoded packet and its stream."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import av

Encoded: TypeAlias = "av.Packet[Any]"
"""libav's packet. Its `stream` belongs to a connection that may be closed: never touch it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamInfo:
    """Data for decoders and muxers. Width and height are 0 until the first keyframe."""

    codec: str
    """FFmpeg's name: h264, hevc, mjpeg, mpeg4."""
    width: int
    height: int
    fps: float | None
    has_b_frames: bool
    extradata: bytes
    """Parameter sets, in Annex B for H.264 and H.265; may be empty."""
    time_base: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """Encoded access unit, in decoding order."""

    encoded: Encoded
    stream: StreamInfo
    is_keyframe: bool
    """Decoding can begin with it."""
    size_bytes: int
    at_s: float
    """Presentation time: of the stream when it leaves the source, of the camera after `Camera`."""
    received_at: float
    """UTC unix seconds when it was read."""
    stands_alone: bool = True
    """Of a keyframe: it gives a picture by itself. With intra refresh only later packets do."""

    def at(self, at_s: float) -> "Packet":
        """Return the packet with another time; written out because it runs for every packet."""
        return Packet(
            encoded=self.encoded,
            stream=self.stream,
            is_keyframe=self.is_keyframe,
            size_bytes=self.size_bytes,
            at_s=at_s,
            received_at=self.received_at,
            stands_alone=self.stands_alone,
        )
