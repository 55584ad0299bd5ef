"""`python -m benchmarks.city.fires`: 4,000 fires within a second, in a city of 40,000 cameras.

Each fire is a new alert of another camera: nothing of it is known before. Makers, queue, centre and
a screen are processes of their own, every sync of a disk is on, and the centre has just started.
What a fire costs the centre is CPU time, which bears a busy machine; the delays do not.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Any

from benchmarks.city.made_city import write_config
from benchmarks.event_maker import MakerJob, camera_ids
from benchmarks.harness import results_file
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PipelineSite, running_site
from benchmarks.harness.process_cost import cpu_s, rss_mb
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.pipeline import counts
from benchmarks.screens import ScreensJob
from thapcanh.app.process.free_port import free_port

MAKERS = 4
STORED_WITHIN_S = 120.0
TOLD_WITHIN_S = 5.0
SETTLE_S = 8.0  # the first rounds of coverage and health over all cameras


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/fires_at_once.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.city.fires", description=__doc__)
    parser.add_argument("--cameras", type=int, default=40_000)
    parser.add_argument("--fires", type=int, default=4_000)
    parser.add_argument("--repeat", type=int, default=1, help="each with a centre of its own")
    parser.add_argument("--before", type=Path, help="put an earlier result's figures beside these")
    parser.add_argument("--name", default="fires_at_once", help="of the results' files")
    options = parser.parse_args(arguments)
    turns = []
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory(prefix="thapcanh-fires-") as folder:
            turns.append(measured(Path(folder), options.cameras, options.fires))
            sys.stderr.write(f"{turns[-1]}\n")
    found = {name: round(quantile([one[name] for one in turns], 0.5), 3) for name in turns[0]}
    earlier = json.loads(options.before.read_text("utf-8"))["after"] if options.before else {}
    content = {
        "machine": machine(), "versions": versions(), "cameras": options.cameras,
        "fires": options.fires, "before": earlier, "after": found, "turns": turns,
    }  # fmt: skip
    rows = [(name, earlier.get(name, "–"), value) for name, value in found.items()]
    table = markdown(("measured", "before", "after"), rows)
    path = results_file.write(options.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")


def measured(folder: Path, cameras: int, fires: int) -> dict[str, float]:
    """One centre, one second of fires."""
    told_of = [one for name in _names() for one in camera_ids(name, fires // MAKERS)]
    port = free_port()
    config = write_config(folder, cameras, told_of=told_of, settings=f"[centre]\nport = {port}\n")
    with running_site(folder, config, port) as site, ExitStack() as stack:
        screen = _screen(stack, site)
        makers = _makers(stack, site, fires)
        time.sleep(SETTLE_S)
        before, began = (cpu_s(site.centre_pid), cpu_s(site.queue_pid)), time.time()
        for maker in makers:
            if maker.stdin:
                maker.stdin.write("go\n")
                maker.stdin.flush()
        wanted = sum(int(last_line(maker)["made"]) for maker in makers)
        stored_s = _until_stored(site, wanted) - began
        time.sleep(TOLD_WITHIN_S)
        centre_s, queue_s = cpu_s(site.centre_pid) - before[0], cpu_s(site.queue_pid) - before[1]
        memory = rss_mb(site.centre_pid)
        return {
            **_seen(last_line(screen), counts(site), wanted),
            "stored_after_s": round(stored_s, 3),
            "centre_cpu_ms_per_fire": round(1000 * centre_s / wanted, 3),
            "queue_cpu_ms_per_fire": round(1000 * queue_s / wanted, 3),
            "centre_mb": round(memory, 1),
            "load": round(os.getloadavg()[0], 2),
        }


def _seen(told: dict[str, Any], there: tuple[int, int, int], wanted: int) -> dict[str, float]:
    stored, distinct, changes = there
    ages = told["ages_s"]
    return {
        "fires": wanted,
        "lost": wanted - distinct,
        "doubled": stored - distinct,
        "changes_unseen": changes - len(set(told["seqs"])),
        **{
            f"made_to_screen_{name}_ms": round(1000 * quantile(ages, share), 1)
            for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        },
    }


def _screen(stack: ExitStack, site: PipelineSite) -> Popen[str]:
    job = ScreensJob(
        host="127.0.0.1", port=site.port, cookies=(site.log_in().cookie,),
        screens_a_session=1, count=1, kinds=(),
    )  # fmt: skip
    screen = stack.enter_context(child(["benchmarks.screens", json.dumps(asdict(job))]))
    list(lines_until(screen, "ready"))
    return screen


def _makers(stack: ExitStack, site: PipelineSite, fires: int) -> list[Popen[str]]:
    """Each camera of a maker has one fire, all in a second."""
    share = fires // MAKERS
    makers = []
    for name in _names():
        job = MakerJob(
            name=name, queue_url=site.queue_url, spool=str(site.folder / f"{name}.sqlite"),
            cameras=share, episode=2, rate=float(share), seconds=1.0,
        )  # fmt: skip
        maker = stack.enter_context(child(["benchmarks.event_maker", json.dumps(asdict(job))]))
        list(lines_until(maker, "ready"))
        makers.append(maker)
    return makers


def _names() -> list[str]:
    return [f"maker-{number}" for number in range(MAKERS)]


def _until_stored(site: PipelineSite, wanted: int) -> float:
    deadline = time.monotonic() + STORED_WITHIN_S
    while counts(site)[1] < wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return time.time()


if __name__ == "__main__":
    main()
