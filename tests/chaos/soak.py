"""The soak: sixteen cameras fail and come back at random, and a worker whose memory stays flat.

    python -m tests.chaos.soak SECONDS [FOLDER]

A real site watches simulated cameras; each few seconds one of them is reset, hangs, freezes, sends
noise, changes its size or is gone for a while. Ends with one JSON line; exit code 1 when the worker
grew, was restarted, or hoards threads or files.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from alerts.store.errors import AlertsError
from app.simulator.drawing.synthetic_clip import ClipShape, synthetic_quiet_clip
from app.simulator.errors import FaultRefused
from app.simulator.running import RunningSimulator, running_simulator
from tests.chaos.drive import LOGIN
from tests.chaos.site import Site

CAMERAS = 16
SAMPLE_S = 5.0
SHAPE = ClipShape(duration_s=12.0, width=416, height=234, fps=10)
SETTINGS = "[worker]\ncount = 1\n"
FAULTS = {
    "kill": 4, "end": 3, "stall": 3, "freeze": 2, "garbage": 3, "mute": 3, "off": 3, "size": 1,
}  # fmt: skip
TIMED_S = (2.0, 15.0)
UP_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The worker at one moment."""

    pid: int
    own_mb: float  # memory that is its alone: what it would give back
    threads: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What the run came to; the line that is printed."""

    seconds: int
    cameras: int
    faults: int
    reconnects: int
    mb_before: float
    mb_after: float
    mb_most: float
    threads_before: int
    threads_after: int
    files_before: int
    files_after: int
    restarts: int
    grew: bool


def judge(samples: Sequence[Sample], *, seconds: float, faults: int, reconnects: int) -> Soaked:
    """Compare the second quarter of the run with the last; the first is for warming up."""
    quarter = max(1, len(samples) // 4)
    before, after = samples[quarter : 2 * quarter], samples[-quarter:]
    mb_before = statistics.median(one.own_mb for one in before)
    mb_after = statistics.median(one.own_mb for one in after)
    restarts = len({one.pid for one in samples}) - 1
    threads = [round(statistics.median(one.threads for one in part)) for part in (before, after)]
    files = [round(statistics.median(one.files for one in part)) for part in (before, after)]
    hoards = threads[1] > threads[0] + CAMERAS // 4 or files[1] > files[0] + CAMERAS // 2
    return Soaked(
        seconds=round(seconds),
        cameras=CAMERAS,
        faults=faults,
        reconnects=reconnects,
        mb_before=round(mb_before, 1),
        mb_after=round(mb_after, 1),
        mb_most=round(max(one.own_mb for one in samples), 1),
        threads_before=threads[0],
        threads_after=threads[1],
        files_before=files[0],
        files_after=files[1],
        restarts=restarts,
        grew=mb_after > mb_before * 1.05 + 4.0 or hoards or restarts > 0,
    )


def run(seconds: float, folder: Path) -> Soaked:
    """Raise a site, let its cameras fail, and judge."""
    names = [f"camera-{number:02d}" for number in range(CAMERAS)]
    with _cameras(folder, names) as simulator:
        urls = {name: simulator.url(name, with_login=True) for name in names}
        site = Site(folder, urls, {}, SETTINGS)
        site.start()
        try:
            wait_online(site)
            samples, faults = _soak(site, simulator, names, seconds)
            reconnects = _reconnects(site)
        finally:
            site.stop()
    return judge(samples, seconds=seconds, faults=faults, reconnects=reconnects)


def _soak(
    site: Site, simulator: RunningSimulator, names: Sequence[str], seconds: float
) -> tuple[list[Sample], int]:
    began = time.monotonic()
    samples: list[Sample] = []
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
            samples += _sample(site)
        time.sleep(random.uniform(0.5, 2.5))
    for name in names:
        simulator.fault(name, "on")
    return samples, faults


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


def _sample(site: Site) -> list[Sample]:
    """The worker now; nothing while there is none."""
    with suppress(psutil.Error):
        for process in site.processes("worker"):
            with process.oneshot():
                return [
                    Sample(
                        pid=process.pid,
                        own_mb=process.memory_full_info().uss / 1e6,
                        threads=process.num_threads(),
                        files=process.num_fds(),
                    )
                ]
    return []


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
    clip = folder / "quiet.mp4"
    synthetic_quiet_clip(clip, shape=SHAPE)
    with running_simulator([f"{name}={clip}" for name in names], user=LOGIN) as simulator:
        yield simulator


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 3600.0
    seed = time.time_ns() % 1_000_000
    random.seed(seed)
    given = Path(arguments[1]) if len(arguments) > 1 else None
    folder = given or Path(tempfile.mkdtemp(prefix="thapcanh-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    sys.stderr.write(f"seed {seed}, folder {folder}, {seconds:.0f} s\n")
    soaked = run(seconds, folder)
    sys.stdout.write(json.dumps(asdict(soaked)) + "\n")
    return 1 if soaked.grew else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
