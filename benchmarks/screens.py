"""`python -m benchmarks.screens JOB`: many open streams of changes, as browsers hold them.

Every screen notes when it saw each change of the kinds that are asked for; the first one also how
old each change was when it came, by the moment that the event itself carries. Prints `ready` when
every stream has had its first heartbeat.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OPEN_AT_ONCE = 20
READ_BYTES = 1 << 22
_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreensJob:
    """Where, with which sessions, how many, and what is noted."""

    host: str
    port: int
    cookies: tuple[str, ...]
    screens_a_session: int
    count: int
    kinds: tuple[str, ...]


@dataclass(slots=True)
class _Notes:
    ages_s: list[float] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)
    seen_at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    gaps: int = 0
    ended: int = 0


async def main(job: ScreensJob) -> None:
    """Open, read until the input ends, report."""
    notes, opening = _Notes(), asyncio.Semaphore(OPEN_AT_ONCE)
    streams = await asyncio.gather(*(_open(job, number, opening) for number in range(job.count)))
    tasks = [
        asyncio.create_task(_screen(job, number, notes, stream))
        for number, stream in enumerate(streams)
    ]
    _say("ready")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    report = {"ages_s": notes.ages_s, "seqs": notes.seqs, "gaps": notes.gaps,
              "ended": notes.ended, "seen_at": notes.seen_at}  # fmt: skip
    _say(json.dumps(report))


async def _open(job: ScreensJob, number: int, opening: asyncio.Semaphore) -> _Stream:
    """A stream that had its first heartbeat; raises `ConnectionRefusedError` for another answer."""
    async with opening:
        reader, writer = await asyncio.open_connection(job.host, job.port, limit=READ_BYTES)
        cookie = job.cookies[number // job.screens_a_session]
        request = (
            "GET /api/v1/stream HTTP/1.1\r\n"
            f"Host: {job.host}:{job.port}\r\nCookie: {cookie}\r\n\r\n"
        )
        writer.write(request.encode())
        await writer.drain()
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionRefusedError(f"stream {number} was answered: {status.decode()}")
        await reader.readuntil(b"event: heartbeat")
        return reader, writer


async def _screen(job: ScreensJob, number: int, notes: _Notes, stream: _Stream) -> None:
    reader, writer = stream
    marks = tuple(f'"kind":"{kind}"'.encode() for kind in job.kinds)
    try:
        while line := await reader.readline():
            if line.startswith(b"event: gap"):
                notes.gaps += 1
            elif line.startswith(b"data: ") and (number == 0 or line[:200].find(b'"kind"') >= 0):
                _note(line, number, marks, notes)
    finally:
        notes.ended += 1
        writer.close()


def _note(line: bytes, number: int, marks: tuple[bytes, ...], notes: _Notes) -> None:
    now = time.time()
    if any(mark in line[:200] for mark in marks):
        seq = line[: line.find(b",")].rpartition(b":")[2].decode()
        notes.seen_at[seq].append(now)
    if number == 0 and line.startswith(b'data: {"seq"'):
        told = json.loads(line[6:])
        notes.seqs.append(told["seq"])
        moment = _moment_of(told)
        if moment is not None:
            notes.ages_s.append(now - moment)


def _moment_of(told: dict[str, Any]) -> float | None:
    """When the event of a change was made; None for what people did, and what is no alert's."""
    alert = told.get("alert")
    if alert is None:
        return None
    if told["kind"] == "cleared":
        moment = alert["cleared_at"]
    elif told["kind"] in ("opened", "updated", "spoke"):
        moment = alert["last_seen_at"]
    else:
        return None
    return datetime.fromisoformat(moment).timestamp() if moment else None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(ScreensJob(**json.loads(sys.argv[1]))))
