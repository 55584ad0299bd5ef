"""`python -m benchmarks.city.storm`: what each of 4,000 fires costs, the more of them burn.

Fires of a city are stored in batches of 200, as the consumer takes them, their incidents opened,
all read for a screen page by page, and compared for fog as the centre does in its round. It all
happens in this process, and CPU seconds are its own: a busy machine does not lengthen them.
`--before FILE`: an earlier result.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents.following import open_for_messages
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.nearby_reports import area_reports
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.weather.wide_weather import WatchedNear, WeatherSettings, fronts
from thapcanh.app.stream.change_source import ArchiveChanges
from thapcanh.app.web_api.people import People
from thapcanh.ingest.clock import SystemClock

BATCH, PAGE = 200, 250
CAMERAS, A_ROW, APART_DEG = 40_000, 200, 0.0008  # a square of 18 km


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/storm.json`; `benchmarks.plots` draws it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.city.storm", description=__doc__)
    parser.add_argument("--fires", type=int, default=4_000)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--name", default="storm", help="of the results' files")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="thapcanh-storm-") as folder:
        found = measured(Path(folder), asked.fires)
    earlier: dict[str, Any] = {}
    if asked.before:
        earlier = json.loads(asked.before.read_text("utf-8"))["after"]
    content = {
        "machine": machine(), "versions": versions(), "fires": asked.fires,
        "before": earlier, "after": found,
    }  # fmt: skip
    rows = [
        (name, earlier.get(name, "–"), value)
        for name, value in found.items()
        if isinstance(value, float)
    ]
    table = markdown(("measured", "before", "after"), rows)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")


def measured(folder: Path, fires: int) -> dict[str, Any]:
    """CPU milliseconds a fire, and seconds of the round."""
    city = _City()
    with closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive:
        now = time.time()
        messages = [(city.message(number, now), now) for number in range(fires)]
        course, incidents_ms = [], 0.0
        for first in range(0, fires, BATCH):
            batch = messages[first : first + BATCH]
            began = time.process_time()
            archive.take_in_all(batch, now=now, camera=city.facts, opens_incidents=False)
            course.append((first, round(_ms(began) / BATCH, 3)))
            began = time.process_time()
            open_for_messages(archive.database, [one.event.id for one, _ in batch], now)
            incidents_ms += _ms(began)
        began = time.process_time()
        _tell(archive)
        tell_ms = _ms(began) / fires
        began = time.process_time()
        reports = [known.report for known in area_reports(archive.database, now)]
        fronts(reports, watched_near=city.near, now=now, settings=city.weather)
        fog_ms = _ms(began)
    return {
        "store_ms_a_fire": round(sum(ms for _, ms in course) / len(course), 3),
        "store_ms_a_fire_at_first": course[0][1],
        "store_ms_a_fire_at_last": course[-1][1],
        "open_incident_ms_a_fire": round(incidents_ms / fires, 3),
        "tell_ms_a_fire": round(tell_ms, 3),
        "fog_round_ms": round(fog_ms, 1),
        "course": course,
    }


class _City:
    """Its cameras, and fires at some of them."""

    def __init__(self) -> None:
        self.weather = WeatherSettings()
        self._places = [
            (21.0 + number % A_ROW * APART_DEG, 105.75 + number // A_ROW * APART_DEG)
            for number in range(CAMERAS)
        ]
        self.near = WatchedNear(self._places)
        self._burning = np.random.default_rng(2).permutation(CAMERAS)

    def message(self, number: int, now: float) -> Message:
        name = f"fire-{number}"
        event = fake_event(
            id=name, event_id=name, camera_id=str(self._burning[number]),
            captured_at=now, inferred_at=now,
        )  # fmt: skip
        return Message(
            event=event, source="maker", producer_epoch=1, producer_seq=number + 1, spooled_at=now
        )

    def facts(self, camera_id: str) -> CameraFacts:
        """What the site in force says, with how many watch round it, counted once a fire."""
        number = int(camera_id)
        place = self._places[number]
        return CameraFacts(
            name=camera_id, place="Phường", area=f"ward-{number % 126}", lat=place[0], lon=place[1],
            agency=f"agency-{number % 40}",
            watched_near=self.near(place, self.weather.within_m),
        )  # fmt: skip


def _tell(archive: Archive) -> None:
    """Read everything as the change feed does."""
    people = People(list, SystemClock())
    changes = ArchiveChanges(archive, people, SystemClock(), StageTimes())
    seq = 0
    while (page := changes.told_after(seq, PAGE)).items:
        seq = page.last_seq


def _ms(began: float) -> float:
    return 1000.0 * (time.process_time() - began)


if __name__ == "__main__":
    main()
