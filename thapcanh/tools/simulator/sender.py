"""RTP to one client, interleaved or over UDP, never blocking.

A slow client loses packets up to the next keyframe, counted, so that the camera's clock stays the
same for all. Sender reports (RFC 3550, section 6) tie the RTP clock to wall-clock time.
"""

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from thapcanh.tools.simulator.camera import LiveUnit
from thapcanh.tools.simulator.rtsp.access_unit import rtp_packets

MAX_BACKLOG_BYTES = 4 * 1024 * 1024  # several seconds of a camera's stream
REPORT_EVERY_S = 5.0  # RFC 3550's usual interval
_SENDER_REPORT = 200
_SOURCE_DESCRIPTION = 202
_GOODBYE = 203
_CNAME = 1
_NTP_EPOCH_OFFSET_S = 2_208_988_800  # 1900-01-01 to 1970-01-01, RFC 5905


class Flow(StrEnum):
    """State of one client's stream; only `RtpSender.deliver` changes it."""

    JOINING = "joining"  # waits for its first keyframe
    FLOWING = "flowing"  # gets every unit
    LAGGING = "lagging"  # was too slow: dropped until the next keyframe that fits


class RtpChannel(Protocol):
    """Channel to one client."""

    def send_rtp(self, packets: list[bytes]) -> None: ...

    def send_rtcp(self, packet: bytes) -> None: ...

    def backlog_bytes(self) -> int:
        """Return the bytes waiting to be sent."""
        ...

    def close(self) -> None:
        """Give back what sending needs."""
        ...


class InterleavedChannel:
    """RTP inside the RTSP connection, RFC 2326 section 10.12."""

    def __init__(self, writer: asyncio.StreamWriter, rtp_id: int, rtcp_id: int) -> None:
        self._writer = writer
        self._rtp_id = rtp_id
        self._rtcp_id = rtcp_id

    def send_rtp(self, packets: list[bytes]) -> None:
        framed = (struct.pack(">cBH", b"$", self._rtp_id, len(p)) + p for p in packets)
        self._writer.write(b"".join(framed))

    def send_rtcp(self, packet: bytes) -> None:
        self._writer.write(struct.pack(">cBH", b"$", self._rtcp_id, len(packet)) + packet)

    def backlog_bytes(self) -> int:
        """Return the bytes waiting to be sent."""
        return self._writer.transport.get_write_buffer_size()

    def close(self) -> None:
        """Do nothing: the session closes the connection."""


class UdpChannel:
    """RTP and RTCP from a pair of UDP sockets, connected and not blocking, to the client's pair.

    What does not fit into the kernel's buffer is lost, as UDP loses; what the client reports
    back is not read.
    """

    def __init__(self, rtp: socket.socket, rtcp: socket.socket) -> None:
        self._rtp = rtp
        self._rtcp = rtcp

    @property
    def server_ports(self) -> tuple[int, int]:
        """The RTP and RTCP ports we send from."""
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def send_rtp(self, packets: list[bytes]) -> None:
        for packet in packets:
            _send(self._rtp, packet)

    def send_rtcp(self, packet: bytes) -> None:
        _send(self._rtcp, packet)

    def backlog_bytes(self) -> int:
        """Return 0: UDP has no backlog."""
        return 0

    def close(self) -> None:
        """Give back what sending needs."""
        self._rtp.close()
        self._rtcp.close()


def _send(way: socket.socket, packet: bytes) -> None:
    # A full buffer, or the echo of a closed client port: the RTSP connection tells when to end.
    with contextlib.suppress(OSError):
        way.send(packet)


class RtpSender:
    """Sender that numbers, stamps and sends one client's stream."""

    def __init__(
        self,
        channel: RtpChannel,
        *,
        max_backlog_bytes: int = MAX_BACKLOG_BYTES,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.ssrc = secrets.randbits(32)
        self.flow = Flow.JOINING
        self._channel = channel
        self._max_backlog_bytes = max_backlog_bytes
        self._wall_clock = wall_clock
        self._sequence = secrets.randbits(16)
        self._first_timestamp = secrets.randbits(32)
        self._sent_packets = 0
        self._sent_bytes = 0
        self._reported_at = 0.0

    @property
    def next_sequence(self) -> int:
        return self._sequence

    def deliver(self, unit: LiveUnit) -> bool:
        """Send the unit unless the client needs a keyframe; return False if it was too slow."""
        if self._channel.backlog_bytes() > self._max_backlog_bytes:
            self.flow = Flow.LAGGING
        elif unit.is_keyframe:
            self.flow = Flow.FLOWING
        if self.flow is Flow.FLOWING:
            self._send(unit)
        return self.flow is not Flow.LAGGING

    def restart(self) -> None:
        """After a pause the client needs a keyframe again."""
        self.flow = Flow.JOINING

    def send_goodbye(self) -> None:
        """Send an RTCP BYE."""
        self._channel.send_rtcp(goodbye(self.ssrc))

    def close(self) -> None:
        """Give back what sending needs."""
        self._channel.close()

    def _send(self, unit: LiveUnit) -> None:
        timestamp = self._first_timestamp + unit.ticks
        packets = rtp_packets(
            unit.payloads, sequence=self._sequence, timestamp=timestamp, ssrc=self.ssrc
        )
        self._report(timestamp)
        self._channel.send_rtp(packets)
        self._sequence = (self._sequence + len(packets)) & 0xFFFF
        self._sent_packets += len(packets)
        self._sent_bytes += unit.size_bytes

    def _report(self, timestamp: int) -> None:
        now_s = self._wall_clock()
        if now_s - self._reported_at < REPORT_EVERY_S:
            return
        self._reported_at = now_s
        self._channel.send_rtcp(
            sender_report(
                self.ssrc,
                now_s=now_s,
                timestamp=timestamp,
                packets=self._sent_packets,
                payload_bytes=self._sent_bytes,
            )
        )


def sender_report(
    ssrc: int, *, now_s: float, timestamp: int, packets: int, payload_bytes: int
) -> bytes:
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
    """Return a source description and a BYE, which end the stream."""
    return _description(ssrc) + _packet(1, _GOODBYE, struct.pack(">I", ssrc))


def _description(ssrc: int) -> bytes:
    name = b"thapcanh-simulator"
    items = struct.pack(">IBB", ssrc, _CNAME, len(name)) + name + b"\x00"
    return _packet(1, _SOURCE_DESCRIPTION, items + b"\x00" * (-len(items) % 4))


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
