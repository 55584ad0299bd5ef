"""Requests of the benchmark: each on a connection of its own, to 127.0.0.1 and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"  # nothing else is ever attacked
GIVE_UP_S = 15.0


async def answer(
    port: int, method: str, path: str, *, cookie: str = "", body: bytes = b"",
    give_up_s: float = GIVE_UP_S, more: str = "", from_host: str = HOST,
) -> str:  # fmt: skip
    """Return the status of one request on a connection of its own, or why there is none.

    `more` is further lines of its head.
    """
    got = await whole_answer(
        port, method, path, cookie=cookie, body=body, give_up_s=give_up_s, more=more,
        from_host=from_host,
    )  # fmt: skip
    return got[9:12].decode() if got.startswith(b"HTTP/") else got.decode()


async def whole_answer(
    port: int, method: str, path: str, *, cookie: str = "", body: bytes = b"",
    give_up_s: float = GIVE_UP_S, more: str = "", from_host: str = HOST,
) -> bytes:  # fmt: skip
    """Return the whole answer of one request, or why there is none."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{more}"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    try:
        async with asyncio.timeout(give_up_s), connection(port, from_host) as (reader, writer):
            writer.write(f"{head}\r\n".encode() + body)
            return await reader.read() or b"closed"
    except TimeoutError:
        return b"timeout"
    except OSError:
        return b"cut"


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
