"""`python -m benchmarks.city`: what all cameras of a city cost the centre, whatever happens.

40,000 cameras in one configuration file, watched by 800 made workers that report through a real
Valkey every time they are asked to. Nothing is decoded: measured is what the centre does with what
it is told. `--before FILE` puts an earlier result's figures beside the new ones.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import redis

from benchmarks.city.made_city import MadeWorkers, write_config
from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.harness.served_centre import served
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.coverage.coverage_recorder import CoverageRecorder
from thapcanh.app.process.embedded_valkey import prepare
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_file import load_site, load_worker_site
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.site import QueueConfig, Site
from thapcanh.ingest.clock import SystemClock

ROUNDS = 5
CHANGED_EACH_ROUND = 400  # one camera in a hundred
CAMERAS = "/api/v1/cameras"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/city.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.city", description=__doc__)
    parser.add_argument("--cameras", type=int, default=40_000)
    parser.add_argument("--workers", type=int, default=800)
    parser.add_argument("--before", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.cameras, options.workers)
    earlier = json.loads(options.before.read_text("utf-8"))["after"] if options.before else {}
    content = {
        "machine": machine(), "versions": versions(), "cameras": options.cameras,
        "workers": options.workers, "before": earlier, "after": found,
    }  # fmt: skip
    rows = [(name, earlier.get(name, "–"), value) for name, value in found.items()]
    path = results_file.write("city", content, markdown(("measured", "before", "after"), rows))
    sys.stdout.write(f"{path}\n")


def measured(folder: Path, cameras: int, workers: int) -> dict[str, float]:
    """All figures; times are CPU seconds of this process, which other load does not lengthen."""
    config = write_config(folder, cameras)
    found = _configuration(config)
    site = load_site(config).site_or_raise()
    with (
        _queue(folder) as (queue, url),
        closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive,
    ):
        made = MadeWorkers(queue, [camera.id for camera in site.cameras], workers)
        found |= _reports(queue, url, made)
        found |= _coverage(archive, queue, site, made)
        found |= _over_http(archive, queue, site, made)
    return found


def _configuration(config: Path) -> dict[str, float]:
    """The first reading, and what one edited camera costs each process."""
    found = {}
    for part, load in (("centre", load_site), ("worker", load_worker_site)):
        began = time.process_time()
        watch = ConfigWatch(config, load(config), load=load)
        found[f"{part}_first_load_cpu_s"] = _since(began)
        text = config.read_text("utf-8")
        config.write_text(text.replace('name = "Ngã tư 000007', 'name = "Ngã năm 000007'), "utf-8")
        began = time.process_time()
        if watch.poll() is None:
            raise RuntimeError("the edit was not seen")
        found[f"{part}_load_after_edit_cpu_s"] = _since(began)
        config.write_text(text, "utf-8")
    return found


def _reports(queue: EventQueue, url: str, made: MadeWorkers) -> dict[str, float]:
    """One reading of all workers, after each has reported again."""
    made.report()
    times, sizes = [], []
    for number in range(ROUNDS):
        made.change(CHANGED_EACH_ROUND, number)
        made.report()
        before = _bytes_sent(url)
        times.append(_timed(queue.worker_states))
        sizes.append((_bytes_sent(url) - before) / 1e6)
    return {"reports_read_cpu_s": _median(times), "reports_read_mb": _median(sizes)}


def _coverage(
    archive: Archive, queue: EventQueue, site: Site, made: MadeWorkers
) -> dict[str, float]:
    """The round of every five seconds; the reading of the reports is measured apart."""
    board = CameraBoard(queue.worker_states, SiteHolder(site), SystemClock())
    recorder = CoverageRecorder(archive.database, board, time.time)
    first = _round(board, recorder)
    same = [_round(board, recorder) for _ in range(ROUNDS)]
    some = []
    for number in range(ROUNDS):
        made.change(CHANGED_EACH_ROUND, number)
        made.report()
        time.sleep(2.1)  # a report is kept for two seconds
        some.append(_round(board, recorder))
    return {
        "coverage_first_cpu_s": first,
        "coverage_unchanged_cpu_s": _median(same),
        "coverage_400_changed_cpu_s": _median(some),
    }


def _round(board: CameraBoard, recorder: CoverageRecorder) -> float:
    board.report()
    return _timed(recorder.round)


def _over_http(
    archive: Archive, queue: EventQueue, site: Site, made: MadeWorkers
) -> dict[str, float]:
    made.report()
    with served(archive, site, queue) as http:
        found = {}
        for name, query in _QUERIES.items():
            answers = [_answer(http, query) for _ in range(3)]
            found[f"{name}_cpu_s"] = _median([cost for cost, _ in answers])
            found[f"{name}_mb"] = round(answers[0][1] / 1e6, 3)
        version = http.get(CAMERAS, params={"limit": 1}).json()["version"]
        made.change(CHANGED_EACH_ROUND, ROUNDS)
        made.report()
        time.sleep(2.1)
        cost, size = _answer(http, {"fields": _SCREEN, "since": version})
        return {**found, "changed_400_cpu_s": cost, "changed_400_mb": round(size / 1e6, 3)}


_STATE = "state,reason,picture,since,sees"
_SCREEN = f"{_STATE},name,area,agency,lat,lon,bearing_deg,detail,worker,ends_at,turns,moving"
_QUERIES: dict[str, dict[str, Any]] = {
    "cameras_whole": {},
    "cameras_page_of_500": {"limit": 500},
    "cameras_states": {"fields": _STATE},
    "cameras_of_a_screen": {"fields": _SCREEN},
}


def _answer(http: httpx.Client, query: dict[str, Any]) -> tuple[float, int]:
    """CPU seconds of server and client together, and bytes."""
    began = time.process_time()
    answer = http.get(CAMERAS, params=query).raise_for_status()
    return _since(began), len(answer.content)


@contextmanager
def _queue(folder: Path) -> Iterator[tuple[EventQueue, str]]:
    embedded = prepare(folder / "queue-data" / "queue", folder / "run", QueueConfig())
    process = subprocess.Popen(embedded.arguments)
    try:
        _wait_until_up(embedded.url)
        with closing(EventQueue(embedded.url)) as queue:
            yield queue, embedded.url
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_up(url: str) -> None:
    with closing(redis.Redis.from_url(url)) as client:
        for _ in range(100):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.1)
            else:
                return
    raise RuntimeError("the queue did not start")


def _bytes_sent(url: str) -> int:
    """What the server has sent to all its clients."""
    with closing(redis.Redis.from_url(url)) as client:
        stats: Any = client.info("stats")
        return int(stats["total_net_output_bytes"])


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return _since(began)


def _since(began: float) -> float:
    return round(time.process_time() - began, 4)


def _median(values: Sequence[float]) -> float:
    return round(quantile(values, 0.5), 4)


if __name__ == "__main__":
    main()
