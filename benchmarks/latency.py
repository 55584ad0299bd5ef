"""`python -m benchmarks.latency`: how long it takes from the first changed packet to the browser.

Cameras show a quiet street until fires break out. Our worker sleeps, wakes, looks and raises; the
event goes through evidence, spool, queue and archive to an open browser. Each step is measured,
once with nothing else to do ("idle"), once while other cameras are awake and events pour in
("loaded").
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.clips import Clip, clip, given_clip
from benchmarks.event_maker import MakerJob, camera_ids
from benchmarks.harness import results_file
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.pipeline_site import PASSWORD, PipelineSite, camera_text, pipeline_site
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.watching import street
from thapcanh.app.drills.synthetic_clip import ClipShape, synthetic_fire_clip
from thapcanh.ingest.packets.libav import open_container

SHAPE = ClipShape(duration_s=36.0, onset_s=26.0, grows_s=2.0)  # small: the drawing takes minutes
CHROMIUM = Path("/usr/bin/chromium")  # where Playwright has none of its own
MATCHED = 4  # sizes of packets in a row that name a place in the clip
STEPS = (
    ("wake", "changed", "looked"),
    ("confirm", "looked", "inferred"),
    ("evidence and spool", "inferred", "spooled"),
    ("queue", "spooled", "queued"),
    ("archive", "queued", "stored"),
    ("push", "stored", "pushed"),
    ("browser", "pushed", "rendered"),
    ("event to browser", "inferred", "rendered"),
    ("fire to browser", "changed", "rendered"),
)
# The desk holds new rows back while an alert is open: an officer who asks for them at once.
_LETS_IN = """
new MutationObserver(() => document.querySelector('[data-held]:not([data-held="0"])')?.click())
  .observe(document, { childList: true, subtree: true, attributeFilter: ['data-held'] });
"""
MAKER, MAKER_CAMERAS = "maker-0", 100  # whose events load the centre


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    asked = _parser().parse_args(arguments)
    asked.cache.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"machine": machine(), "versions": versions(), "rows": []}
    fire = _fire_clip(asked.cache)
    busy = clip("busy", "h264", 720, videos=asked.videos, cache=asked.cache)
    for load, others, rate in (("idle", 0, 0.0), ("loaded", asked.others, asked.rate)):
        if load not in asked.loads.split(","):
            continue
        moments = _measure(fire, asked.cameras, _Load(clip=busy, cameras=others, rate=rate))
        content["rows"] += [{"load": load, **row} for row in _rows(moments)]
    table = _table(content["rows"])
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--cameras", type=int, default=6, help="on which a fire breaks out")
    parser.add_argument("--loads", default="idle,loaded")
    parser.add_argument("--others", type=int, default=4, help="awake cameras when loaded")
    parser.add_argument("--rate", type=float, default=50.0, help="events a second when loaded")
    parser.add_argument("--videos", type=Path, help="folder of recorded videos")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", default="latency", help="of the results' files")
    return parser


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What the site has to do beside."""

    clip: Clip
    cameras: int
    rate: float


def _fire_clip(cache: Path) -> Clip:
    path = cache / f"breaks-out-{SHAPE.height}p.mp4"
    if not path.is_file():
        synthetic_fire_clip(path.with_suffix(".part.mp4"), shape=SHAPE).path.replace(path)
    return given_clip(path, "ordinary")


def _measure(fire: Clip, cameras: int, load: _Load) -> list[dict[str, float]]:
    """The moments of every fire's way; what was not reached is left out."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thapcanh-bench-")))
        urls = {"fire": stack.enter_context(street([fire], cameras))}
        if load.cameras:
            urls["busy"] = stack.enter_context(street([load.clip], load.cameras))
        makers = camera_ids(MAKER, MAKER_CAMERAS) if load.rate else ()
        site = stack.enter_context(pipeline_site(folder, makers))
        config = _config(site, urls)
        stack.enter_context(_browser(site))
        worker = stack.enter_context(child(["benchmarks.systems.told_worker", str(config)]))
        list(lines_until(worker, "ready"))
        if load.rate:
            _make_events(stack, site, load.rate)
        time.sleep(SHAPE.duration_s + 6.0)  # wherever the clip is now, the fire comes once
        stored = _stored(site)
        told = last_line(worker)
    return [
        _moments(told, stored[camera], camera, fire)
        for camera in sorted(stored)
        if camera.startswith("fire") and camera in told["looks"]
    ]


def _config(site: PipelineSite, urls: dict[str, list[str]]) -> Path:
    """The worker's configuration; the centre reads the cameras in its own by itself."""
    cameras = "".join(
        camera_text(f"{kind}-{number}", url)
        for kind, addresses in urls.items()
        for number, url in enumerate(addresses)
    )
    with (site.folder / "thapcanh.toml").open("a", encoding="utf-8") as of_centre:
        of_centre.write(cameras)
    path = site.folder / "worker.toml"
    head = f'[site]\ndata_dir = "{site.folder}"\n[detector]\ndevice = "cpu"\n'
    path.write_text(head + cameras, encoding="utf-8")
    return path


