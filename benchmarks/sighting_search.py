"""`python -m benchmarks.sighting_search`: how fast sightings are searched, and what they cost.

Fills a store with one day of street cameras, then asks the web API over HTTP as the search screen
does: the first page with its counts. Then shows the detector drawn pictures, and measures what
recording so many sightings adds to each look.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.harness.served_centre import served
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import DetectorConfig, Site
from thapcanh.config.storage import RecordingConfig
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.sightings.camera_sightings import CameraSightings
from thapcanh.detection.sightings.sighting import CLASSES
from thapcanh.detection.sightings.store import SIGHTINGS_FILE, SightingStore
from thapcanh.ingest.frame import frame_of

BEGAN_S = 1_795_539_600
DAY_MS = 86_400_000
ROUNDS = 11
LOOKS = 300
SHARES = (30, 2, 50, 14, 2, 2)  # of the classes on a street
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("everything", {}),
    ("red cars", {"class": "car", "colour": "red"}),
    ("yellow buses, which hardly ever come", {"class": "bus", "colour": "yellow"}),
    (
        "people on one camera in a box",
        {"class": "person", "cameras": "cam-00", "box": "0,0,0.1,0.1"},
    ),
    ("trucks over a line of one camera", {"class": "truck", "cameras": "cam-01", "line": "gate"}),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/sighting_search.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sighting_search")
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--rows", type=int, default=2_000_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        searched = _searched(Path(folder), options.cameras, options.rows)
        looks = _looked(Path(folder))
    rows = [(name, value) for name, value in searched.items()] + [
        (f"added to a look with {count} things, ms and % of the detector's", value)
        for count, value in looks.items()
    ]
    content = {
        "machine": machine(), "versions": versions(), "cameras": options.cameras,
        "rows": options.rows, **searched, "added_to_a_look": looks,
    }  # fmt: skip
    path = results_file.write("sighting_search", content, markdown(("measured", "value"), rows))
    sys.stdout.write(f"{path}\n")


def _searched(folder: Path, cameras: int, rows: int) -> dict[str, Any]:
    """Seconds that searches of a whole day take over HTTP, and bytes a row."""
    names = [f"cam-{number:02}" for number in range(cameras)]
    _fill(folder, names, rows)
    found: dict[str, Any] = {
        "bytes_a_row": round((folder / SIGHTINGS_FILE).stat().st_size / rows, 1)
    }
    site = Site(
        cameras=tuple(
            CameraConfig(id=name, name=name, source=SecretUrl("rtsp://10.0.0.1/")) for name in names
        ),
        recording=RecordingConfig(dir=folder, cameras="*"),
    )
    took: list[float] = []
    with (
        closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive,
        served(archive, site) as http,
    ):
        for name, words in QUESTIONS:
            times = [_ask(http, words) for _ in range(ROUNDS)]
            found[f"{name}: p50 s"] = round(quantile(times, 0.5), 3)
            took += times
    return {**found, "all: p95 s": round(quantile(took, 0.95), 3)}


def _ask(http: httpx.Client, words: dict[str, Any]) -> float:
    began = time.perf_counter()
    period = {"from": BEGAN_S, "to": BEGAN_S + DAY_MS // 1000}
    answer = http.get("/api/v1/sightings", params={**period, **words})
    took = time.perf_counter() - began
    if answer.status_code != 200 or not answer.json()["counts"]:
        raise SystemExit(f"a search failed: {answer.text[:200]}")
    return took


def _fill(folder: Path, names: Sequence[str], rows: int) -> None:
    """Rows as the store keeps them, evenly over the day; one in ten of cam-01 crossed a line."""
    rng = random.Random(1)  # noqa: S311 only made figures
    each = rows // len(names)
    with closing(SightingStore(folder)) as store:
        db = store.connection
        db.execute("BEGIN")
        for camera, name in enumerate(names, 1):
            db.execute("INSERT INTO cameras VALUES (?,?)", (camera, name))
            made = (_row(rng, camera, number, each) for number in range(each))
            db.executemany(f"INSERT INTO sightings VALUES ({','.join('?' * 13)})", made)  # noqa: S608 only marks
            slots = ((camera, BEGAN_S * 1000 + slot * 300_000, 290_000, 0) for slot in range(288))
            db.executemany("INSERT INTO looks VALUES (?,?,?,?)", slots)
        db.execute(
            "INSERT INTO passages SELECT camera, from_ms, n, 'gate', n % 2, from_ms FROM sightings"
            " WHERE camera = 2 AND n % 10 = 0"
        )
        db.execute(
            "INSERT INTO kept SELECT camera, from_ms / 300000 * 300000, label,"
            " coalesce(colour, -1), count(*), 0 FROM sightings GROUP BY 1, 2, 3, 4"
        )
        db.execute("COMMIT")


def _row(rng: random.Random, camera: int, number: int, each: int) -> tuple[object, ...]:
    words, first = [0, 0, 0], rng.randrange(176)
    for cell in range(first, first + 4):
        words[cell // 60] |= 1 << cell % 60
    label = rng.choices(range(len(CLASSES)), SHARES)[0]
    return (
        camera, BEGAN_S * 1000 + number * DAY_MS // each, number, rng.randrange(500, 60_000), 200,
        label, rng.randrange(8) if label > 2 else None, rng.randrange(40, 99), first, *words,
        rng.randbytes(16),
    )  # fmt: skip


def _looked(folder: Path) -> dict[int, str]:
    """CPU milliseconds that recording adds to a look, and its share of the detector's."""
    detector = load_detector(DetectorConfig(device="cpu", second_witness=False), folder / "cache")
    road = np.full((720, 1280, 3), (96, 112, 92), np.uint8)
    frame = frame_of(road)
    try:
        detector.detect([frame])
        began = time.process_time()
        for _ in range(60):
            detector.detect([frame])
        look_ms = (time.process_time() - began) / 60 * 1000
    finally:
        detector.close()
    return {count: _added(road, count, look_ms) for count in (0, 1, 3, 8, 20)}


def _added(road: "np.ndarray[Any, np.dtype[np.uint8]]", count: int, look_ms: float) -> str:
    spec = CameraConfig(id="c", name="c", source=SecretUrl("rtsp://10.0.0.1/"))
    tracks, spent = CameraSightings(spec), 0.0
    for number in range(LOOKS):
        rows = [
            Detection(
                label=CLASSES[place % len(CLASSES)],
                box=_box(place, number),
                confidence=0.8,
            )
            for place in range(count)
        ]
        frame = frame_of(road)
        seen = detections_of(frame, rows)
        began = time.process_time()
        tracks.observe(frame, seen)
        spent += time.process_time() - began
    added_ms = spent / LOOKS * 1000
    return f"{added_ms:.3f} ms, {100 * added_ms / look_ms:.1f} % of {look_ms:.1f} ms"


def _box(place: int, look: int) -> tuple[float, float, float, float]:
    """Things that drive along, and begin again."""
    x, y = (0.04 * place + 0.02 * look) % 0.9, 0.1 + 0.08 * (place % 10)
    return x, y, x + 0.05, y + 0.08


if __name__ == "__main__":
    main()
