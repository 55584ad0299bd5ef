"""The soak: a whole site for hours, whose cameras fail and come back, and no process grows.

    python -m tests.chaos.soak SECONDS [FOLDER]

SOAK_ALERTS=1000000 alerts in its archive before, SOAK_CAMERAS=16 simulated cameras, two of which
burn, all recorded on a disk that is soon full and tidied; an officer who answers, one who takes
calls, one who closes incidents, a screen, somebody who watches live, and a receiver outside. Each
few seconds a camera is reset, hangs, freezes, sends noise, changes its size or is gone. Ends with
one JSON line and `soak.json` in the folder; exit code 1 when any process grew, was restarted, or
hoards threads or files. Of a run that ends before its time, `python -m tests.chaos.soak_trend
FOLDER` judges what was measured until then.
"""

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness.copied_rows import copy_row
from benchmarks.harness.machine import machine, versions
from tests.app.delivery.receiver import SECRET, Receiver
from tests.chaos.drive import LOGIN
from tests.chaos.people import Person, Seen, officer, reader
from tests.chaos.site import Site
from tests.chaos.soak_load import Disk, caller, controller, viewer
from tests.chaos.soak_trend import Sample, SampleFile, Trend, courses, trends
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)
from thapcanh.tools.simulator.errors import FaultRefused

CAMERAS = 16
BURNING = 2
OLD_ALERTS = 1_000_000
SAMPLE_S = 5.0
SHAPE = ClipShape(duration_s=12.0, width=416, height=234, fps=10)
SETTINGS = """[worker]
count = 1
[recording]
cameras = "*"
max_gb = 0.05
min_free_gb = 0.5
[retention]
budget_gb = 0.0005
[[targets]]
id = "outside"
name = "Nơi nhận"
kind = "webhook"
url = "{url}"
secret = "{secret}"
"""
FAULTS = {
    "kill": 4, "end": 3, "stall": 3, "freeze": 2, "garbage": 3, "mute": 3, "off": 3, "size": 1,
}  # fmt: skip
TIMED_S = (2.0, 15.0)
UP_WITHIN_S = 180.0


def run(
    seconds: float, folder: Path, old_alerts: int = OLD_ALERTS, cameras: int = CAMERAS
) -> dict[str, Any]:
    """Raise a site, let a day pass over it, and judge: what is printed."""
    names = [f"camera-{number:02d}" for number in range(cameras)]
    told: dict[str, Any] = {"machine": machine(), "versions": versions(), "cameras": cameras}
    seen, watched = Seen(), list[int]()
    answered, calls, closed = list[str](), list[str](), list[str]()
    with ExitStack() as stack:
        simulator = stack.enter_context(_cameras(folder, names))
        receiver = Receiver()
        stack.callback(receiver.close)
        urls = {name: simulator.url(name, with_login=True) for name in names}
        settings = SETTINGS.format(url=receiver.url, secret=SECRET)
        site = Site(folder, urls, {}, settings)
        site.start()
        stack.callback(site.stop)
        wait_online(site)
        told["old_alerts"] = grow_archive(site.data / "archive.sqlite", old_alerts)
        turns = [
            reader(seen), officer(answered), caller(calls), controller(closed),
            viewer(names, watched),
        ]  # fmt: skip
        for number, turn in enumerate(turns):
            person = Person(site.url, turn, f"person-{number}")
            person.start()
            stack.callback(person.stop)
        disk = Disk([site.data / "recordings", site.data / "evidence"])
        kept = stack.enter_context(closing(SampleFile(folder)))

        def measured(now: float) -> None:
            kept.add(sample(site, now))
            disk.look()

        loads, faults = _soak(site, simulator, names, seconds, measured)
        told |= {
            "seconds": round(seconds), "nice": os.nice(0), "load": _load(loads),
            "faults": faults, "reconnects": _reconnects(site),
            "commands": len(answered), "calls": len(calls),
            "incidents_closed": len(closed), "disk": disk.told(), "live_views": len(watched),
            "delivered": len(receiver.unique()), "changes_on_screen": len(seen.seqs),
            "restarts": site.restarts,
        }  # fmt: skip
    samples = kept.samples
    found: list[Trend] = trends(samples)
    told["processes"] = [one.as_dict() for one in found]
    told["grew"] = sorted(one.role for one in found if one.grew)
    told["memory_mb"] = courses(samples)
    return told


def grow_archive(archive: Path, count: int) -> int:
    """Put so many closed alerts beside the first that came; return how many there are then."""
    deadline = time.monotonic() + UP_WITHIN_S
    with closing(sqlite3.connect(archive, timeout=60)) as database, database:
        while not _has_alert(database):
            if time.monotonic() > deadline:
                raise TimeoutError("no alert came")
            time.sleep(1.0)
        varied = {
            "id": "'old-' || i", "number": "'CB-OLD-' || i", "dedup_key": "'old-' || i",
            "episode_open": "0", "state": "'closed'", "raised_at": "raised_at - 60.0 * i",
        }  # fmt: skip
        copy_row(database, "alert", count, varied)
        (there,) = database.execute("SELECT count(*) FROM alert").fetchone()
    return int(there)