def _make_events(stack: ExitStack, site: PipelineSite, rate: float) -> None:
    job = MakerJob(
        name=MAKER,
        queue_url=site.queue_url,
        spool=str(site.folder / "spool" / f"{MAKER}.sqlite"),
        cameras=MAKER_CAMERAS,
        episode=50,
        rate=rate,
        seconds=SHAPE.duration_s,
    )
    maker = stack.enter_context(child(["benchmarks.event_maker", json.dumps(asdict(job))]))
    list(lines_until(maker, "ready"))
    if maker.stdin:
        maker.stdin.write("go\n")
        maker.stdin.flush()


@contextmanager
def _browser(site: PipelineSite) -> Iterator[None]:
    """A desk in Chromium, open until the block ends; its officer lets in what waits, at once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = None if Path(playwright.chromium.executable_path).exists() else CHROMIUM
        browser = playwright.chromium.launch(
            executable_path=own, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(locale="vi-VN", viewport={"width": 1366, "height": 768})
        page.add_init_script(_LETS_IN)
        page.goto(f"http://127.0.0.1:{site.port}")
        page.locator("input[type=text]").fill("admin")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        yield
        browser.close()


def _stored(site: PipelineSite) -> dict[str, dict[str, float]]:
    """By camera: the moments of its first raised event, and of the alert that it opened."""
    query = (
        "SELECT event.camera_id, event.at_s, event.inferred_at, event.spooled_at, event.queued_at,"
        " event.stored_at, alert.pushed_at, alert.rendered_at FROM event"
        " JOIN alert ON alert.id = event.alert_id WHERE event.phase = 'raised'"
        " AND event.folding = 'first' ORDER BY event.stored_at DESC"
    )
    names = ("at_s", "inferred", "spooled", "queued", "stored", "pushed", "rendered")
    with closing(sqlite3.connect(site.archive)) as archive:
        return {camera: dict(zip(names, rest, strict=True))
                for camera, *rest in archive.execute(query)}  # fmt: skip


def _moments(
    told: dict[str, Any], stored: dict[str, float], camera: str, fire: Clip
) -> dict[str, float]:
    """All moments of one fire that are known."""
    moments = {name: value for name, value in stored.items() if value is not None}
    changed = _first_changed(told["packets"].get(camera, []), fire.path, stored["at_s"])
    if changed is not None:
        at_s, moments["changed"] = changed
        looks = [when for seen_s, when in told["looks"][camera] if seen_s >= at_s]
        if looks:
            moments["looked"] = looks[0]
    return moments


def _first_changed(
    packets: Sequence[tuple[float, int, float]], clip_path: Path, before_s: float
) -> tuple[float, float] | None:
    """Where the clip's first burning packet came last before a moment: camera time, and when.

    It is known by its size and those of the packets before it, which the server does not change.
    """
    sizes = _sizes(clip_path)
    onset = round(SHAPE.onset_s * SHAPE.fps)
    wanted = [sizes[number] for number in range(onset - MATCHED + 1, onset + 1)]
    for end in range(len(packets), MATCHED, -1):
        run = packets[end - MATCHED : end]
        if run[-1][0] <= before_s and [size for _, size, _ in run[:-1]] == wanted[:-1]:
            return run[-1][0], run[-1][2]
    return None


def _sizes(path: Path) -> list[int]:
    with open_container(str(path)) as container:
        return [packet.size for packet in container.demux(video=0) if packet.size]


def _rows(moments: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    rows = []
    for step, begin, end in STEPS:
        spans = [one[end] - one[begin] for one in moments if begin in one and end in one]
        ordered = {
            name: round(1000 * quantile(spans, share), 1) if spans else None
            for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
        }
        rows.append({"step": step, "fires": len(spans), "ms": ordered})
    return rows


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = ("load", "step", "fires", "p50", "p95", "max")
    lines = [
        (row["load"], row["step"], row["fires"], *(f"{row['ms'][one]} ms" for one in row["ms"]))
        for row in rows
    ]
    return markdown(head, lines)


if __name__ == "__main__":
    raise SystemExit(main())
