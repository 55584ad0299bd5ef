"""`python -m benchmarks.desk.screen`: how fast the desk stands in a real Chromium, its weight.

A real queue and centre with many closed alerts in the archive; an officer's browser loads the desk
cold, then alerts come one by one through the queue, and the page notes when each was drawn. The
screens must be built (`python app/web/build_hook.py build`).
"""

import argparse
import gzip
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.harness import results_file
from benchmarks.harness.copied_rows import copy_row
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PipelineSite, pipeline_site
from benchmarks.harness.results_file import markdown, quantile
from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool

BUILT = Path(__file__).resolve().parents[2] / "app" / "web_dist"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu"]
VIEWPORT = {"width": 1920, "height": 1080}
LONG_LIST = 5000
SCROLL_S = 4

# Notes when each alert's row was painted first: a frame after it came to stand on the page.
_NOTE = """
window.drawn = {};
new MutationObserver(() => {
  for (const row of document.querySelectorAll('[data-alert]')) {
    const id = row.dataset.alert;
    if (id in window.drawn) continue;
    window.drawn[id] = null;
    requestAnimationFrame(() => setTimeout(() => {
      window.drawn[id] = { wall: Date.now(), page: performance.now() };
    }));
  }
}).observe(document, { childList: true, subtree: true });
"""
# Notes each task that held the main thread for over 50 ms.
_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.tasks.push(task.duration);
}).observe({ type: 'longtask', buffered: true });
"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_SCROLL = """async (seconds) => {
  const list = document.querySelector('[role=listbox]');
  const gaps = [], end = performance.now() + seconds * 1000;
  let before = performance.now();
  while (before < end) {
    list.scrollTop += 60;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk.screen", description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000, help="closed ones in the archive")
    parser.add_argument("--loads", type=int, default=7)
    parser.add_argument("--new", type=int, default=30, help="alerts that come while one looks")
    parser.add_argument("--name", default="desk_screen", help="of the results' files")
    asked = parser.parse_args(arguments)
    content = {"machine": machine(), "versions": versions(), "alerts": asked.alerts}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thapcanh-bench-")))
        names = ["first", *(f"new-{number}" for number in range(asked.new))]
        site = stack.enter_context(pipeline_site(folder, names))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        content |= _measured(site, browser, asked)
    table = markdown(("what", "measured", "reach"), _lines(content))
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _measured(site: PipelineSite, browser: Browser, asked: argparse.Namespace) -> dict[str, Any]:
    source = AlertSource(site)
    try:
        source.raise_alert("first")
        _until(lambda: _count(site) == 1)
        fill(site.archive, asked.alerts, state="closed")
        loads = [_load(site, browser) for _ in range(asked.loads)]
        delays_ms = _new_alerts(site, browser, source, asked.new)
        fill(site.archive, LONG_LIST, state="new")
        return {
            "first_paint_ms": [load["painted"] for load in loads],
            "first_row_ms": [load["row"] for load in loads],
            "drawn_after_stored_ms": delays_ms,
            "long_list": _scrolled(site, browser),
            "gzipped_bytes": _weighed(loads[0]["files"]),
        }
    finally:
        source.close()


class AlertSource:
    """A worker without cameras: what it raises goes through a spool and the queue."""

    def __init__(self, site: PipelineSite) -> None:
        self._spool = Spool(site.folder / "spool.sqlite", "bench")
        queue = EventQueue(site.queue_url)
        self._publisher = EventPublisher(self._spool, queue, finished_before=queue.finished_before)
        self._publisher.start()

    def raise_alert(self, name: str) -> None:
        """A P1 of a camera of its own."""
        now = time.time()
        event = fake_event(id=name, event_id=name, camera_id=name, captured_at=now, inferred_at=now)
        self._spool.append_all([OutboxItem(event=event)], now)

    def close(self) -> None:
        """Stop sending."""
        self._publisher.stop()


def _load(site: PipelineSite, browser: Browser) -> dict[str, Any]:
    """The desk in a browser that has never seen it, by somebody who is logged in."""
    with desk_page(site, browser) as (page, files):
        page.goto(site_url(site))
        page.wait_for_function("() => Object.values(window.drawn).some(Boolean)")
        rows = page.evaluate("Object.values(window.drawn).filter(Boolean).map((at) => at.page)")
        return {"painted": page.evaluate(_PAINTED), "row": min(rows), "files": files}


@contextmanager
def desk_page(site: PipelineSite, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A fresh browser's page with a session, which notes the files that it asks for."""
    name, _, value = site.log_in().cookie.partition("=")
    context = browser.new_context(viewport=VIEWPORT, locale="vi-VN")  # type: ignore[arg-type]
    context.add_cookies([{"name": name, "value": value, "url": site_url(site)}])
    try:
        page = context.new_page()
        files: list[str] = []
        page.add_init_script(_NOTE + _TASKS)
        page.on("request", lambda request: files.append(request.url))
        yield page, files
    finally:
        context.close()


def site_url(site: PipelineSite) -> str:
    """Where the screens are."""
    return f"http://127.0.0.1:{site.port}/"


def _new_alerts(
    site: PipelineSite, browser: Browser, source: AlertSource, count: int
) -> list[float]:
    """From the archive's word that an alert is stored to its row's first paint, in ms."""
    with desk_page(site, browser) as (page, _):
        page.goto(site_url(site))
        page.wait_for_function("() => Object.values(window.drawn).some(Boolean)")
        known = len(page.evaluate("Object.keys(window.drawn)"))
        for number in range(count):
            source.raise_alert(f"new-{number}")
            page.wait_for_function(
                "(count) => Object.values(window.drawn).filter(Boolean).length >= count",
                arg=known + number + 1,
            )
        drawn = page.evaluate("window.drawn")
    with closing(sqlite3.connect(site.archive)) as database:
        stored = database.execute(
            "SELECT id, stored_at FROM alert WHERE camera_id LIKE 'new-%'"
        ).fetchall()
    return [round(drawn[name]["wall"] - 1000 * at, 1) for name, at in stored]


def _scrolled(site: PipelineSite, browser: Browser) -> dict[str, Any]:
    with desk_page(site, browser) as (page, _):
        page.set_default_timeout(120_000)
        page.goto(site_url(site))
        page.wait_for_function(
            "(count) => document.querySelector('[aria-setsize]')?.ariaSetSize >= count",
            arg=LONG_LIST,
        )
        ready_ms = page.evaluate("performance.now()")
        gaps = page.evaluate(_SCROLL, SCROLL_S)
        rows = page.locator("[role=option]").count()
    return {
        "alerts": LONG_LIST, "listed_after_ms": round(ready_ms), "rows_on_page": rows,
        "frame_ms_median": round(median(gaps), 1), "frame_ms_p95": round(quantile(gaps, 0.95), 1),
        "frame_ms_worst": round(max(gaps), 1),
    }  # fmt: skip


def _weighed(files: Sequence[str]) -> dict[str, int]:
    """What the desk loads, as gzip sends it; and every script and style that there is."""
    names = {found[1] for url in files if (found := re.search(r"/(assets/[^?]+)$", url))}
    weights = {
        str(path.relative_to(BUILT)): len(gzip.compress(path.read_bytes()))
        for path in BUILT.rglob("*")
        if path.suffix in (".js", ".css")
    }
    return {
        "desk": sum(size for name, size in weights.items() if name in names),
        "all": sum(weights.values()),
        "largest": max(weights.values()),
    }


def fill(archive: Path, count: int, *, state: str, varied: Mapping[str, str] | None = None) -> None:
    """Copies of the first alert, made by the database itself, a second apart."""
    each = {
        "id": f"'{state}-' || i", "number": f"'CB-{state}-' || i",
        "camera_id": "'cam-' || (i % 100)",
        "dedup_key": f"'{state}-' || i", "episode_open": "0", "state": f"'{state}'",
        "raised_at": "raised_at - i", "last_seen_at": "raised_at - i", "spoke_at": "raised_at - i",
        "stored_at": "raised_at - i", **(varied or {}),
    }  # fmt: skip
    with closing(sqlite3.connect(archive, timeout=60)) as database:
        copy_row(database, "alert", count, each, like="camera_id = 'first'")
        database.commit()


def _count(site: PipelineSite) -> int:
    return len(site.alerts(site.log_in()))


def _until(check: Callable[[], object], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError("nothing came through the queue")
        time.sleep(0.1)


def _lines(content: dict[str, Any]) -> list[tuple[object, ...]]:
    paint, row, drawn = (
        content[name] for name in ("first_paint_ms", "first_row_ms", "drawn_after_stored_ms")
    )
    long, weighs = content["long_list"], content["gzipped_bytes"]
    frames = ", ".join(str(long[f"frame_ms_{name}"]) for name in ("median", "p95", "worst"))
    painted = f"first paint of the desk, {content['alerts']:,} alerts in the archive"
    return [
        (f"{painted}, median of {len(paint)}", f"{median(paint):.0f} ms", "≤ 1500 ms"),
        ("first alert's row on the screen, median", f"{median(row):.0f} ms", ""),
        (f"new alert, stored to drawn, median of {len(drawn)}", f"{median(drawn):.0f} ms", "≤ 300"),
        ("… 95 of 100", f"{quantile(drawn, 0.95):.0f} ms", "≤ 300 ms"),
        (f"{long['alerts']:,} open alerts: listed after", f"{long['listed_after_ms']} ms", ""),
        ("… rows on the page while scrolling", long["rows_on_page"], "few"),
        ("… a frame while scrolling: median, 95 of 100, worst", f"{frames} ms", ""),
        ("scripts and styles of the desk, gzipped", f"{weighs['desk'] / 1000:.0f} kB", "≤ 150 kB"),
        ("… of all screens and the map", f"{weighs['all'] / 1000:.0f} kB", ""),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