def _has_alert(database: sqlite3.Connection) -> bool:
    with suppress(sqlite3.OperationalError):  # until the centre has made its tables
        return bool(database.execute("SELECT count(*) FROM alert").fetchone()[0])
    return False


def _soak(
    site: Site,
    simulator: RunningSimulator,
    names: Sequence[str],
    seconds: float,
    measures: Callable[[float], None],
) -> tuple[list[float], int]:
    began = time.monotonic()
    loads: list[float] = []
    faults = 0
    sample_at = began
    gone: dict[str, float] = {}
    while (now := time.monotonic()) < began + seconds:
        for name in [name for name, until in gone.items() if until <= now]:
            simulator.fault(name, "on")
            del gone[name]
        faults += _fail(simulator, random.choice(names), gone)
        if now >= sample_at:
            sample_at = now + SAMPLE_S
            measures(now)
            loads.append(os.getloadavg()[0])
        time.sleep(random.uniform(0.5, 2.5))
    for name in names:
        simulator.fault(name, "on")
    return loads, faults


def _load(loads: Sequence[float]) -> dict[str, float]:
    """How busy the machine was: the load average of a minute, read with each sample."""
    return {"median": round(statistics.median(loads), 2), "most": round(max(loads), 2)}


def _fail(simulator: RunningSimulator, name: str, gone: dict[str, float]) -> bool:
    """One fault of one camera; false where the simulator refuses it at this moment."""
    (fault,) = random.choices(list(FAULTS), list(FAULTS.values()))
    lasts_s = random.uniform(*TIMED_S)
    try:
        if fault in ("kill", "end", "off"):
            simulator.fault(name, fault)
        elif fault == "size":
            simulator.fault(name, fault, random.choice(["320x180", "416x234"]))
        else:
            simulator.fault(name, fault, round(lasts_s, 1))
    except FaultRefused:
        return False
    if fault == "off":
        gone[name] = time.monotonic() + lasts_s
    return True


def sample(site: Site, at_s: float) -> list[Sample]:
    """Every process of the site now."""
    found = []
    for process in site.processes(""):
        with suppress(psutil.Error, OSError), process.oneshot():
            used = process.cpu_times()
            found.append(
                Sample(
                    at_s=at_s,
                    role=role_of(process.cmdline()),
                    pid=process.pid,
                    own_mb=process.memory_full_info().uss / 1e6,
                    threads=process.num_threads(),
                    files=process.num_fds(),
                    cpu_s=used.user + used.system + used.children_user + used.children_system,
                )
            )
    return found


def role_of(command: Sequence[str]) -> str:
    """What a process of the site does, by its command line: `worker`, `live.process.child`."""
    if "-m" not in command[:-1]:
        return Path(command[0].split(maxsplit=1)[0]).name if command else "?"
    at = command.index("-m") + 1
    module = command[at].removeprefix("thapcanh.app.")
    return command[at + 1] if module == "thapcanh" and at + 1 < len(command) else module


def wait_online(site: Site) -> None:
    """Until every camera of the site shows pictures."""
    deadline = time.monotonic() + UP_WITHIN_S
    while not all(_states(site)) or not _states(site):
        if time.monotonic() > deadline:
            raise TimeoutError("the cameras did not come on")
        time.sleep(1.0)


def _states(site: Site) -> list[bool]:
    with suppress(AlertsError, OSError), closing(site.queue()) as queue:
        return [
            camera["state"] == "online"
            for worker in queue.workers()
            for camera in worker.get("cameras", ())
        ]
    return []


def _reconnects(site: Site) -> int:
    with suppress(AlertsError, OSError), closing(site.queue()) as queue:
        return sum(
            camera.get("reconnects") or 0
            for worker in queue.workers()
            for camera in worker.get("cameras", ())
        )
    return 0


@contextmanager
def _cameras(folder: Path, names: Sequence[str]) -> Iterator[RunningSimulator]:
    quiet, burning = folder / "quiet.mp4", folder / "fire.mp4"
    synthetic_quiet_clip(quiet, shape=SHAPE)
    synthetic_fire_clip(burning, shape=SHAPE)
    files = [
        f"{name}={burning if number < BURNING else quiet}" for number, name in enumerate(names)
    ]
    with running_simulator(files, user=LOGIN) as simulator:
        yield simulator


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 3600.0
    seed = time.time_ns() % 1_000_000
    random.seed(seed)
    given = Path(arguments[1]) if len(arguments) > 1 else None
    folder = given or Path(tempfile.mkdtemp(prefix="thapcanh-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    sys.stderr.write(f"seed {seed}, folder {folder}, {seconds:.0f} s\n")
    cameras = int(os.environ.get("SOAK_CAMERAS", CAMERAS))
    told = run(seconds, folder, int(os.environ.get("SOAK_ALERTS", OLD_ALERTS)), cameras)
    (folder / "soak.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    for one in told["processes"]:
        sys.stderr.write(f"{one}\n")
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if told["grew"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
