"""`python -m benchmarks.desk.flood`: what holds a desk when alerts rain on it, and what it keeps.

A real queue and centre with a long list of open alerts; an officer's Chromium loads the desk and
stays on it while alerts come at a steady rate and colleagues close as many. Meanwhile the officer
marks those of one ward and rejects them in one act, and `--heap-s` long the memory of the page's
scripts is read after a forced collection: its slope, with its error, over the second half. The
screens must be built (`python app/web/build_hook.py build`).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.desk.rain import Rain
from benchmarks.desk.screen import CHROMIUM, FLAGS, AlertSource, desk_page, fill, site_url
from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PipelineSite, pipeline_site
from benchmarks.harness.process_cost import cpu_s
from benchmarks.harness.results_file import markdown
from thapcanh.alerts.incidents.following import open_for_alerts
from thapcanh.alerts.store.database import Database, sqlite_url

SETTLES_MS = 3000
WARD = "Phường Chọn"
HEAP_EVERY_S = 10.0
AROUND_S = 120  # of rain around what is measured: a loaded machine is slow to begin

# Notes when the answer's key went down and when the centre had confirmed all and no row was left.
_NOTE_ANSWER = """
window.answer = {};
addEventListener('keydown', ({ code }) => {
  if (code === 'Digit1') window.answer.pressed = performance.now();
}, { capture: true });
const look = () => {
  const waits = document.querySelector('[data-picked], [role=option]');
  if (waits || !window.answer.pressed) return requestAnimationFrame(look);
  setTimeout(() => (window.answer.gone = performance.now()));
};
requestAnimationFrame(look);
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk.flood", description=__doc__)
    parser.add_argument("--open", type=int, default=3000, help="open alerts before the flood")
    parser.add_argument("--per-s", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60, help="in which tasks are noted")
    parser.add_argument("--marked", type=int, default=200, help="answered in one act")
    parser.add_argument("--heap-s", type=int, default=0, help="3600: an hour")
    parser.add_argument("--name", default="desk_flood", help="of the results' files")
    asked = parser.parse_args(arguments)
    content: dict[str, Any] = {"machine": machine(), "versions": versions()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thapcanh-bench-")))
        site = stack.enter_context(pipeline_site(folder, ["first", *_names(asked)]))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        content |= _flooded(site, browser, asked)
    table = markdown(("what", "measured", "reach"), _lines(content, asked))
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _names(asked: argparse.Namespace) -> list[str]:
    seconds = asked.seconds + asked.heap_s + AROUND_S
    return [f"flood-{number}" for number in range(asked.per_s * seconds)]


def _flooded(site: PipelineSite, browser: Browser, asked: argparse.Namespace) -> dict[str, Any]:
    with desk_page(site, browser) as (page, _):
        page.set_default_timeout(120_000)
        _open_desk(page, site, asked)
        page.wait_for_timeout(SETTLES_MS)
        loading = page.evaluate("window.tasks.splice(0)")
        with Rain(site, _names(asked), per_s=asked.per_s, spared=WARD).falls():
            before = cpu_s(site.centre_pid)
            page.wait_for_timeout(1000 * asked.seconds)
            rain_cpu = (cpu_s(site.centre_pid) - before) / asked.seconds
            tasks = page.evaluate("window.tasks.splice(0)")
            found = {
                "open": asked.open, "per_s": asked.per_s, "seconds": asked.seconds,
                "load_worst_task_ms": max(loading, default=0), "tasks_over_50_ms": len(tasks),
                "worst_task_ms": max(tasks, default=0),
                "centre_cores_of_rain": round(rain_cpu, 3),
                "answer": _answered(page, site, asked.marked),
            }  # fmt: skip
            return found | {"heap": _heap(page, asked.heap_s)}


def _open_desk(page: Page, site: PipelineSite, asked: argparse.Namespace) -> None:
    """A shift is taken, and the list has all its alerts."""
    source = AlertSource(site)
    try:
        source.raise_alert("first")
        page.goto(site_url(site))
        page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        page.wait_for_function("() => Object.values(window.drawn).some(Boolean)")
    finally:
        source.close()
    marked = {"place": f"CASE WHEN i <= {asked.marked} THEN '{WARD}' ELSE place END"}
    fill(site.archive, asked.open, state="new", varied=marked)
    ward = [f"new-{number + 1}" for number in range(asked.marked)]
    with closing(Database(sqlite_url(site.archive))) as archive, archive.writing() as connection:
        open_for_alerts(connection, ward, time.time())
    page.goto(site_url(site))
    page.wait_for_function(
        "(count) => document.querySelector('[aria-setsize]')?.ariaSetSize >= count",
        arg=asked.open,
    )


def _answered(page: Page, site: PipelineSite, count: int) -> dict[str, Any]:
    """The ward's alerts are found, marked by one key, rejected by two; from the last key on."""
    page.keyboard.press("/")
    page.keyboard.type(WARD)
    page.wait_for_function(
        "(count) => document.querySelector('[aria-setsize]')?.ariaSetSize == count", arg=count
    )
    page.locator("[role=option]").first.click()
    page.keyboard.press("d")
    page.wait_for_selector(f"[data-picked='{count}']")
    page.keyboard.press("r")
    page.wait_for_timeout(SETTLES_MS)
    page.evaluate(_NOTE_ANSWER)
    page.evaluate("window.tasks.length = 0")
    chromium = page.context.new_cdp_session(page)
    chromium.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = (_page_cpu_s(chromium), cpu_s(site.centre_pid))
    page.keyboard.press("1")
    page.wait_for_function("() => window.answer.gone")
    costs = (_page_cpu_s(chromium) - before[0], cpu_s(site.centre_pid) - before[1])
    chromium.send("Performance.disable")
    told = page.evaluate("window.answer")
    refused = page.locator("[data-failed]").count()
    tasks = page.evaluate("window.tasks.splice(0)")
    page.keyboard.press("Escape")
    return {
        "marked": count,
        "refused": refused,
        "key_to_gone_ms": round(told["gone"] - told["pressed"], 1),
        "worst_task_ms": max(tasks, default=0),
        "page_cpu_s": round(costs[0], 2),
        "centre_cpu_s": round(costs[1], 2),
    }


def _page_cpu_s(chromium: CDPSession) -> float:
    """Of its main thread alone."""
    told = chromium.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in told if one["name"] == "TaskDuration"))


