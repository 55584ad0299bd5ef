"""Who is served while the doors are flooded: a citizen, a wall, a unit, a panel, a gateway."""

import asyncio
import io
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from benchmarks.doors.outside import ACCOUNT, UNIT
from benchmarks.doors.requests import HOST, answer, connection, whole_answer

POLL_EVERY_S = 2.0
_WITHIN_S = 10.0
_PING = b'<event version="2.0" uid="bench" type="t-x-c-t"><point lat="0" lon="0"/></event>'
_OK = frozenset({"200", "201", "202", "answered"})


async def with_claims(port: int, doors: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the callers' links, each as the first phone; return them with the phones' cookies."""
    paths, claims = [], []
    for code in doors["callers"]:
        path = f"/api/v1/caller/{code}"
        got = (await whole_answer(port, "POST", path)).decode("latin-1")
        claim = next(line for line in got.split("\r\n") if line.lower().startswith("set-cookie"))
        paths.append(path)
        claims.append(claim.partition(": ")[2].partition(";")[0])
    return {**doors, "callers": paths, "claims": claims}


async def served(
    port: int, doors: Mapping[str, Any], cookies: Sequence[str], until: float
) -> dict[str, Counter[str]]:
    """What each of them was answered, again and again until a moment."""
    ways: dict[str, Callable[[int], Awaitable[str]]] = {
        "citizen": _citizen(port, doors),
        "wall": lambda _: _wall(port),
        "stream": lambda _: _screen(port, cookies[-1]),
        "unit": lambda _: _unit(int(doors["units"])),
        "panel": lambda number: _panel(int(doors["panels"]), number),
        "gateway": lambda number: _gateway(port, doors["gateway"], number),
        "login": lambda _: answer(port, "GET", "/api/v1/oidc/login", from_host="127.0.9.1"),
    }
    got = {name: Counter[str]() for name in ways}

    async def one(name: str) -> None:
        for number in count():
            if time.monotonic() >= until:
                return
            began = time.monotonic()
            try:
                async with asyncio.timeout(_WITHIN_S):
                    got[name][await ways[name](number)] += 1
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                got[name][type(error).__name__] += 1
            await asyncio.sleep(max(0.0, POLL_EVERY_S - (time.monotonic() - began)))

    await asyncio.gather(*(one(name) for name in ways))
    return got


def told(got: Mapping[str, Counter[str]]) -> str:
    """How many of each were served, of how many."""
    return ", ".join(
        f"{name} {sum(found[ok] for ok in _OK | {'303'})}/{found.total()}"
        for name, found in got.items()
    )


def _citizen(port: int, doors: Mapping[str, Any]) -> Callable[[int], Awaitable[str]]:
    """A small photo by one link after the other; the first link is not honest."""
    from PIL import Image

    links = list(zip(doors["callers"], doors["claims"], strict=True))[1:]
    written = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 40, 10)).save(written, "JPEG")

    def send(number: int) -> Awaitable[str]:
        path, claim = links[number % len(links)]
        return answer(
            port, "POST", f"{path}/media", cookie=claim, body=written.getvalue(),
            from_host="127.0.9.2",
        )  # fmt: skip

    return send


async def _wall(port: int) -> str:
    """Digits, and with their secret the answer that nobody typed them yet."""
    got = await whole_answer(port, "POST", "/api/v1/walls/pairing", from_host="127.0.9.3")
    if got[9:12] != b"201":
        return got[9:12].decode() or "closed"
    secret = json.loads(got.partition(b"\r\n\r\n")[2])["secret"]
    body = json.dumps({"secret": secret}).encode()
    await asyncio.sleep(1.2)  # as a wall asks
    path = "/api/v1/walls/session"
    return await answer(port, "POST", path, body=body, from_host="127.0.9.3")


async def _screen(port: int, cookie: str) -> str:
    """An officer's stream, as far as its first message."""
    async with connection(port) as (reader, writer):
        head = f"GET /api/v1/stream HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n"
        writer.write(head.encode())
        first = await reader.readline()
        if first[9:12] == b"200":
            await reader.readuntil(b"heartbeat")
        return first[9:12].decode() or "closed"


async def _unit(port: int) -> str:
    """A position, and TAK's ping, which is answered after it."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    reported_place = (
        f'<event version="2.0" uid="{UNIT}" type="a-f-G-U-C" how="m-g" time="{at}" start="{at}" '
        f'stale="{at}"><point lat="21.03" lon="105.85" hae="9" ce="5" le="9"/></event>'
    )
    async with connection(port, "127.0.9.4") as (reader, writer):
        writer.write(reported_place.encode() + _PING)
        return "answered" if b"takPong" in await reader.read(4096) else "closed"


async def _panel(port: int, number: int) -> str:
    """A test signal of a panel, which is answered once it is on the disk."""
    frame = f'"SIA-DCS"{number % 9999 + 1:04d}L0#{ACCOUNT}[#{ACCOUNT}|Nri0/RP00]'
    value = 0
    for letter in frame.encode():
        value ^= letter
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    async with connection(port, "127.0.9.5") as (reader, writer):
        writer.write(f"\n{value:04X}{len(frame):04X}{frame}\r".encode())
        return "answered" if b"ACK" in await reader.readuntil(b"\r") else "refused"


def _gateway(port: int, token: str, number: int) -> Awaitable[str]:
    """A citizen's message."""
    body = json.dumps({"channel": "zalo", "ref": f"bench-{number}", "text": "cháy"}).encode()
    more = f"Authorization: Bearer {token}\r\n"
    path = "/api/v1/messages"
    return answer(port, "POST", path, body=body, more=more, from_host="127.0.9.6")
