"""Checks of every address that the program connects to on somebody's behalf."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from thapcanh.config.servers.networks import Network, NetworksConfig

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Sequence[str]]
Door = tuple[Address, int]

_NEAR = {4: 24, 6: 64}
_WRITTEN_AFTER = 96  # bits of a prefix before the IPv4 address
_LAST_32_BITS = tuple(
    ip_network(one) for one in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
"""Prefixes before an IPv4 address: mapped, compatible, NAT64 of RFC 6052 and of RFC 8215."""


class Refusal(StrEnum):
    """Why an address is not connected to."""

    UNKNOWN = "unknown"  # nobody knows the name
    NOWHERE = "nowhere"  # the setting names no network
    OUTSIDE = "outside"  # in none of the networks of the setting
    THIS_MACHINE = "this_machine"  # a name that leads here, and does not say so
    NO_HOST = "no_host"  # link-local, multicast, or no machine's at all


class AddressRefused(Exception):
    """Error for a host that leads to a forbidden address; the message is for people."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class Otherwise(StrEnum):
    """Allowed addresses when the setting names no network."""

    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"  # anywhere but to this machine
    AS_WRITTEN = "as_written"  # to this machine too, where the host says so itself
    NAMES_ELSEWHERE = "names_elsewhere"  # an address in digits anywhere, a name to other machines


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Allowed addresses for one purpose."""

    networks: tuple[Network, ...] = ()
    setting: str = ""
    otherwise: Otherwise = Otherwise.AS_WRITTEN
    doors: frozenset[Door] = frozenset()
    """Allowed wherever they are."""


def resolved(host: str) -> list[str]:
    """Return the addresses of a name by the system's resolver; empty if there are none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def unresolved(_: str) -> list[str]:
    return []


class AddressGuard:
    """Host checks by one policy; thread-safe."""

    def __init__(self, policy: AddressPolicy, resolve: Resolve = resolved) -> None:
        self._policy = policy
        self._resolve = resolve

    def judged(self, host: str, port: int = 0) -> list[str]:
        """Return every allowed address of the host. Raise `AddressRefused` if one is forbidden.

        For a watched camera's name, return only the allowed ones.
        """
        return self._judged(host, port, _literal(host) or self._resolve(host))

    async def judged_on_loop(self, host: str, port: int = 0) -> list[str]:
        """Run `judged` on a worker thread."""
        return await asyncio.to_thread(self.judged, host, port)

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to the first checked address that accepts. Raise its `OSError` if none does."""
        failed: OSError | None = None
        for address in self.judged(host, port):
            try:
                return socket.create_connection((address, port), timeout_s)
            except OSError as error:
                failed = failed or error
        raise failed or OSError(f"{host} has no address")

    def pinned(self, host: str, port: int, timeout_s: float) -> str:
        """Return the address to connect to: the first of several that accepts."""
        found = self.judged(host, port)
        if len(found) == 1:
            return found[0]
        with self.connect(host, port, timeout_s) as line:
            return str(line.getpeername()[0])

    def _judged(self, host: str, port: int, found: Sequence[str]) -> list[str]:
        if not found:
            raise AddressRefused(Refusal.UNKNOWN, f"the name {host} is not known")
        refusals = {one: self._refusal(ip_address(one), host, port) for one in found}
        allowed = [one for one, refusal in refusals.items() if refusal is None]
        if allowed and self._policy.otherwise is Otherwise.NAMES_ELSEWHERE:
            return allowed
        for address, refusal in refusals.items():
            if refusal is not None:
                raise AddressRefused(refusal, self._sentence(refusal, host, address))
        return allowed

    def _refusal(self, written: Address, host: str, port: int) -> Refusal | None:
        policy, address = self._policy, _plain(written)
        is_name = policy.otherwise is Otherwise.NAMES_ELSEWHERE
        if is_name and is_address(host):
            return None
        if (address, port) in policy.doors or any(_holds(one, written) for one in policy.networks):
            return None
        if policy.otherwise is Otherwise.NOWHERE and not policy.networks:
            return Refusal.NOWHERE
        # On its own wire, a camera may have no other.
        is_far = address.is_link_local and not is_name
        if is_far or address.is_multicast or address.is_unspecified:
            return Refusal.NO_HOST
        if policy.networks:
            return Refusal.OUTSIDE
        means_it = policy.otherwise is not Otherwise.ELSEWHERE and means_this_machine(host)
        return Refusal.THIS_MACHINE if address.is_loopback and not means_it else None

    def _sentence(self, refusal: Refusal, host: str, address: str) -> str:
        match refusal:
            case Refusal.NOWHERE:
                return f"{self._policy.setting} names no network"
            case Refusal.OUTSIDE:
                return f"{host} leads to {address}, outside {self._policy.setting}"
            case Refusal.THIS_MACHINE:
                return (
                    f"{host} leads to this machine; write localhost if that is meant, or name "
                    "127.0.0.0/8 among the networks"
                )
            case Refusal.NO_HOST | Refusal.UNKNOWN:
                return f"{host} leads to {address}, which is no other machine's"


AS_WRITTEN = AddressGuard(AddressPolicy())
"""Of what somebody on this machine wrote, where no networks are named."""


def added_cameras(networks: NetworksConfig) -> AddressGuard:
    """Return the guard for cameras added over the network; each name is resolved once."""
    policy = AddressPolicy(
        networks=networks.cameras, setting="[networks] cameras", otherwise=Otherwise.ELSEWHERE
    )
    return AddressGuard(policy, cache(resolved))


def watched_cameras(networks: tuple[Network, ...]) -> AddressGuard:
    """Return the guard for opened cameras: `networks` if they were added over the network.

    A numeric address was checked when it was added, or written by the administrator.
    """
    return AddressGuard(
        AddressPolicy(
            networks=networks,
            setting="[networks] cameras",
            otherwise=Otherwise.NAMES_ELSEWHERE,
        )
    )


def onvif_services(networks: NetworksConfig) -> AddressGuard:
    """Return the guard for ONVIF services; it resolves no name."""
    policy = AddressPolicy(
        networks=networks.onvif, setting="[networks] onvif", otherwise=Otherwise.NOWHERE
    )
    return AddressGuard(policy, unresolved)


def servers(networks: NetworksConfig) -> AddressGuard:
    """Return the guard for servers in the configuration: targets, brokers, login provider, S3."""
    return AddressGuard(AddressPolicy(networks=networks.servers, setting="[networks] servers"))


def senders(networks: tuple[Network, ...]) -> AddressGuard:
    """Return the guard for senders to a port without logins; it resolves no name."""
    policy = AddressPolicy(networks=networks, setting="networks", otherwise=Otherwise.NOWHERE)
    return AddressGuard(policy, unresolved)


class Endpoint(NamedTuple):
    """A camera's host and port, and who judges where its name leads."""

    host: str
    port: int
    guard: AddressGuard = watched_cameras(())

    def connect(self, timeout_s: float) -> socket.socket:
        """Connect to it. Raise `AddressRefused` or `OSError`."""
        return self.guard.connect(self.host, self.port, timeout_s)


