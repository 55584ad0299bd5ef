"""Which addresses may be tried from the screens: near the cameras, or where the site allows it.

A server that opens any address for a person would let him look into every network it stands in.
So only RTSP is tried, only at addresses near a configured camera (its /24, or /64) or in
`[centre] probe_networks`, and at the address that was judged: the name is not looked up again.
On this machine and on link-local addresses, only a configured camera's own door is tried.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import (
    IPv4Network,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit, urlunsplit

from config.secret import SecretUrl
from ingest.own_address import Address, is_own

Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Sequence[str]]

_PORTS = {"rtsp": 554, "rtsps": 322}
_NEAR = {4: 24, 6: 64}


class ProbeRefused(Exception):
    """An address that is not tried; `error` is the machine's name for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def resolved(host: str) -> list[str]:
    """The addresses of a name, by the system's resolver."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


class ProbeGuard:
    """Judges addresses against the cameras of a site."""

    def __init__(
        self,
        sources: Iterable[SecretUrl],
        allowed: Sequence[Network],
        resolve: Resolve = resolved,
    ) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._doors = {door for source in sources for door in self._doors_of(source)}

    def pinned(self, url: SecretUrl) -> SecretUrl:
        """The same address with its host's name settled. Raises `ProbeRefused`."""
        parts = _rtsp_parts(url.reveal())
        port = _port(parts)
        found = [ip_address(one) for one in self._resolve(parts.hostname or "")]
        if not found:
            raise ProbeRefused("probe_unknown_host")
        if not all(self._may(address, port) for address in found):
            raise ProbeRefused("probe_network")
        userinfo, at, _ = parts.netloc.rpartition("@")
        host = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
        return SecretUrl(urlunsplit(parts._replace(netloc=f"{userinfo}{at}{host}:{port}")))

    def _may(self, address: Address, port: int) -> bool:
        if (address, port) in self._doors:
            return True
        if is_own(address):
            return False
        return any(address in network for network in self._allowed) or any(
            address in _near(other) for other, _ in self._doors if not is_own(other)
        )

    def _doors_of(self, source: SecretUrl) -> list[tuple[Address, int]]:
        try:
            parts = urlsplit(source.reveal())
            port = parts.port or _PORTS.get(parts.scheme.lower(), 80)
            host = parts.hostname
        except ValueError:
            return []
        return [(ip_address(one), port) for one in self._resolve(host)] if host else []


def _rtsp_parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in _PORTS and bool(parts.hostname) and _port(parts) > 0
    except ValueError:
        known = False
    if not known or any(ord(letter) <= 32 for letter in text):
        raise ProbeRefused("probe_not_rtsp")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else _PORTS[parts.scheme.lower()]


def _near(address: Address) -> Network:
    return ip_network(f"{address}/{_NEAR[address.version]}", strict=False)
