"""RTSP sources, plain and by TLS. The login only goes to the camera's host.

TLS goes through a relay that checks the certificate, since libav accepts any.
"""

import socket
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import Endpoint, is_address
from thapcanh.ingest.errors import Unauthorized
from thapcanh.ingest.sources.connection import Connection, OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, named_open_error, open_libav
from thapcanh.ingest.sources.rtsp_answers import (
    RTSP_PORTS,
    Connect,
    bare,
    only_unanswerable,
    settled,
)
from thapcanh.ingest.sources.rtsp_transports import opened
from thapcanh.ingest.sources.scheme import SourceScheme
from thapcanh.ingest.sources.tls_opening import far_end, near_address, open_through, pinned_address
from thapcanh.ingest.sources.tls_relay import connected, tls_relay

_REQUEST_WITHIN_S = 3.0
_LIBAV = {
    Transport.TCP: "tcp",
    Transport.UDP: "udp",
    Transport.MULTICAST: "udp_multicast",
}


def _open(url: SecretUrl, settings: OpenSettings) -> AbstractContextManager[Connection]:
    far = far_end(url.reveal(), RTSP_PORTS[url.scheme], settings.guard)
    connect = partial(line_to, far, url, settings)
    try:
        found = settled(url, partial(connect, settings.open_timeout_s), settings.open_timeout_s)
        if url.scheme == "rtsps":
            return _opened_by_tls(url, settings, far, found.address)
        at = found.address if is_address(far.host) else pinned_address(found.address, found.at)
        return opened(url, settings, partial(played_by, url, settings, at))
    except OSError as error:
        raise named_open_error(error, url, timed_out=isinstance(error, TimeoutError)) from None
    except Unauthorized as refused:
        raise _explained(refused, url, partial(connect, _REQUEST_WITHIN_S)) from None


def line_to(
    far: Endpoint, url: SecretUrl, settings: OpenSettings, timeout_s: float
) -> socket.socket:
    """Connect to the host of an address, in clear or by trusted TLS."""
    if url.scheme == "rtsps":
        return connected(far, settings.tls, str(url), timeout_s)
    return far.connect(timeout_s)


def played_by(
    url: SecretUrl,
    settings: OpenSettings,
    address: str,
    transport: Transport,
    within_s: float,
) -> AvConnection:
    """Open `address`, where `url` plays, by this transport only, once.

    libav would follow a redirect, so the caller resolves redirects first.
    """
    options = {
        "rtsp_transport": _LIBAV[transport],
        "allowed_media_types": "video",
        "probesize": str(settings.rtsp_probe_bytes),
        "analyzeduration": str(int(settings.rtsp_probe_s * 1_000_000)),
        "fpsprobesize": "0",
    }
    timeouts_s = (within_s, settings.read_timeout_s)
    return open_libav(url, options, timeouts_s=timeouts_s, address=address, transport=transport)


def _opened_by_tls(
    url: SecretUrl, settings: OpenSettings, far: Endpoint, address: str
) -> AvConnection:
    """Open through TLS with interleaved pictures: by UDP they would not be secret."""

    def play(transport: Transport, within_s: float) -> AvConnection:
        def near(port: int) -> AvConnection:
            at = near_address(address, "rtsp", port)
            return played_by(url, settings, at, transport, within_s)

        return open_through(tls_relay, far, url, settings, near)

    return opened(url, replace(settings, transport=Transport.TCP), play)


def _explained(refused: Unauthorized, url: SecretUrl, connect: Connect) -> Unauthorized:
    """Return the same error, or that the camera requires a login scheme libav lacks."""
    if not urlsplit(url.reveal()).username:
        return refused
    requested = only_unanswerable(bare(url.reveal()), connect)
    if requested is None:
        return refused
    return Unauthorized(
        str(url),
        problem=f"it asks for a login by {requested} only, which cannot be answered here",
        way_out="allow Digest MD5 or Basic in the camera; the password may well be right",
    )


SCHEME = SourceScheme(
    names=tuple(RTSP_PORTS),
    open=_open,
)
