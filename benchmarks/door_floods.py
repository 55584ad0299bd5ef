"""`python -m benchmarks.door_floods`: what officers feel while a stranger floods the doors.

A centre of its own on 127.0.0.1, officers with sessions in force who ask for the alerts five times
a second each, and one attack after the other, each for a bounded time: parallel logins with new
names, and sockets that send their bodies, or heads, one byte every eight seconds. Notes every
officer's answer and every answer of `/healthz`.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile

HOST = "127.0.0.1"  # nothing else is ever attacked
OFFICERS = 4
ASK_EVERY_S = 0.2
GIVE_UP_S = 15.0
BYTE_EVERY_S = 8.0
REACH_S = 0.5

Attack = Callable[[int, int, float], Awaitable[Counter[str]]]


@dataclass(slots=True)
class _Felt:
    """Answers' times in seconds, and their kinds."""

    took_s: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.door_floods", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each attack")
    parser.add_argument("--port", type=int, default=21400)
    parser.add_argument("--logins", type=int, default=60, help="in parallel")
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--name", default="door_floods", help="of the results' files")
    asked = parser.parse_args(arguments)
    content: dict[str, Any] = {"machine": machine(), "versions": versions()}
    attacks: tuple[tuple[str, Attack, int], ...] = (
        ("nothing", _nothing, 0),
        (f"{asked.logins} parallel logins, new names", _logins, asked.logins),
        (f"{asked.sockets} sockets, a body byte every 8 s", _bodies, asked.sockets),
        (f"{asked.sockets} sockets, a head byte every 8 s", _heads, asked.sockets),
    )
    for what, attack, count in attacks:
        with _server(asked.port) as cookies:
            content[what] = asyncio.run(_felt(asked, cookies, attack, count))
    table = markdown(
        ("during", "officers p50", "p99", "worst", "not 200", "reach", "/healthz", "attackers got"),
        [_line(what, content[what]) for what, _, _ in attacks],
    )
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _line(what: str, found: dict[str, Any]) -> list[str]:
    refused = {name: count for name, count in found["officers"].items() if name != "200"}
    return [
        what, *(f"{found[name]:.3f} s" for name in ("p50_s", "p99_s", "worst_s")),
        f"{sum(refused.values())} of {sum(found['officers'].values())}",
        f"p99 ≤ {REACH_S} s", _told(found["healthz"]), _told(found["attackers"]),
    ]  # fmt: skip


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "-"


@contextmanager
def _server(port: int) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="thapcanh-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.door_server", folder, str(port), str(OFFICERS)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            assert child.stdout is not None  # noqa: S101 a pipe
            assert child.stdin is not None  # noqa: S101 a pipe
            try:
                yield json.loads(child.stdout.readline())
            finally:
                child.stdin.close()
                child.wait(20)


async def _felt(
    asked: argparse.Namespace, cookies: list[str], attack: Attack, count: int
) -> dict[str, Any]:
    officers, health = _Felt(), _Felt()
    until = time.monotonic() + asked.seconds
    asking = [
        asyncio.create_task(_ask(asked.port, until, officers, "/api/v1/alerts?limit=20", cookie))
        for cookie in cookies
    ]
    asking.append(asyncio.create_task(_ask(asked.port, until, health, "/healthz", "")))
    attackers = await attack(asked.port, count, until)
    await asyncio.gather(*asking)
    return {
        "p50_s": round(quantile(officers.took_s, 0.5), 4),
        "p99_s": round(quantile(officers.took_s, 0.99), 4),
        "worst_s": round(max(officers.took_s), 4),
        "officers": dict(officers.answers),
        "healthz": dict(health.answers),
        "attackers": dict(attackers),
    }


async def _ask(port: int, until: float, felt: _Felt, path: str, cookie: str) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        felt.answers[await _answer(port, "GET", path, cookie=cookie)] += 1
        felt.took_s.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, ASK_EVERY_S - (time.monotonic() - began)))


async def _answer(port: int, method: str, path: str, *, cookie: str = "", body: bytes = b"") -> str:
    """The status of one request on a connection of its own, or why there is none."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    try:
        async with asyncio.timeout(GIVE_UP_S), _connection(port) as (reader, writer):
            writer.write(f"{head}\r\n".encode() + body)
            answer = await reader.read()
            return answer[9:12].decode() or "closed"
    except TimeoutError:
        return "timeout"
    except OSError:
        return "cut"


@asynccontextmanager
async def _connection(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _nothing(_port: int, _count: int, until: float) -> Counter[str]:
    await asyncio.sleep(until - time.monotonic())
    return Counter()


async def _logins(port: int, count: int, until: float) -> Counter[str]:
    got: Counter[str] = Counter()

    async def one(number: int) -> None:
        attempt = 0
        while time.monotonic() < until:
            attempt += 1
            given = {"username": f"nobody-{number}-{attempt}", "password": "guessed"}
            body = json.dumps(given).encode()
            got[await _answer(port, "POST", "/api/v1/session", body=body)] += 1

    await asyncio.gather(*(one(number) for number in range(count)))
    return got


async def _bodies(port: int, count: int, until: float) -> Counter[str]:
    head = (
        f"POST /api/v1/session HTTP/1.1\r\nHost: {HOST}\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    return await _trickles(port, count, until, head.encode())


async def _heads(port: int, count: int, until: float) -> Counter[str]:
    return await _trickles(port, count, until, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: ".encode())


async def _trickles(port: int, count: int, until: float, begun: bytes) -> Counter[str]:
    """Sockets that open again when they are closed, and count how they were."""
    got: Counter[str] = Counter()

    async def one() -> None:
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                async with _connection(port) as (reader, writer):
                    writer.write(begun)
                    got[await _trickle(reader, writer, until)] += 1
            await asyncio.sleep(0.2)

    await asyncio.gather(*(one() for _ in range(count)))
    return got


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: float) -> str:
    while time.monotonic() < until:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(BYTE_EVERY_S, max(0.01, until - time.monotonic()))):
                return (await reader.read(4096))[9:12].decode() or "closed"
        writer.write(b"x")
    return "held to the end"


if __name__ == "__main__":
    sys.exit(main())
