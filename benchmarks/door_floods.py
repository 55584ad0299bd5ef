"""`python -m benchmarks.door_floods`: what officers feel while others flood the doors.

A centre of its own on 127.0.0.1, officers of one agency with sessions in force who ask for the
alerts five times a second each, one of them who acknowledges one four times a second, and one flood
after the other, each for a bounded time: parallel logins with new names, sockets that send their
bodies (from one address or from eleven) or heads one byte every eight seconds, accounts of another
agency that each ask in parallel, a technician's parallel workbooks of empty rows, and the bursts of
`doors.bursts` at streams, logins by the provider, pairings, devices' ports and media. `--floods`
chooses. Notes every officer's answer, every answer of `/healthz`, and whether honest strangers are
served meanwhile.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from benchmarks.doors import honest
from benchmarks.doors.attacks import Attack, Target
from benchmarks.doors.floods import Flood, floods
from benchmarks.doors.requests import answer
from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.app.process.resources import allow_many_files

OFFICERS = 4
POLL_EVERY_S = 0.2
ACKNOWLEDGE_EVERY_S = 0.25
REACH_S = 0.5
REACH_ACKNOWLEDGED_S = 1.0


@dataclass(slots=True)
class _Felt:
    """Answers' times in seconds, and their kinds."""

    took_s: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    asked = _parser().parse_args(arguments)
    content: dict[str, Any] = {"machine": machine(), "versions": versions()}
    known = floods(asked)
    chosen = [known[name] for name in asked.floods.split(",")]
    for flood in chosen:
        with _server(asked.port, asked.accounts) as cookies:
            content[flood.what] = asyncio.run(_felt(asked, cookies, flood))
        sys.stderr.write(" | ".join(_line(flood.what, content[flood.what])) + "\n")
    table = markdown(
        (
            "during",
            "officers p50",
            "p99",
            "worst",
            "not 200",
            "reach",
            "acknowledged p50",
            "worst",
            "not 200",
            "reach",
            "/healthz",
            "served meanwhile",
            "attackers got",
        ),
        [_line(flood.what, content[flood.what]) for flood in chosen],
    )
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.door_floods", description=__doc__)
    parser.add_argument("--floods", default="nothing,logins,bodies,crowd,heads,accounts,workbooks")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each flood")
    parser.add_argument("--port", type=int, default=21400)
    parser.add_argument("--logins", type=int, default=60, help="in parallel")
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--crowd", type=int, default=264, help="sockets from eleven addresses")
    parser.add_argument("--workbooks", type=int, default=45, help="in parallel")
    parser.add_argument("--accounts", type=int, default=20, help="of one agency, that flood")
    parser.add_argument("--parallel", type=int, default=10, help="requests of each account")
    parser.add_argument("--streams", type=int, default=400, help="in parallel, of a burst")
    parser.add_argument("--silent", type=int, default=1100, help="connections to devices' ports")
    parser.add_argument("--name", default="door_floods", help="of the results' files")
    return parser


def _line(what: str, found: dict[str, Any]) -> list[str]:
    return [
        what, *(f"{found[name]:.3f} s" for name in ("p50_s", "p99_s", "worst_s")),
        _refused(found["officers"]), f"p99 ≤ {REACH_S} s",
        *(f"{found[name]:.3f} s" for name in ("acknowledged_p50_s", "acknowledged_worst_s")),
        _refused(found["acknowledged"]), f"worst ≤ {REACH_ACKNOWLEDGED_S} s",
        _told(found["healthz"]), found["served"], _told(found["attackers"]),
    ]  # fmt: skip


def _refused(answers: dict[str, int]) -> str:
    refused = sum(count for name, count in answers.items() if name != "200")
    return f"{refused} of {sum(answers.values())}"


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "-"


