"""Where a camera that is added over the network may stand.

A worker opens whatever address a camera has. So an address that comes over the network is one of a
scheme that reaches the network, and neither on this machine nor link-local, unless the site's
`[registry] networks` names it; where they are given, it is in one of them.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Sequence[str]]


def resolved(host: str) -> list[str]:
    """The addresses of a name, by the system's resolver; none where it knows none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


class AddressGuard:
    """Judges addresses of one request; each name is looked up once."""

    def __init__(
        self,
        networks: Sequence[Network],
        resolve: Resolve = resolved,
        setting: str = "[registry] networks",
    ) -> None:
        self._networks = networks
        self._resolve = resolve
        self._setting = setting
        self._known: dict[str, str | None] = {}

    def refusal(self, url: str) -> str | None:
        """Why a camera may not have this address; None if it may."""
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            return "is not an address"
        if parts.scheme in ("", "file") or not host:
            return "names a file: only `thapcanh cameras import` may, on this machine"
        if host not in self._known:
            self._known[host] = self._of_host(host)
        return self._known[host]

    def _of_host(self, host: str) -> str | None:
        try:
            found = [ip_address(host)]
        except ValueError:
            found = [ip_address(one) for one in self._resolve(host)]
        if not found:
            return "names a host that nobody knows"
        if all(self._may(_mapped(one)) for one in found):
            return None
        return f"is outside the networks where cameras may stand ({self._setting})"

    def _may(self, address: IPv4Address | IPv6Address) -> bool:
        if any(address in network for network in self._networks):
            return True
        own = address.is_loopback or address.is_link_local or address.is_unspecified
        return not self._networks and not own and not address.is_multicast


def _mapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return inner or address
