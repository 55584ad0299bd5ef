"""`python -m benchmarks.archive_size`: what the archive's size costs, which should be nothing.

Fills archives with closed alerts of a hundred cameras, then takes in events of the same cameras and
reads what a desk reads. Writes a table and a plot of CPU milliseconds.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.copied_rows import copy_row
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.plot import write_plot
from benchmarks.harness.results_file import markdown, quantile
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.alert.records import AlertFilter, CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.detection.event import EventPhase

CAMERAS = 100
TOGETHER = 100
EPISODE = 12
ROUNDS = 20
NOW = 1_900_000_000.0
FACTS = CameraFacts(name="camera", agency="pc07", area="cua-nam")
_VARIED = {  # by column: what differs from row to row; `i` counts, the template is row 1
    "alert": {
        "id": "'fill-' || i",
        "number": "'CB-' || i",
        "dedup_key": f"'camera-' || (i % {CAMERAS}) || '|fire||fire'",
        "camera_id": f"'camera-' || (i % {CAMERAS})",
        "episode_open": "0",
        "state": "'closed'",
        "condition": "'cleared'",
        "verdict": "CASE WHEN i % 5 = 0 THEN 'rejected' ELSE 'confirmed' END",
        "verdict_at": "raised_at + i",
        "raised_at": "raised_at + i",
        "last_seen_at": "raised_at + i",
    },
    "event": {
        "id": "'fill-' || i",
        "event_id": "'fill-' || i",
        "alert_id": "'fill-' || i",
        "producer_seq": "1000 + i",
        "source": "'filler'",
        "camera_id": f"'camera-' || (i % {CAMERAS})",
        "captured_at": "captured_at + i",
    },
    "episode_event": {"event_id": "'fill-' || i", "alert_id": "'fill-' || i", "active": "0"},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive_size", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="alerts")
    parser.add_argument("--name", default="archive_size", help="of the results' files")
    asked = parser.parse_args(arguments)
    rows = [_measured(int(size)) for size in asked.sizes.split(",")]
    content = {"machine": machine(), "versions": versions(), "rows": rows}
    works = list(rows[0]["ms"])
    table = markdown(
        ("alerts", *works), [(row["alerts"], *(row["ms"][one] for one in works)) for row in rows]
    )
    path = results_file.write(asked.name, content, table)
    lines = {one: [(row["alerts"], row["ms"][one]) for row in rows] for one in works}
    x, y = "alerts in the archive", "CPU ms (median)"
    write_plot(path.with_suffix(".svg"), lines, x=x, y=y, is_log_x=True)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _measured(size: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="thapcanh-bench-") as folder:
        path = Path(folder) / "archive.sqlite"
        archive = Archive(sqlite_url(path))
        _take(archive, [fake_message(1, captured_at=1.0)])
        _fill(path, size)
        found = {name: _median_ms(work) for name, work in _works(archive).items()}
        archive.close()
    sys.stderr.write(f"{size} alerts: {found}\n")
    return {"alerts": size, "ms": found}


def _fill(path: Path, size: int) -> None:
    """Copies of the first rows, made by the database itself."""
    with closing(sqlite3.connect(path)) as database:
        for table, varied in _VARIED.items():
            copy_row(database, table, size, varied)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _works(archive: Archive) -> dict[str, Callable[[], object]]:
    batches = iter(_batches())
    singles = iter(_batches(source="single"))
    newest = archive.alerts(AlertFilter(limit=1)).items[0].id
    return {
        f"{TOGETHER} events together": lambda: _take(archive, next(batches)),
        "an event alone": lambda: _take(archive, next(singles)[:1]),
        "100 changes": lambda: archive.changes_after(max(0, archive.last_seq() - 100)),
        "first page of alerts": lambda: archive.alerts(AlertFilter()),
        "one alert": lambda: archive.alert(newest),
    }


def _batches(source: str = "worker-0") -> list[list[Message]]:
    """Episodes of all cameras, a message each in turn."""
    batches = []
    for number in range(ROUNDS):
        step = number % EPISODE
        phase = (
            EventPhase.CLEARED
            if step == EPISODE - 1
            else EventPhase.UPDATED
            if step
            else EventPhase.RAISED
        )
        batch = []
        for camera in range(TOGETHER):
            seq = number * TOGETHER + camera + 1
            event = fake_event(
                seq, id=f"{source}-{seq}", event_id=f"{source}-{number // EPISODE}-{camera}",
                phase=phase, camera_id=f"camera-{camera % CAMERAS}", captured_at=NOW + number,
            )  # fmt: skip
            batch.append(fake_message(seq, event, source=source))
        batches.append(batch)
    return batches


def _take(archive: Archive, messages: Sequence[Message]) -> None:
    told = [(message, NOW) for message in messages]
    archive.take_in_all(told, now=NOW, camera=lambda _: FACTS)


def _median_ms(work: Callable[[], object]) -> float:
    """Of the processor, which a busy machine does not lengthen."""
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return round(1000 * quantile(times, 0.5), 2)


if __name__ == "__main__":
    raise SystemExit(main())
