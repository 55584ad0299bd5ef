"""NAL units to RTP: payloads no larger than one network packet, then headers per client.

Single-unit packets and fragmentation units of RFC 6184 (H.264, FU-A) and RFC 7798 (H.265, FU),
RTP headers of RFC 3550. Pure: sequence numbers come in, packets go out.
"""

import struct
from collections.abc import Iterable, Sequence

from app.simulator.rtsp.access_unit import VideoCodec, nal_type

MAX_PAYLOAD_BYTES = 1400  # Ethernet's 1500 less IP, UDP and RTP headers, with room for a tunnel
RTP_CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96  # the first dynamic type, as nearly every camera uses

_FU_A = 28
_FU_H265 = 49
_START_BIT = 0x80
_END_BIT = 0x40


def packetise(
    nals: Iterable[bytes], codec: VideoCodec, max_bytes: int = MAX_PAYLOAD_BYTES
) -> tuple[bytes, ...]:
    """RTP payloads of one access unit, in sending order; the last one takes the marker bit."""
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
    """The payloads of one access unit with headers; sequence and timestamp wrap by themselves."""
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
