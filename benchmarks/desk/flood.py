"""`python -m benchmarks.desk.flood`: what holds a desk's main thread when alerts rain on it.

A real queue and centre with a long list of open alerts; an officer's Chromium loads the desk and
stays on it while alerts come at a steady rate. The screens must be built
(`python app/web/build_hook.py build`).
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from benchmarks.desk.screen import CHROMIUM, FLAGS, AlertSource, desk_page, fill, site_url
from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PipelineSite, pipeline_site
from benchmarks.harness.results_file import markdown

SETTLES_MS = 3000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk.flood", description=__doc__)
    parser.add_argument("--open", type=int, default=3000, help="open alerts before the flood")
    parser.add_argument("--per-s", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--name", default="desk_flood", help="of the results' files")
    asked = parser.parse_args(arguments)
    content: dict[str, Any] = {"machine": machine(), "versions": versions()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thapcanh-bench-")))
        names = ["first", *_names(asked)]
        site = stack.enter_context(pipeline_site(folder, names))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        content |= _flooded(site, browser, asked)
    rows = [
        (f"{asked.open:,} open alerts: longest task while the desk loads",
         f"{content['load_worst_task_ms']:.0f} ms", ""),
        (f"longest task at {asked.per_s} alerts/s for {asked.seconds} s",
         f"{content['worst_task_ms']:.0f} ms", "≤ 100 ms"),
        ("tasks over 50 ms meanwhile", content["tasks_over_50_ms"], ""),
        ("heap before, after",
         f"{content['heap_mb_before']}, {content['heap_mb_after']} MB", "flat"),
    ]  # fmt: skip
    table = markdown(("what", "measured", "reach"), rows)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _names(asked: argparse.Namespace) -> list[str]:
    return [f"flood-{number}" for number in range(asked.per_s * asked.seconds)]


def _flooded(site: PipelineSite, browser: Browser, asked: argparse.Namespace) -> dict[str, Any]:
    source = AlertSource(site)
    try:
        with desk_page(site, browser) as (page, _):
            page.set_default_timeout(120_000)
            source.raise_alert("first")
            page.goto(site_url(site))
            page.wait_for_function("() => Object.values(window.drawn).some(Boolean)")
            fill(site.archive, asked.open, state="new")
            page.goto(site_url(site))
            page.wait_for_function(
                "(count) => document.querySelector('[aria-setsize]')?.ariaSetSize >= count",
                arg=asked.open,
            )
            page.wait_for_timeout(SETTLES_MS)
            loading = page.evaluate("window.tasks.splice(0)")
            chromium = page.context.new_cdp_session(page)
            before = _heap_mb(chromium)
            page.evaluate("window.tasks.length = 0")
            for name in _names(asked):
                source.raise_alert(name)
                page.wait_for_timeout(1000 / asked.per_s)
            page.wait_for_timeout(SETTLES_MS)
            tasks = page.evaluate("window.tasks")
            return {
                "open": asked.open, "per_s": asked.per_s, "seconds": asked.seconds,
                "load_worst_task_ms": max(loading, default=0), "tasks_over_50_ms": len(tasks),
                "worst_task_ms": max(tasks, default=0), "heap_mb_before": before,
                "heap_mb_after": _heap_mb(chromium),
            }  # fmt: skip
    finally:
        source.close()


def _heap_mb(chromium: CDPSession) -> float:
    chromium.send("HeapProfiler.collectGarbage")
    used: float = chromium.send("Runtime.getHeapUsage")["usedSize"]
    return round(used / 1e6, 1)


if __name__ == "__main__":
    raise SystemExit(main())
