"""`python -m benchmarks.pipeline`: events from spools through queue and archive to the screens.

Makers, queue, centre and screens are processes of their own, as in service; every sync of a disk is
on. Each rate is held for some seconds with one screen open, then everything must be there: what
was made, stored once, and told in order. Then many screens watch one officer acknowledge alerts.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Any

from benchmarks.event_maker import MakerJob, camera_ids
from benchmarks.harness import results_file
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PipelineSite, Session, pipeline_site
from benchmarks.harness.process_cost import cpu_s
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.screens import ScreensJob
from thapcanh.alerts.accounts.users import MOST_SESSIONS

NAMES = ("maker-0", "maker-1")
CAMERAS = 200  # of each maker
EPISODE = 12
SCREENS_A_SESSION = 12
DRAINED_WITHIN_S = 300.0
TOLD_WITHIN_S = 1.5  # screens are told in milliseconds, and at the latest each second
BACKGROUND_RATE = 20.0
ACKNOWLEDGE_EVERY_S = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    asked = _parser().parse_args(arguments)
    rates = [float(rate) for rate in asked.rates.split(",") if rate]
    content: dict[str, Any] = {"machine": machine(), "versions": versions(), "rates": []}
    for rate in rates:
        content["rates"].append(_fresh(lambda site, rate=rate: _hold(site, rate, asked.seconds)))
    if asked.screens:
        content["screens"] = _fresh(lambda site: _acknowledge(site, asked.screens, asked.seconds))
    table = _table(content)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--rates", default="200,1000,2000,3000", help="events a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each is held")
    parser.add_argument("--screens", type=int, default=500, help="0: leave them out")
    parser.add_argument("--name", default="pipeline", help="of the results' files")
    return parser


def _fresh(work: Any) -> dict[str, Any]:
    """Each measurement begins with an empty queue and archive."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="thapcanh-bench-"))
        cameras = [one for name in NAMES for one in camera_ids(name, CAMERAS)]
        site = stack.enter_context(pipeline_site(Path(folder), cameras))
        found: dict[str, Any] = work(site)
    sys.stderr.write(json.dumps(found) + "\n")
    return found


def _hold(site: PipelineSite, rate: float, seconds: float) -> dict[str, Any]:
    session = site.log_in()
    with ExitStack() as stack:
        screens = _screens(stack, site, [session.cookie], 1, ())
        before = (cpu_s(site.centre_pid), cpu_s(site.queue_pid))
        makers = _makers(stack, site, rate, seconds)
        began = time.time()
        time.sleep(seconds)
        made = [last_line(maker) for maker in makers]
        wanted = sum(one["made"] for one in made)
        stored_at = _wait_until_stored(site, wanted)
        costs = [now - was for now, was in zip(_costs(site), before, strict=True)]
        time.sleep(TOLD_WITHIN_S)
        seen = last_line(screens)
    stored, distinct, changes = counts(site)
    ages = seen["ages_s"]
    return {
        "rate": rate,
        "seconds": seconds,
        "made": wanted,
        "stored": stored,
        "lost": wanted - distinct,
        "doubled": stored - distinct,
        "changes": changes,
        "changes_unseen": changes - len(set(seen["seqs"])),
        "gaps_told": seen["gaps"],
        "made_per_s": round(wanted / (max(one["ended"] for one in made) - began), 1),
        "stored_per_s": round(wanted / (stored_at - began), 1),
        "behind_s": round(stored_at - max(one["ended"] for one in made), 3),
        "append_ms": _in_ms([one for maker in made for one in maker["append_s"]]),
        "event_to_screen_ms": _in_ms(ages),
        "centre_cpu_ms_per_event": round(1000 * costs[0] / wanted, 3),
        "queue_cpu_ms_per_event": round(1000 * costs[1] / wanted, 3),
    }


