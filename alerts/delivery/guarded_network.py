"""The HTTP library's way to a configured target: its own host alone, at a judged address."""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore

from ingest.address_guard import AddressGuard, AddressRefused, Refusal


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to one host only: the target's own."""

    def __init__(self, host: str, guard: AddressGuard) -> None:
        self._host = host
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that was judged. Raises `AddressRefused`."""
        if host != self._host:
            raise AddressRefused(Refusal.OUTSIDE, f"{host} is not the target's host")
        address = (await self._guard.judged_on_loop(host, port))[0]
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never: targets are hosts."""
        raise AddressRefused(Refusal.OUTSIDE, f"{path} is not a host")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
