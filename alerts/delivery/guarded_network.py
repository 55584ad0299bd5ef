"""HTTP connections to a target: its own host only, at a checked address."""

import socket

from aiohttp import ClientRequest, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, Refusal, is_address

_CONNECTIONS = 8
_STORED_S = 30.0


class GuardedConnector(TCPConnector):
    """Connector to the target's host only; TLS is verified by its name."""

    def __init__(self, host: str, guard: AddressGuard) -> None:
        self._own_host = host
        self._guard = guard
        super().__init__(
            resolver=_EvaluatedAddress(guard),
            use_dns_cache=False,
            limit=_CONNECTIONS,
            keepalive_timeout=_STORED_S,
        )

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> Connection:
        """Connect to the host's first checked address. Raise `AddressRefused`."""
        host = req.url.raw_host or ""
        if host != self._own_host:
            raise AddressRefused(Refusal.OUTSIDE, f"{host} is not the target's host")
        if is_address(host):  # of which the library asks no resolver
            await self._guard.judged_on_loop(host, req.url.port or 0)
        return await super().connect(req, traces, timeout)


class _EvaluatedAddress(AbstractResolver):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        address = (await self._guard.judged_on_loop(host, port))[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
        ]

    async def close(self) -> None: ...
