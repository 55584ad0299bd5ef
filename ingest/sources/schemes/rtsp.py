"""RTSP, plain and by TLS: what nearly every camera speaks.

By TCP, and where a camera has none by UDP or multicast, unless its transport is settled. By TLS
through a relay that judges the certificate, since libav believes any.
"""

import socket
from contextlib import AbstractContextManager
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from config.camera import Transport
from config.secret import SecretUrl
from ingest.errors import TransportRefused, Unauthorized
from ingest.sources.connection import Connection, OpenSettings
from ingest.sources.libav_connection import AvConnection, open_libav
from ingest.sources.rtsp_challenge import Connect, only_unanswerable
from ingest.sources.scheme import SourceScheme
from ingest.sources.tls_opening import far_end, near_address, open_through
from ingest.sources.tls_relay import Endpoint, connected, tls_relay

_PORTS = {"rtsp": 554, "rtsps": 322}
_LIBAV = {
    Transport.AUTO: "udp+udp_multicast",  # what is left where a camera has no TCP
    Transport.TCP: "tcp",
    Transport.UDP: "udp",
    Transport.MULTICAST: "udp_multicast",
}


def _open(url: SecretUrl, settings: OpenSettings) -> AbstractContextManager[Connection]:
    if url.scheme == "rtsps":
        return _by_tls(url, settings)
    try:
        return _plain(url, settings)
    except Unauthorized as refused:
        raise _explained(refused, url, lambda: socket.create_connection(_far(url), 3.0)) from None


def _plain(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    if settings.transport is not Transport.AUTO:
        return _by(settings.transport, url, settings)
    try:
        return _by(Transport.TCP, url, settings)
    except TransportRefused:
        return _by(Transport.AUTO, url, settings)


def _by(
    transport: Transport, url: SecretUrl, settings: OpenSettings, address: str | None = None
) -> AvConnection:
    options = {
        "rtsp_transport": _LIBAV[transport],
        "allowed_media_types": "video",
        "probesize": str(settings.rtsp_probe_bytes),
        "analyzeduration": str(int(settings.rtsp_probe_s * 1_000_000)),
        "fpsprobesize": "0",
    }
    timeouts_s = (settings.open_timeout_s, settings.read_timeout_s)
    return open_libav(url, options, timeouts_s=timeouts_s, address=address)


def _by_tls(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    """The pictures come in the same connection: by UDP they would not be secret."""
    far = _far(url)

    def near(port: int) -> AvConnection:
        at = near_address(url.reveal(), "rtsp", port)
        try:
            return _by(Transport.TCP, url, settings, at)
        except Unauthorized as refused:
            again = partial(connected, far, settings.tls, str(url), 3.0)
            raise _explained(refused, url, again) from None

    return open_through(tls_relay, far, url, settings, near)


def _far(url: SecretUrl) -> Endpoint:
    return far_end(url.reveal(), _PORTS[url.scheme])


def _explained(refused: Unauthorized, url: SecretUrl, connect: Connect) -> Unauthorized:
    """The same, or that no login could be right: the camera asks for one that libav has not."""
    parts = urlsplit(url.reveal())
    if not parts.username:
        return refused
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    asked = only_unanswerable(bare, connect)
    if asked is None:
        return refused
    return Unauthorized(
        str(url),
        problem=f"it asks for a login by {asked} only, which cannot be answered here",
        way_out="allow Digest MD5 or Basic in the camera; the password may well be right",
    )


SCHEME = SourceScheme(
    names=tuple(_PORTS),
    open=_open,
)
