"""Opens connections to configured targets only, at an address that was judged.

A target's name is looked up once a connection and connected to by the address that was judged, so
that a name cannot point elsewhere in between. A name may not lead to this machine or to a
link-local address (cloud metadata); who means this machine writes `localhost` or its address.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

import httpcore

from ingest.own_address import is_own


class AddressRefused(Exception):
    """A name leads where no target may be; the message is one sentence for people."""


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to one host only: the target's own."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that is allowed. Raises `AddressRefused`."""
        if host != self._host:
            raise AddressRefused(f"{host} is not the target's host")
        address = (await allowed_addresses(host, port))[0]
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never: targets are hosts."""
        raise AddressRefused(f"{path} is not a host")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def allowed_addresses(host: str, port: int) -> list[str]:
    """The addresses of a target's host. Raises `AddressRefused` or `OSError`."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise AddressRefused(f"the name {host} is not known") from None
    addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
    for address in addresses:
        judged = ip_address(address)
        if isinstance(judged, IPv6Address):
            judged = judged.ipv4_mapped or judged  # the system connects by IPv4 then
        if judged.is_link_local or judged.is_multicast or judged.is_unspecified:
            raise AddressRefused(f"{host} leads to {address}, which no target may be")
        if is_own(judged) and not _means_this_machine(host):
            raise AddressRefused(f"{host} leads to this machine; write localhost if that is meant")
    return addresses


def _means_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return is_own(ip_address(host))
    except ValueError:
        return False
