"""The `Transport` header of SETUP: read, and turned into a way to the client."""

import asyncio
import re
import socket

from thapcanh.tools.simulator.sender import InterleavedChannel, RtpChannel, UdpChannel

_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?")
_CLIENT_PORT = re.compile(r"client_port=(\d{1,5})(?:-(\d{1,5}))?")
_PORT_PAIR_TRIES = 20


class UnsupportedTransport(Exception):
    """Client without a supported transport."""


def open_channel(header: str, writer: asyncio.StreamWriter) -> tuple[RtpChannel, str]:
    """Return a channel for the first supported offer in `header`, and the answer."""
    for offer in header.split(","):
        if "multicast" in offer.lower():
            continue
        if "/TCP" in offer.upper():
            return _interleaved(offer, writer)
        if match := _CLIENT_PORT.search(offer):
            rtp_port = int(match[1])
            rtcp_port = int(match[2] or rtp_port + 1)
            if 0 < rtp_port < 65535 and 0 < rtcp_port <= 65535:
                return _udp(writer, rtp_port, rtcp_port)
    raise UnsupportedTransport(header)


def _interleaved(offer: str, writer: asyncio.StreamWriter) -> tuple[RtpChannel, str]:
    match = _INTERLEAVED.search(offer)
    rtp_id = int(match[1]) if match else 0
    rtcp_id = int(match[2] or rtp_id + 1) if match else 1
    if rtp_id > 255 or rtcp_id > 255:
        raise UnsupportedTransport(offer)
    channel = InterleavedChannel(writer, rtp_id, rtcp_id)
    return channel, f"RTP/AVP/TCP;unicast;interleaved={rtp_id}-{rtcp_id}"


def _udp(writer: asyncio.StreamWriter, rtp_port: int, rtcp_port: int) -> tuple[RtpChannel, str]:
    peer_host = writer.get_extra_info("peername")[0]
    own_host = writer.get_extra_info("sockname")[0]
    family = writer.get_extra_info("socket").family
    rtp, rtcp = _port_pair(family, own_host)
    try:
        rtp.connect((peer_host, rtp_port))
        rtcp.connect((peer_host, rtcp_port))
    except OSError as error:
        rtp.close()
        rtcp.close()
        raise UnsupportedTransport(str(error)) from error
    channel = UdpChannel(rtp, rtcp)
    server = "-".join(map(str, channel.server_ports))
    answer = f"RTP/AVP;unicast;client_port={rtp_port}-{rtcp_port};server_port={server}"
    return channel, answer


def _port_pair(family: socket.AddressFamily, host: str) -> tuple[socket.socket, socket.socket]:
    """Return two UDP sockets, RTP on an even port and RTCP on the next (RFC 3550)."""
    for _ in range(_PORT_PAIR_TRIES):
        rtp, rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                for own in (rtp, rtcp):
                    own.setblocking(False)
                return rtp, rtcp
        except OSError:  # the next port is taken: try another pair
            pass
        rtp.close()
        rtcp.close()
    raise UnsupportedTransport("no free pair of UDP ports")
