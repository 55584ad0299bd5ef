"""`python -m benchmarks.centre.positions`: 500 units that tell where they are once a second.

Positions come in lists, as a gateway of a fleet sends them, and by the desk alone, as MQTT brings
them. Timed: the processor of the centre for a second of them, and how old a position is when a
screen that asks every 1.5 s reads it.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.positions.position_store import PositionRepository
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.positions.position_service import PositionService
from thapcanh.ingest.clock import SystemClock

_LEADER = Actor(username="benchmark", name="benchmark", role=Role.LEADER)
_ASKED_EVERY_S = 1.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/positions.json`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.centre.positions", description=__doc__
    )
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.units, options.seconds)
    content = {
        "machine": machine(), "versions": versions(), "units": options.units,
        "seconds": options.seconds, **found,
    }  # fmt: skip
    rows = list(found.items())
    path = results_file.write("positions", content, markdown(("measured", "value"), rows))
    sys.stdout.write(f"{path}\n")


def measured(folder: Path, units: int, seconds: int) -> dict[str, Any]:
    """All figures."""
    clock = SystemClock()
    with closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive:
        book = UnitRepository(archive.database)
        fleet = [
            Unit(id=f"xe-{one}", name=f"Xe {one}", kind=UnitKind.FIRE_ENGINE)
            for one in range(units)
        ]
        book.save(_LEADER, fleet, time.time())
        desk = PositionService(PositionRepository(archive.database), clock)
        over, ages = threading.Event(), list[float]()
        watcher = threading.Thread(target=_watch, args=(desk, units, over, ages))
        watcher.start()
        busy, began = time.process_time(), time.monotonic()
        for second in range(seconds):
            now = time.time()
            for one in range(units):
                place = (21.0 + one * 1e-4 + second * 1e-5, 105.8)
                desk.receive(f"xe-{one}", place, now)
            desk.flush()
            time.sleep(max(0.0, began + second + 1 - time.monotonic()))
        busy = time.process_time() - busy
        over.set()
        watcher.join()
        track = PositionRepository(archive.database).track("xe-0", 0, time.time())
    return {
        "processor_share_of_a_core": round(busy / (time.monotonic() - began), 4),
        "age_on_the_screen_p95_s": quantile(ages, 0.95),
        "age_on_the_screen_most_s": round(max(ages), 3),
        "kept_of_one_track": len(track or ()),
    }


def _watch(desk: PositionService, units: int, over: threading.Event, ages: list[float]) -> None:
    """Read all positions as a screen does; each is looked at until the next answer comes."""
    while not over.wait(_ASKED_EVERY_S):
        now = time.time()
        found = (desk.live(f"xe-{one}") for one in range(units))
        ages.extend(now - one.at for one in found if one is not None)


if __name__ == "__main__":
    main()
