"""Judges every address that this program connects to for somebody, and connects to what was judged.

A host's name enters; the addresses that it has leave, or `AddressRefused`. A name is looked up once
and connected to by the address that was judged, so that it cannot lead elsewhere in between. The
networks are those of `[networks]`; nobody else looks a name up or judges an address.
"""

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
    """A host leads where it may not; the message is one sentence for people."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class Otherwise(StrEnum):
    """Where an address may lead where the setting names no network."""

    NOWHERE = "nowhere"
    ELSEWHERE = "elsewhere"  # anywhere but to this machine
    AS_WRITTEN = "as_written"  # to this machine too, where the host says so itself
    NAMES_ELSEWHERE = "names_elsewhere"  # an address in digits anywhere, a name to other machines


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Which addresses may be connected to for one purpose."""

    networks: tuple[Network, ...] = ()
    setting: str = ""
    otherwise: Otherwise = Otherwise.AS_WRITTEN
    doors: frozenset[Door] = frozenset()
    """Allowed wherever they are."""


def resolved(host: str) -> list[str]:
    """The addresses of a name, by the system's resolver; none where it knows none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def unresolved(_: str) -> list[str]:
    """Look no name up: only addresses in digits are judged."""
    return []


class AddressGuard:
    """Judges hosts by one policy. Safe from any thread."""

    def __init__(self, policy: AddressPolicy, resolve: Resolve = resolved) -> None:
        self._policy = policy
        self._resolve = resolve

    def judged(self, host: str, port: int = 0) -> list[str]:
        """Every address of the host; raises `AddressRefused` where one of them may not be.

        Of a watched camera's name, those that may be.
        """
        return self._judged(host, port, _literal(host) or self._resolve(host))

    async def judged_on_loop(self, host: str, port: int = 0) -> list[str]:
        """`judged`, while the event loop goes on."""
        return await asyncio.to_thread(self.judged, host, port)

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """A connection to the first judged address that takes one; else its `OSError`."""
        failed: OSError | None = None
        for address in self.judged(host, port):
            try:
                return socket.create_connection((address, port), timeout_s)
            except OSError as error:
                failed = failed or error
        raise failed or OSError(f"{host} has no address")

    def pinned(self, host: str, port: int, timeout_s: float) -> str:
        """The address to connect to: where a host has several, the first that takes it."""
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
    """Of cameras that are added over the network, by one request: each name is looked up once."""
    policy = AddressPolicy(
        networks=networks.cameras, setting="[networks] cameras", otherwise=Otherwise.ELSEWHERE
    )
    return AddressGuard(policy, cache(resolved))


def watched_cameras(networks: tuple[Network, ...]) -> AddressGuard:
    """Of cameras that are opened: `networks` where they were added over the network, else none.

    An address in digits was judged when it was added, or written by who keeps this machine.
    """
    return AddressGuard(
        AddressPolicy(
            networks=networks,
            setting="[networks] cameras",
            otherwise=Otherwise.NAMES_ELSEWHERE,
        )
    )


def onvif_services(networks: NetworksConfig) -> AddressGuard:
    """Of cameras that are asked by ONVIF. Looks no name up."""
    policy = AddressPolicy(
        networks=networks.onvif, setting="[networks] onvif", otherwise=Otherwise.NOWHERE
    )
    return AddressGuard(policy, unresolved)


def servers(networks: NetworksConfig) -> AddressGuard:
    """Of what the site's configuration names: targets, brokers, the login provider, S3 stores."""
    return AddressGuard(AddressPolicy(networks=networks.servers, setting="[networks] servers"))


def senders(networks: tuple[Network, ...]) -> AddressGuard:
    """Of who speaks to a port that knows no logins. Looks no name up."""
    policy = AddressPolicy(networks=networks, setting="networks", otherwise=Otherwise.NOWHERE)
    return AddressGuard(policy, unresolved)


class Endpoint(NamedTuple):
    """A camera's host and port, and who judges where its name leads."""

    host: str
    port: int
    guard: AddressGuard = watched_cameras(())

    def connect(self, timeout_s: float) -> socket.socket:
        """A connection to it. Raises `AddressRefused` and `OSError`."""
        return self.guard.connect(self.host, self.port, timeout_s)


def tried_addresses(
    cameras: Iterable[tuple[str, int]], networks: NetworksConfig, resolve: Resolve = resolved
) -> AddressGuard:
    """Of what a person tries: near a camera (its /24, or /64), or where the setting allows it.

    On this machine and on link-local addresses, only a camera's own door.
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
    """Whether a host is an address in digits."""
    return bool(_literal(host))


def means_this_machine(host: str) -> bool:
    """Whether a host says itself that this machine is meant."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and is_own(ip_address(host))


def is_own(address: Address) -> bool:
    """Whether an address is this machine itself, link-local, or none of one machine."""
    judged = _plain(address)
    return (
        judged.is_loopback or judged.is_link_local or judged.is_unspecified or judged.is_multicast
    )


def _holds(network: Network, address: Address) -> bool:
    """Whether an address is in a network; this machine's only in one that is this machine's.

    A translator's prefix may be named as a network, and so may the IPv4 network behind it.
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
    """The host itself where it is an address in digits."""
    try:
        ip_address(host)
    except ValueError:
        return []
    return [host]


def _plain(address: Address) -> Address:
    """Where a connection ends: at the IPv4 address that is written into an IPv6 one, if one is."""
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in one for one in _LAST_32_BITS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo else address)
