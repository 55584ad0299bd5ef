"""Requests of the benchmark: each on a connection of its own, to 127.0.0.1 and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"  # nothing else is ever attacked
_GIVE_UP_S = 15.0


async def answer(port: int, method: str, path: str, *, cookie: str = "", body: bytes = b"") -> str:
    """Return the status of one request on a connection of its own, or why there is none."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    try:
        async with asyncio.timeout(_GIVE_UP_S), connection(port) as (reader, writer):
            writer.write(f"{head}\r\n".encode() + body)
            got = await reader.read()
            return got[9:12].decode() or "closed"
    except TimeoutError:
        return "timeout"
    except OSError:
        return "cut"


@asynccontextmanager
async def connection(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is closed when the block ends."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()
