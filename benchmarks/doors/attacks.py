"""What is done to the doors: each attack goes on until a moment, and counts its answers."""

import asyncio
import contextlib
import io
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from benchmarks.doors.requests import HOST, answer, connection

ADDRESSES = 11  # of this machine, from which a crowd comes
_BYTE_EVERY_S = 8.0
_EMPTY_ROWS = 300_000
_IMPORT_WAITS_S = 120.0
_ASKED = (
    "/api/v1/alerts?limit=100",
    "/api/v1/incidents",
    "/api/v1/history/export.csv?from=0&to=4000000000",
    "/api/v1/cameras",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The port that is attacked, how wide, until when; `cookies` are the attackers' own.

    `doors` are the other ways in: links of callers, a gateway's token, ports of devices.
    """

    port: int
    count: int
    until: float
    cookies: Sequence[str]
    doors: Mapping[str, Any] = field(default_factory=dict)


Attack = Callable[[Target], Awaitable[Counter[str]]]


def nothing_yet() -> None:
    """Make nothing before an attack."""


async def nothing(target: Target) -> Counter[str]:
    """Leave the doors alone."""
    await asyncio.sleep(target.until - time.monotonic())
    return Counter()


async def logins(target: Target) -> Counter[str]:
    """Log in in parallel, each time with a new name."""
    got: Counter[str] = Counter()

    async def one(number: int) -> None:
        attempt = 0
        while time.monotonic() < target.until:
            attempt += 1
            given = {"username": f"nobody-{number}-{attempt}", "password": "guessed"}
            body = json.dumps(given).encode()
            got[await answer(target.port, "POST", "/api/v1/session", body=body)] += 1

    await asyncio.gather(*(one(number) for number in range(target.count)))
    return got


async def accounts(target: Target) -> Counter[str]:
    """Each account asks so much in parallel, again and again."""
    got: Counter[str] = Counter()

    async def one(cookie: str, number: int) -> None:
        for path in islice(cycle(_ASKED), number, None):
            if time.monotonic() >= target.until:
                return
            got[await answer(target.port, "GET", path, cookie=cookie)] += 1

    asking = (one(cookie, number) for cookie in target.cookies for number in range(target.count))
    await asyncio.gather(*asking)
    return got


async def bodies(target: Target) -> Counter[str]:
    """Send a body one byte at a time."""
    head = (
        f"POST /api/v1/session HTTP/1.1\r\nHost: {HOST}\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    return await _trickles(target, head.encode())


async def crowd(target: Target) -> Counter[str]:
    """The same from several addresses, each with its share of the sockets."""
    head = (
        f"POST /api/v1/session HTTP/1.1\r\nHost: {HOST}\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    return await _trickles(target, head.encode(), ADDRESSES)


async def workbooks(target: Target) -> Counter[str]:
    """One technician asks what so many workbooks of empty rows would import, all at once."""
    got: Counter[str] = Counter()
    book = await asyncio.to_thread(_empty_workbook)
    path = "/api/v1/registry/cameras/import?format=xlsx&dry_run=true"

    async def one() -> None:
        while time.monotonic() < target.until:
            got[
                await answer(
                    target.port, "POST", path, cookie=target.cookies[0], body=book,
                    give_up_s=_IMPORT_WAITS_S,
                )
            ] += 1  # fmt: skip

    await asyncio.gather(*(one() for _ in range(target.count)))
    return got


def _empty_workbook() -> bytes:
    """A workbook of some kilobytes whose sheet has rows without a word."""
    import zipfile

    from openpyxl import Workbook

    plain, packed = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.worksheets[0].append(["id", "name", "source"])
    book.save(plain)
    rows = b"<row><c/></row>" * _EMPTY_ROWS
    with zipfile.ZipFile(plain) as made, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in made.namelist():
            content = made.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", rows + b"</sheetData>")
                content = re.sub(rb"<dimension[^>]*>", b"", content)  # it would end the reading
            new.writestr(name, content)
    return packed.getvalue()


async def heads(target: Target) -> Counter[str]:
    """Send a head one byte at a time."""
    return await _trickles(target, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: ".encode())


async def _trickles(target: Target, begun: bytes, addresses: int = 1) -> Counter[str]:
    """Sockets that open again when they are closed, and count how they were."""
    got: Counter[str] = Counter()

    async def one(number: int) -> None:
        from_host = f"127.0.0.{1 + number % addresses}"
        while time.monotonic() < target.until:
            with contextlib.suppress(OSError):
                async with connection(target.port, from_host) as (reader, writer):
                    writer.write(begun)
                    got[await _trickle(reader, writer, target.until)] += 1
            await asyncio.sleep(0.2)

    await asyncio.gather(*(one(number) for number in range(target.count)))
    return got


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: float) -> str:
    while time.monotonic() < until:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(_BYTE_EVERY_S, max(0.01, until - time.monotonic()))):
                return (await reader.read(4096))[9:12].decode() or "closed"
        writer.write(b"x")
    return "held to the end"
