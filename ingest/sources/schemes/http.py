"""HTTP sources: Motion JPEG, HLS and snapshots; redirects only within the camera.

TLS goes through a relay that checks each connection's certificate.
"""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import is_address
from thapcanh.ingest.errors import (
    ConnectionBroken,
    Ended,
    RedirectElsewhere,
    RedirectLoop,
    SourceError,
)
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.sources.connection import Connection, OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, open_libav
from thapcanh.ingest.sources.scheme import SourceScheme
from thapcanh.ingest.sources.tls_opening import far_end, near_address, open_through, pinned_address
from thapcanh.ingest.sources.tls_relay import connected, tls_door

_OPTIONS = {
    # a playlist from outside must not make us read files of this machine
    "protocol_whitelist": "http,https,tcp,tls,crypto,httpproxy",
    "max_redirects": "0",
}
# what a playlist names by itself as https:// would be read by libav, which verifies nothing
_BEHIND_TLS = "http,tcp,crypto"
_PORTS = {"http": 80, "https": 443}
_MOST_STEPS = 5
_REQUEST_WITHIN_S = 3.0
EVERY_S = 0.7
"""From one picture to the next: old cameras' web servers bear no more."""
Fetch = Callable[[], AbstractContextManager[Connection]]


def _open(url: SecretUrl, settings: OpenSettings) -> AbstractContextManager[Connection]:
    """Open a stream, or a repeated snapshot."""
    found = _led(url, settings)
    if not found.is_one_picture:
        return found
    found.close()
    return SnapshotConnection(lambda: _led(url, settings))


def _led(url: SecretUrl, settings: OpenSettings) -> AvConnection:
    address = url.reveal()
    for _ in range(_MOST_STEPS):
        try:
            return _opened(url, settings, address)
        except ConnectionBroken:
            further = _redirected(address, settings, str(url))
            if further is None:
                raise
        if _host_of(further) != _host_of(address):
            raise RedirectElsewhere(str(url))
        address = _with_login_of(url, further)
    raise RedirectLoop(str(url))


def _opened(url: SecretUrl, settings: OpenSettings, address: str) -> AvConnection:
    timeouts_s = (settings.open_timeout_s, settings.http_read_timeout_s)
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    named = {**_OPTIONS, "headers": f"Host: {host}\r\n"}
    if parts.scheme.lower() != "https" or settings.tls.insecure:
        far = far_end(address, _PORTS[parts.scheme.lower()], settings.guard)
        at = far.guard.pinned(far.host, far.port, settings.open_timeout_s)
        options = _OPTIONS if is_address(far.host) else named
        pinned = pinned_address(address, at)
        return open_libav(url, options, timeouts_s=timeouts_s, address=pinned)
    options = {**named, "protocol_whitelist": _BEHIND_TLS}

    def near(port: int) -> AvConnection:
        at = near_address(address, "http", port)
        return open_libav(url, options, timeouts_s=timeouts_s, address=at)

    return open_through(
        tls_door, far_end(address, _PORTS["https"], settings.guard), url, settings, near
    )


def _redirected(address: str, settings: OpenSettings, shown: str) -> str | None:
    parts = urlsplit(address)
    far = far_end(address, _PORTS[parts.scheme.lower()], settings.guard)
    line = http.client.HTTPConnection(far.host, parts.port, timeout=_REQUEST_WITHIN_S)
    try:
        if parts.scheme.lower() == "https":
            line.sock = connected(far, settings.tls, shown, _REQUEST_WITHIN_S)
        else:
            line.sock = far.connect(_REQUEST_WITHIN_S)
        line.request("GET", urlunsplit(("", "", parts.path or "/", parts.query, "")))
        reply = line.getresponse()
        place = reply.getheader("Location")
        return urljoin(address, place) if place and 300 <= reply.status < 400 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        line.close()


def _host_of(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)


def _with_login_of(url: SecretUrl, address: str) -> str:
    login, at, _ = urlsplit(url.reveal()).netloc.rpartition("@")
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{login}{at}{parts.netloc.rpartition('@')[2]}"))


SCHEME = SourceScheme(
    names=tuple(_PORTS),
    open=_open,
)


class SnapshotConnection:
    """A `Connection` that polls."""

    live = True
    transport = None

    def __init__(self, fetch: Fetch) -> None:
        """Fetch the first picture. Raises `SourceError`."""
        self._fetch = fetch
        self._first = self._fetched()
        self.stream: StreamInfo = replace(self._first.stream, fps=1 / EVERY_S)
        self._began_at = self._first.received_at

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def __iter__(self) -> Iterator[Packet]:
        packet = self._first
        while True:
            requested = time.monotonic()
            yield self._timed(packet)
            time.sleep(max(0.0, EVERY_S - (time.monotonic() - requested)))
            packet = self._fetched()

    def _fetched(self) -> Packet:
        with self._fetch() as connection:
            failed: SourceError | None = None
            try:
                for packet in connection:
                    return packet
            except SourceError as error:
                failed = error
        raise failed or Ended("")

    def _timed(self, packet: Packet) -> Packet:
        if (packet.stream.width, packet.stream.height) != (self.stream.width, self.stream.height):
            self.stream = replace(packet.stream, fps=1 / EVERY_S)
        at_s = packet.received_at - self._began_at
        encoded = packet.encoded
        encoded.time_base = self.stream.time_base
        encoded.pts = encoded.dts = round(at_s / self.stream.time_base)
        return replace(packet, stream=self.stream, at_s=at_s, is_keyframe=True)
