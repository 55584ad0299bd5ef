"""Encoded pictures as lists of NAL units: what the recording holds and the packetiser sends.

Enters: NAL units without start codes (see `ingest.packets.annex_b`). Leaves: what each is, by its
type. Pure functions over bytes.
"""

from dataclasses import dataclass
from enum import StrEnum


class VideoCodec(StrEnum):
    """The two codecs that street cameras send over RTP; the value is the SDP's encoding name."""

    H264 = "H264"
    H265 = "H265"


# NAL unit types, ITU-T H.264 table 7-1 and H.265 table 7-1.
_PARAMETER_SETS = {VideoCodec.H264: (7, 8), VideoCodec.H265: (32, 33, 34)}
_DELIMITERS = {VideoCodec.H264: (9,), VideoCodec.H265: (35,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessUnit:
    """One encoded picture; times are seconds from the start of its recording."""

    nals: tuple[bytes, ...]
    is_keyframe: bool
    pts_s: float
    dts_s: float

    @property
    def size_bytes(self) -> int:
        """Bytes of all NAL units."""
        return sum(len(nal) for nal in self.nals)


def nal_type(nal: bytes, codec: VideoCodec) -> int:
    """The type field of a NAL unit's header (1 byte in H.264, 2 in H.265)."""
    return nal[0] & 0x1F if codec is VideoCodec.H264 else (nal[0] >> 1) & 0x3F


def is_parameter_set(nal: bytes, codec: VideoCodec) -> bool:
    """Return whether the NAL unit is a parameter set."""
    return nal_type(nal, codec) in _PARAMETER_SETS[codec]


def is_delimiter(nal: bytes, codec: VideoCodec) -> bool:
    """Return whether the NAL unit is an access unit delimiter."""
    return nal_type(nal, codec) in _DELIMITERS[codec]


def first_parameter_sets(nals: list[bytes], codec: VideoCodec) -> tuple[bytes, ...]:
    """The first of each kind (SPS and PPS, or VPS, SPS and PPS) in order; fewer if missing."""
    found: dict[int, bytes] = {}
    for nal in nals:
        if is_parameter_set(nal, codec):
            found.setdefault(nal_type(nal, codec), nal)
    return tuple(found[kind] for kind in _PARAMETER_SETS[codec] if kind in found)


def has_all_parameter_sets(parameter_sets: tuple[bytes, ...], codec: VideoCodec) -> bool:
    """Return whether one of each kind is there."""
    return len(parameter_sets) == len(_PARAMETER_SETS[codec])
