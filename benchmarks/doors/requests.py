"""Requests of the benchmark: each on a connection of its own, to 127.0.0.1 and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"  # nothing else is ever attacked
GIVE_UP_S = 15.0


async def answer(
    port: int, method: str, path: str, *, cookie: str = "", body: bytes = b"",
    give_up_s: float = GIVE_UP_S, more: str = "",
) -> str:  # fmt: skip
    """Return the status of one request on a connection of its own, or why there is none.

    `more` is further lines of its head.
    """
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{more}"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    try:
        async with asyncio.timeout(give_up_s), connection(port) as (reader, writer):
            writer.write(f"{head}\r\n".encode() + body)
            got = await reader.read()
            return got[9:12].decode() or "closed"
    except TimeoutError:
        return "timeout"
    except OSError:
        return "cut"


@asynccontextmanager
async def connection(
    port: int, from_host: str = HOST
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection from an address of this machine, closed when the block ends."""
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=(from_host, 0))
    try:
        yield reader, writer
    finally:
        writer.close()
