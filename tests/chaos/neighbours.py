"""One camera of 32 sends garbage, hangs or stalls: what that costs the other 31 in looks.

    python -m tests.chaos.neighbours SECONDS [FOLDER]       SECONDS of each of the phases

A real site watches simulated cameras. In each phase one of them fails in one way; the interval
between two looks at each of the others is measured. Ends with one JSON line; exit code 1 when in
some phase the others were looked at more seldom than while all was well, or one went unseen for
longer than the promise.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.chaos.drive import LOGIN
from tests.chaos.site import Site
from tests.chaos.soak import SHAPE, wait_online
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.app.drills.synthetic_clip import synthetic_quiet_clip

CAMERAS = 32
PHASES = ("well", "garbage", "mute", "stall", "well again")
SETTLE_S = 10.0  # after the start, and after each change
NOISE = 1.15
PROMISE_S = 5.0


def run(seconds: float, folder: Path) -> dict[str, dict[str, float]]:
    """The others' look intervals, phase by phase: median over cameras, and the worst camera's."""
    clip = folder / "quiet.mp4"
    synthetic_quiet_clip(clip, shape=SHAPE)
    names = [f"camera-{number:02d}" for number in range(CAMERAS)]
    with running_simulator([f"{name}={clip}" for name in names], user=LOGIN) as simulator:
        urls = {name: simulator.url(name, with_login=True) for name in names}
        site = Site(folder, urls, {}, "[worker]\ncount = 1\n")
        site.start()
        try:
            wait_online(site)
            return {phase: _measured(site, simulator, names, phase, seconds) for phase in PHASES}
        finally:
            site.stop()


def is_bad(phases: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether the one camera cost the others anything."""
    well = max(phases[name]["median_s"] for name in ("well", "well again"))
    return any(
        one["median_s"] > well * NOISE or one["worst_s"] > PROMISE_S for one in phases.values()
    )


def _measured(
    site: Site, simulator: RunningSimulator, names: list[str], phase: str, seconds: float
) -> dict[str, float]:
    bad, others = names[0], names[1:]
    if phase.startswith("well"):
        simulator.fault(bad, "on")
    else:
        simulator.fault(bad, phase, seconds + 2 * SETTLE_S)
    time.sleep(SETTLE_S)
    before, began = _looks(site), time.monotonic()
    time.sleep(seconds)
    after, took_s = _looks(site), time.monotonic() - began
    simulator.fault(bad, "on")
    each = sorted(took_s / max(1, after[name] - before[name]) for name in others)
    return {"median_s": round(statistics.median(each), 2), "worst_s": round(each[-1], 2)}


def _looks(site: Site) -> dict[str, int]:
    with closing(site.queue()) as queue:
        cameras = [camera for worker in queue.workers() for camera in worker.get("cameras", ())]
    return {camera["id"]: camera.get("looks") or 0 for camera in cameras}


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 60.0
    given = Path(arguments[1]) if len(arguments) > 1 else None
    folder = given or Path(tempfile.mkdtemp(prefix="thapcanh-neighbours-"))
    folder.mkdir(parents=True, exist_ok=True)
    phases = run(seconds, folder)
    sys.stdout.write(json.dumps({"cameras": CAMERAS, **phases}) + "\n")
    return 1 if is_bad(phases) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