def tried_addresses(
    cameras: Iterable[tuple[str, int]], networks: NetworksConfig, resolve: Resolve = resolved
) -> AddressGuard:
    """Return the guard for addresses that a person tests: near a camera, or as configured.

    Near means the same /24 (IPv4) or /64 (IPv6). On this machine and link-local addresses only a
    camera's own port is allowed.
    """
    doors = frozenset(
        (_plain(ip_address(address)), port)
        for host, port in cameras
        for address in _literal(host) or resolve(host)
    )
    near = {_near(address) for address, _ in doors if not is_own(address)}
    policy = AddressPolicy(
        networks=(*networks.probe, *near),
        setting="[networks] probe",
        otherwise=Otherwise.NOWHERE,
        doors=doors,
    )
    return AddressGuard(policy, resolve)


def is_address(host: str) -> bool:
    return bool(_literal(host))


def means_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and is_own(ip_address(host))


def is_own(address: Address) -> bool:
    """Return whether an address is this machine, link-local, unspecified or multicast."""
    judged = _plain(address)
    return (
        judged.is_loopback or judged.is_link_local or judged.is_unspecified or judged.is_multicast
    )


def _holds(network: Network, address: Address) -> bool:
    """Return whether an address is in a network; loopback only counts in a loopback network.

    A translator's prefix (NAT64) may be listed, and so may the IPv4 network behind it.
    """
    own = network.is_loopback or network.is_link_local or network.is_multicast
    is_in = address in network or _plain(address) in _unmapped(network)
    return is_in and (own or not is_own(address))


def _unmapped(network: Network) -> Network:
    first = network.network_address
    mapped = first.ipv4_mapped if isinstance(first, IPv6Address) else None
    if mapped is None or network.prefixlen < _WRITTEN_AFTER:
        return network
    return ip_network(f"{mapped}/{network.prefixlen - _WRITTEN_AFTER}")


def _near(address: Address) -> Network:
    return ip_network(f"{address}/{_NEAR[address.version]}", strict=False)


def _literal(host: str) -> list[str]:
    try:
        ip_address(host)
    except ValueError:
        return []
    return [host]


def _plain(address: Address) -> Address:
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in one for one in _LAST_32_BITS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo else address)
