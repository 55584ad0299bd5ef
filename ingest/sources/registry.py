"""Registry of camera address schemes, built in and added by other packages.

`open_source` and `opener_of` return a connection that yields packets until a `SourceError`, and
never retries.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Protocol

from thapcanh.config.camera import TlsTrust, Transport
from thapcanh.config.kinds import KindFinder
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import Network
from thapcanh.ingest.address_guard import AddressRefused, Refusal, watched_cameras
from thapcanh.ingest.errors import (
    AddressWrong,
    NetworkRefused,
    SourceError,
    Unreachable,
    Unsupported,
)
from thapcanh.ingest.sources import schemes as own_schemes
from thapcanh.ingest.sources.connection import Connection, OpenSettings, OpenSource
from thapcanh.ingest.sources.scheme import ENTRY_POINTS, SourceScheme, tidied
from thapcanh.ingest.sources.what_speaks import LOOKED_AT, what_speaks

FINDER = KindFinder(
    type=SourceScheme,
    folder=own_schemes,
    constant="SCHEME",
    entry_points=ENTRY_POINTS,
    names=lambda scheme: scheme.names,
)


class SchemeRegistry:
    """Schemes by name. Safe from any thread."""

    @cached_property
    def by_name(self) -> Mapping[str, SourceScheme]:
        """Every scheme by each of its names; ours are not replaced."""
        return FINDER.find_and_log()

    def check(self, url: SecretUrl) -> None:
        """Raise `ValueError` if no scheme reads this address, or its scheme rejects it."""
        url = tidied(url)
        scheme = self.by_name.get(url.scheme)
        if scheme is None:
            expected = ", ".join(sorted(name for name in self.by_name if name))
            raise ValueError(f"scheme {url.scheme!r} is not known, expected {expected} or a path")
        scheme.check(url)

    def open(
        self, url: SecretUrl, settings: OpenSettings | None = None
    ) -> AbstractContextManager[Connection]:
        """Connect and find the video stream. Raises `SourceError`, in seconds."""
        url = tidied(url)
        scheme, settings = self.by_name.get(url.scheme), settings or OpenSettings()
        if scheme is None:
            raise Unsupported(str(url), problem=f"scheme {url.scheme!r} is not known")
        try:
            scheme.check(url)
        except ValueError as wrong:
            reported = str(wrong).removeprefix(str(url)).lstrip(": ")
            raise AddressWrong(str(url), problem=reported) from None
        try:
            return scheme.open(url, settings)
        except AddressRefused as refused:
            named: SourceError = refused_address(refused, str(url))
        except LOOKED_AT as failed:
            named = what_speaks(url, settings.guard) or failed
        raise named


def refused_address(refused: AddressRefused, shown: str) -> SourceError:
    """Return the guard's refusal as a camera's error."""
    if refused.refusal is Refusal.UNKNOWN:
        return Unreachable(shown, problem=str(refused), way_out="check the name")
    return NetworkRefused(shown, problem=str(refused))


SCHEMES = SchemeRegistry()


class ReachedCamera(Protocol):
    """A camera's own way: how its pictures come, and which certificate is believed."""

    @property
    def transport(self) -> Transport: ...

    @property
    def tls(self) -> TlsTrust: ...


def open_source(
    url: SecretUrl, settings: OpenSettings | None = None
) -> AbstractContextManager[Connection]:
    """Connect and find the video stream. Raises `SourceError` within the open timeout."""
    return SCHEMES.open(url, settings)


def opener_of(camera: ReachedCamera, networks: tuple[Network, ...] = ()) -> OpenSource:
    """Return the opener of this camera, with its own transport and trust.

    Its name may resolve to `networks` only; without any, to any other machine.
    """
    chosen = settings_of(camera, networks)
    return lambda url: SCHEMES.open(url, chosen)


def settings_of(camera: ReachedCamera, networks: tuple[Network, ...] = ()) -> OpenSettings:
    """Return the camera's open settings: transport, trust, and allowed networks."""
    guard = watched_cameras(networks)
    return OpenSettings(transport=camera.transport, tls=camera.tls, guard=guard)