def _heap(page: Page, seconds: int) -> dict[str, Any]:
    """Megabytes over time, and over the second half its slope in an hour with its error."""
    chromium, began = page.context.new_cdp_session(page), time.monotonic()
    samples = [(0.0, _heap_mb(chromium))]
    while samples[-1][0] < seconds:
        page.wait_for_timeout(1000 * HEAP_EVERY_S)
        samples.append((round(time.monotonic() - began, 1), _heap_mb(chromium)))
    found: dict[str, Any] = {"seconds": seconds, "samples_s_mb": samples}
    warm = np.array([sample for sample in samples if sample[0] >= seconds / 2])
    if len(warm) < 4:
        return found
    (slope, _), spread = np.polyfit(warm[:, 0] / 3600, warm[:, 1], 1, cov=True)
    return found | {
        "mb_per_h": round(float(slope), 2), "error": round(float(np.sqrt(spread[0, 0])), 2),
    }  # fmt: skip


def _heap_mb(chromium: CDPSession) -> float:
    for _ in range(2):  # what the first one frees may hold more
        chromium.send("HeapProfiler.collectGarbage")
    used: float = chromium.send("Runtime.getHeapUsage")["usedSize"]
    return round(used / 1e6, 2)


def _lines(content: dict[str, Any], asked: argparse.Namespace) -> list[tuple[object, ...]]:
    answer, heap = content["answer"], content["heap"]
    samples = heap["samples_s_mb"]
    lines: list[tuple[object, ...]] = [
        (f"{asked.open:,} open alerts: longest task while the desk loads",
         f"{content['load_worst_task_ms']:.0f} ms", ""),
        (f"longest task at {asked.per_s} alerts/s for {asked.seconds} s",
         f"{content['worst_task_ms']:.0f} ms", "≤ 100 ms"),
        ("tasks over 50 ms meanwhile", content["tasks_over_50_ms"], ""),
        (f"{answer['marked']} marked alerts rejected: key to confirmed and gone",
         f"{answer['key_to_gone_ms']:.0f} ms", "≤ 1000 ms"),
        ("… CPU of the page's main thread, of the centre with the rain meanwhile",
         f"{answer['page_cpu_s']}, {answer['centre_cpu_s']} s", ""),
        ("cores of the centre by the rain alone", content["centre_cores_of_rain"], ""),
        ("… refused, longest task", f"{answer['refused']}, {answer['worst_task_ms']:.0f} ms", "0"),
        ("heap at first, at last", f"{samples[0][1]}, {samples[-1][1]} MB", ""),
    ]  # fmt: skip
    if "mb_per_h" in heap:
        lines.append((f"heap's slope over the second half of {heap['seconds']} s",
                      f"{heap['mb_per_h']} ± {heap['error']} MB an hour", "flat"))  # fmt: skip
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
