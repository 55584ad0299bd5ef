"""Opening of a source through a local TLS relay, which closes after the connection.

Raises `SourceError`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from urllib.parse import urlsplit, urlunsplit

from thapcanh.config.camera import TlsTrust
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import AddressGuard, Endpoint
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, named_open_error

Relay = Callable[[Endpoint, TlsTrust, str, float], AbstractContextManager[int]]
"""`tls_relay` for one connection, or `tls_door` where the caller comes again."""


def open_through(
    relay: Relay,
    far: Endpoint,
    url: SecretUrl,
    settings: OpenSettings,
    open_near: Callable[[int], AvConnection],
) -> AvConnection:
    """Connect to `far`, check its certificate, and open the near end at the relay's port."""
    with ExitStack() as stack:
        try:
            started = relay(far, settings.tls, str(url), settings.open_timeout_s)
            port = stack.enter_context(started)
        except OSError as error:
            raise named_open_error(error, url, timed_out=isinstance(error, TimeoutError)) from None
        connection = open_near(port)
        connection.close_with_it(stack.pop_all())
        return connection


def near_address(address: str, scheme: str, port: int) -> str:
    """Return the address with its login at the relay's near end, without TLS."""
    parts = urlsplit(address)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(scheme=scheme, netloc=f"{login}{at}127.0.0.1:{port}"))


def pinned_address(address: str, at: str) -> str:
    """Return the address with its login at a numeric address of its host."""
    parts = urlsplit(address)
    login, mark, _ = parts.netloc.rpartition("@")
    host = f"[{at}]" if ":" in at else at
    port = "" if parts.port is None else f":{parts.port}"
    return urlunsplit(parts._replace(netloc=f"{login}{mark}{host}{port}"))


def far_end(address: str, usual_port: int, guard: AddressGuard) -> Endpoint:
    """Host and port that this address names."""
    parts = urlsplit(address)
    return Endpoint(parts.hostname or "", parts.port or usual_port, guard)
