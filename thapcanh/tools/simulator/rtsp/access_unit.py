"""Encoded pictures as NAL units, and their RTP packets.

Payloads fit one network packet: single-unit packets and fragmentation units of RFC 6184 (H.264,
FU-A) and RFC 7798 (H.265, FU), headers of RFC 3550. Pure functions.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_PAYLOAD_BYTES = 1400  # Ethernet's 1500 less IP, UDP and RTP headers, with room for a tunnel
RTP_CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96  # the first dynamic type, as nearly every camera uses
_FU_A = 28
_FU_H265 = 49
_START_BIT = 0x80
_END_BIT = 0x40


class VideoCodec(StrEnum):
    """The two codecs that street cameras send over RTP; the value is the SDP's encoding name."""

    H264 = "H264"
    H265 = "H265"


# NAL unit types, ITU-T H.264 table 7-1 and H.265 table 7-1.
_PARAMETER_SETS = {VideoCodec.H264: (7, 8), VideoCodec.H265: (32, 33, 34)}
_DELIMITERS = {VideoCodec.H264: (9,), VideoCodec.H265: (35,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessUnit:
    """One encoded picture; times are seconds from the recording's start."""

    nals: tuple[bytes, ...]
    is_keyframe: bool
    pts_s: float
    dts_s: float

    @property
    def size_bytes(self) -> int:
        return sum(len(nal) for nal in self.nals)


def nal_type(nal: bytes, codec: VideoCodec) -> int:
    """Return the type field of a NAL unit's header (1 byte in H.264, 2 in H.265)."""
    return nal[0] & 0x1F if codec is VideoCodec.H264 else (nal[0] >> 1) & 0x3F


def is_parameter_set(nal: bytes, codec: VideoCodec) -> bool:
    return nal_type(nal, codec) in _PARAMETER_SETS[codec]


def is_delimiter(nal: bytes, codec: VideoCodec) -> bool:
    """Return whether the NAL unit is an access unit delimiter."""
    return nal_type(nal, codec) in _DELIMITERS[codec]


def first_parameter_sets(nals: list[bytes], codec: VideoCodec) -> tuple[bytes, ...]:
    """Return the first of each kind (SPS and PPS, or VPS, SPS and PPS), in order."""
    found: dict[int, bytes] = {}
    for nal in nals:
        if is_parameter_set(nal, codec):
            found.setdefault(nal_type(nal, codec), nal)
    return tuple(found[kind] for kind in _PARAMETER_SETS[codec] if kind in found)


def has_all_parameter_sets(parameter_sets: tuple[bytes, ...], codec: VideoCodec) -> bool:
    """Return True if one of each kind is present."""
    return len(parameter_sets) == len(_PARAMETER_SETS[codec])


def packetise(
    nals: Iterable[bytes], codec: VideoCodec, max_bytes: int = MAX_PAYLOAD_BYTES
) -> tuple[bytes, ...]:
    """Return the RTP payloads of one access unit; the last one takes the marker bit."""
    payloads: list[bytes] = []
    for nal in nals:
        if len(nal) <= max_bytes:
            payloads.append(nal)
        else:
            payloads.extend(_fragments(nal, codec, max_bytes))
    return tuple(payloads)


def rtp_packets(
    payloads: Sequence[bytes], *, sequence: int, timestamp: int, ssrc: int
) -> list[bytes]:
    """Return the payloads with headers; sequence and timestamp wrap."""
    last = len(payloads) - 1
    return [
        struct.pack(
            ">BBHII",
            0x80,
            PAYLOAD_TYPE | (0x80 if index == last else 0),
            (sequence + index) & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        + payload
        for index, payload in enumerate(payloads)
    ]


def _fragments(nal: bytes, codec: VideoCodec, max_bytes: int) -> list[bytes]:
    kind = nal_type(nal, codec)
    if codec is VideoCodec.H264:
        header, body = bytes([(nal[0] & 0xE0) | _FU_A]), nal[1:]
    else:
        header, body = bytes([(nal[0] & 0x81) | (_FU_H265 << 1), nal[1]]), nal[2:]
    room = max_bytes - len(header) - 1
    starts = range(0, len(body), room)
    fragments = []
    for start in starts:
        flags = (_START_BIT if start == 0 else 0) | (_END_BIT if start == starts[-1] else 0)
        fragments.append(header + bytes([kind | flags]) + body[start : start + room])
    return fragments
