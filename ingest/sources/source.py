"""Opens the source of a camera or a file by its scheme: `open_source`, or `opener_of` a camera.

A connection gives the stream's parameters, then packets until a `SourceError` ends them. It never
retries and never waits. All on the caller's thread.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from config.camera import TlsTrust, Transport
from config.secret import SecretUrl
from config.servers.networks import Network
from ingest.address_guard import watched_cameras
from ingest.sources.connection import Connection, OpenSettings, OpenSource
from ingest.sources.registry import SCHEMES


class ReachedCamera(Protocol):
    """A camera's own way: how its pictures come, and which certificate is believed."""

    @property
    def transport(self) -> Transport:
        """By TCP or UDP."""
        ...

    @property
    def tls(self) -> TlsTrust:
        """Which certificate is believed."""
        ...


def open_source(
    url: SecretUrl, settings: OpenSettings | None = None
) -> AbstractContextManager[Connection]:
    """Connect and find the video stream. Raises `SourceError` within the open timeout."""
    return SCHEMES.open(url, settings)


def opener_of(camera: ReachedCamera, networks: tuple[Network, ...] = ()) -> OpenSource:
    """What opens this camera's addresses, by its own transport and trust.

    Its name may lead to `networks` alone; without any, to any other machine.
    """
    guard = watched_cameras(networks)
    chosen = OpenSettings(transport=camera.transport, tls=camera.tls, guard=guard)
    return lambda url: SCHEMES.open(url, chosen)
