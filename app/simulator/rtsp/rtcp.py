"""RTCP packets that the simulator sends: sender reports and goodbyes (RFC 3550, section 6).

A sender report ties the RTP clock of a stream to wall-clock time. Pure bytes, no sockets.
"""

import struct

_SENDER_REPORT = 200
_SOURCE_DESCRIPTION = 202
_GOODBYE = 203
_CNAME = 1
_NTP_EPOCH_OFFSET_S = 2_208_988_800  # 1900-01-01 to 1970-01-01, RFC 5905


def sender_report(
    ssrc: int, *, now_s: float, timestamp: int, packets: int, payload_bytes: int
) -> bytes:
    """A compound packet: the report, then the CNAME that must go with it."""
    seconds = int(now_s)
    fraction = int((now_s - seconds) * 2**32)
    body = struct.pack(
        ">IIIIII",
        ssrc,
        (seconds + _NTP_EPOCH_OFFSET_S) & 0xFFFFFFFF,
        fraction,
        timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        payload_bytes & 0xFFFFFFFF,
    )
    return _packet(0, _SENDER_REPORT, body) + _description(ssrc)


def goodbye(ssrc: int) -> bytes:
    """A source description and a BYE: the stream ends here."""
    return _description(ssrc) + _packet(1, _GOODBYE, struct.pack(">I", ssrc))


def _description(ssrc: int) -> bytes:
    name = b"thapcanh-simulator"
    items = struct.pack(">IBB", ssrc, _CNAME, len(name)) + name + b"\x00"
    return _packet(1, _SOURCE_DESCRIPTION, items + b"\x00" * (-len(items) % 4))


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