def _acknowledge(site: PipelineSite, count: int, seconds: float) -> dict[str, Any]:
    """Every screen sees each acknowledgement: how long after the key was pressed."""
    officer = site.log_in()
    cookies = [one.cookie for one in _sessions(site, officer, 1 + count // SCREENS_A_SESSION)]
    pressed: list[float] = []
    with ExitStack() as stack:
        screens = _screens(stack, site, cookies, count, ("acknowledged",))
        before = _costs(site)
        makers = _makers(stack, site, BACKGROUND_RATE, seconds)
        began = time.monotonic()
        time.sleep(2.0)
        while time.monotonic() - began < seconds:
            waiting = [one for one in site.alerts(officer) if one["state"] == "new"]
            for alert in waiting[:4]:
                pressed.append(time.time())
                site.acknowledge(officer, alert)
                time.sleep(ACKNOWLEDGE_EVERY_S)
        for maker in makers:
            last_line(maker)
        time.sleep(TOLD_WITHIN_S)
        costs = _costs(site)
        seen = last_line(screens)
    delays = [
        at - moment
        for moment, (_, times) in zip(
            pressed, sorted(seen["seen_at"].items(), key=lambda one: int(one[0])), strict=True
        )
        for at in times
    ]
    return {
        "screens": count,
        "ended": seen["ended"] - count,
        "gaps_told": seen["gaps"],
        "background_events_per_s": BACKGROUND_RATE,
        "acknowledgements": len(pressed),
        "seen": len(delays),
        "unseen": len(pressed) * count - len(delays),
        "pressed_to_screen_ms": _in_ms(delays),
        "centre_cores": round((costs[0] - before[0]) / (time.monotonic() - began), 2),
    }


def _sessions(site: PipelineSite, admin: Session, count: int) -> list[Session]:
    """So many in force at once: of one account the oldest end."""
    found: list[Session] = []
    while len(found) < count:
        username = f"officer-{len(found)}"
        site.add_operator(admin, username)
        of_account = min(MOST_SESSIONS, count - len(found))
        found += [site.log_in(username) for _ in range(of_account)]
    return found


def _screens(
    stack: ExitStack, site: PipelineSite, cookies: list[str], count: int, kinds: tuple[str, ...]
) -> Popen[str]:
    job = ScreensJob(
        host="127.0.0.1",
        port=site.port,
        cookies=tuple(cookies),
        screens_a_session=SCREENS_A_SESSION,
        count=count,
        kinds=kinds,
    )
    screens = stack.enter_context(child(["benchmarks.screens", json.dumps(asdict(job))]))
    list(lines_until(screens, "ready"))
    return screens


def _makers(stack: ExitStack, site: PipelineSite, rate: float, seconds: float) -> list[Popen[str]]:
    makers = []
    for name in NAMES:
        job = MakerJob(
            name=name,
            queue_url=site.queue_url,
            spool=str(site.folder / "spool" / f"{name}.sqlite"),
            cameras=CAMERAS,
            episode=EPISODE,
            rate=rate / len(NAMES),
            seconds=seconds,
        )
        maker = stack.enter_context(child(["benchmarks.event_maker", json.dumps(asdict(job))]))
        makers.append(maker)
    for maker in makers:
        list(lines_until(maker, "ready"))
    for maker in makers:
        if maker.stdin:
            maker.stdin.write("go\n")
            maker.stdin.flush()
    return makers


def _costs(site: PipelineSite) -> tuple[float, float]:
    return cpu_s(site.centre_pid), cpu_s(site.queue_pid)


def _wait_until_stored(site: PipelineSite, wanted: int) -> float:
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while counts(site)[1] < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return time.time()


def counts(site: PipelineSite) -> tuple[int, int, int]:
    """Messages of the makers, distinct ones, and all changes."""
    with closing(sqlite3.connect(site.archive)) as archive:
        of_makers = "FROM event WHERE source LIKE 'maker-%'"
        (stored,) = archive.execute(f"SELECT count(*) {of_makers}").fetchone()
        places = f"SELECT DISTINCT source, producer_seq {of_makers}"
        counting = f"SELECT count(*) FROM ({places})"  # noqa: S608 - from the lines above
        (distinct,) = archive.execute(counting).fetchone()
        (changes,) = archive.execute("SELECT change_seq FROM ledger").fetchone()
    return stored, distinct, changes


def _in_ms(values: Sequence[float]) -> dict[str, float]:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(1000 * quantile(values, share), 1) for name, share in shares.items()}


def _table(content: dict[str, Any]) -> str:
    head = ("events/s", "stored/s", "made", "lost", "doubled", "unseen changes",
            "behind at the end", "event to screen p50 / p99", "centre CPU per event")  # fmt: skip
    lines = []
    for one in content["rates"]:
        age = one["event_to_screen_ms"]
        lines.append(
            (
                f"{one['rate']:.0f}",
                one["stored_per_s"],
                one["made"],
                one["lost"],
                one["doubled"],
                one["changes_unseen"],
                f"{one['behind_s']:.2f} s",
                f"{age['p50']:.0f} / {age['p99']:.0f} ms",
                f"{one['centre_cpu_ms_per_event']:.2f} ms",
            )
        )
    table = markdown(head, lines)
    if "screens" in content:
        one = content["screens"]
        delay = one["pressed_to_screen_ms"]
        table += "\n" + markdown(
            ("screens", "acknowledgements", "unseen", "pressed to screen p50 / p95 / p99"),
            [
                (
                    one["screens"],
                    one["acknowledgements"],
                    one["unseen"],
                    f"{delay['p50']:.0f} / {delay['p95']:.0f} / {delay['p99']:.0f} ms",
                )
            ],
        )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
