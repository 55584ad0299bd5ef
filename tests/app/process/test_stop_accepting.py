"""A server that is ended with connections that it has accepted just now."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable

import pytest

from tests.patience import PATIENCE_S
from thapcanh.app.process.stop_accepting import stop_accepting

COUNT = 20


async def _greeted(end: Callable[[asyncio.Server], Awaitable[None]]) -> list[bytes]:
    """What clients hear that are accepted, but not connected, when the server ends."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    clients = [socket.create_connection(address, PATIENCE_S) for _ in range(COUNT)]
    try:
        for _ in range(2):
            await asyncio.sleep(0)
        await end(server)
        await asyncio.sleep(0.1)
        gc.collect()
        return [await asyncio.to_thread(client.recv, 1) for client in clients]
    finally:
        for client in clients:
            client.close()


def test_what_was_accepted_is_served() -> None:
    assert asyncio.run(_greeted(stop_accepting)) == [b"x"] * COUNT


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_asyncio_alone_leaves_it_behind() -> None:
    """When this fails, Python does it itself, and `stop_accepting` can go."""

    async def close(server: asyncio.Server) -> None:
        server.close()

    assert asyncio.run(_greeted(close)) == [b""] * COUNT