@contextmanager
def _server(port: int, flooders: int) -> Iterator[dict[str, Any]]:
    """The cookies of the officers and of the accounts that may flood, and the other ways in."""
    with tempfile.TemporaryDirectory(prefix="thapcanh-bench-") as folder:
        numbers = [str(number) for number in (port, OFFICERS, flooders)]
        command = [sys.executable, "-m", "benchmarks.doors.server", folder, *numbers]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            assert child.stdout is not None  # noqa: S101 a pipe
            assert child.stdin is not None  # noqa: S101 a pipe
            try:
                yield json.loads(child.stdout.readline())
            finally:
                child.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(20)
                child.kill()  # one that is frozen does not end by itself


async def _felt(asked: argparse.Namespace, cookies: dict[str, Any], flood: Flood) -> dict[str, Any]:
    doors = await honest.with_claims(asked.port, cookies)
    with ProcessPoolExecutor(1, get_context("spawn")) as attackers:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(attackers, flood.prepare)
        return await _measured(asked, doors, flood, attackers)


async def _measured(
    asked: argparse.Namespace,
    doors: Mapping[str, Any],
    flood: Flood,
    attackers: ProcessPoolExecutor,
) -> dict[str, Any]:
    """Attack from a process of its own: officers' answers do not wait for the attackers' ones."""
    officers, health, acknowledged = _Felt(), _Felt(), _Felt()
    until = time.monotonic() + asked.seconds
    asking = [
        asyncio.create_task(_ask(asked.port, until, officers, "/api/v1/alerts?limit=20", cookie))
        for cookie in doors["officers"]
    ]
    asking.append(asyncio.create_task(_ask(asked.port, until, health, "/healthz", "")))
    answering = _acknowledge(asked.port, until, acknowledged, doors["officers"][0], doors["alerts"])
    asking.append(asyncio.create_task(answering))
    serving = asyncio.create_task(honest.served(asked.port, doors, doors["officers"], until))
    target = Target(
        port=asked.port, count=flood.count, until=until, cookies=doors[flood.by], doors=doors
    )
    loop = asyncio.get_running_loop()
    got = await loop.run_in_executor(attackers, _attack, flood.attack, target)
    await asyncio.gather(*asking)
    return {
        "p50_s": round(quantile(officers.took_s, 0.5), 4),
        "p99_s": round(quantile(officers.took_s, 0.99), 4),
        "worst_s": round(max(officers.took_s), 4),
        "officers": dict(officers.answers),
        "acknowledged_p50_s": round(quantile(acknowledged.took_s, 0.5), 4),
        "acknowledged_worst_s": round(max(acknowledged.took_s), 4),
        "acknowledged": dict(acknowledged.answers),
        "healthz": dict(health.answers),
        "healthz_p99_s": round(quantile(health.took_s, 0.99), 4),
        "served": honest.told(await serving),
        "attackers": dict(got),
    }


def _attack(attack: Attack, target: Target) -> Counter[str]:
    os.nice(19)  # they stand on machines of their own: their work is none of the centre's
    allow_many_files()
    return asyncio.run(attack(target))  # type: ignore[arg-type]


async def _ask(port: int, until: float, felt: _Felt, path: str, cookie: str) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        felt.answers[await answer(port, "GET", path, cookie=cookie)] += 1
        felt.took_s.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, POLL_EVERY_S - (time.monotonic() - began)))


async def _acknowledge(
    port: int, until: float, felt: _Felt, cookie: str, alerts: Sequence[str]
) -> None:
    """Take one alert after the other while the flood lasts."""
    for alert in alerts:
        if time.monotonic() >= until:
            return
        began = time.monotonic()
        got = await answer(
            port, "POST", f"/api/v1/alerts/{alert}/acknowledge", cookie=cookie, body=b"{}",
            more=f"Idempotency-Key: bench-{alert}\r\nIf-Match: 1\r\n",
        )  # fmt: skip
        felt.answers[got] += 1
        felt.took_s.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, ACKNOWLEDGE_EVERY_S - (time.monotonic() - began)))


if __name__ == "__main__":
    sys.exit(main())
