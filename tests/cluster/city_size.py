"""A fleet of 40,000 cameras: 800 workers that report through the real queue, the real Fleet."""

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.server import Server
from tests.cluster.city_screens import ScreenFigures, city_cameras, measure_screens
from tests.cluster.phases import Phases
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.app.cluster.assignment import FleetCamera
from thapcanh.app.cluster.fleet import Fleet
from thapcanh.app.cluster.machine_facts import NodeFacts

CAMERAS, NODES, WORKERS = 40_000, 200, 4
ROOM = 56  # cameras a worker: a tenth more than there are
AREAS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """What the Fleet needed: seconds of the clock, on whatever else the machine did."""

    assign_s: float
    takeover_plan_s: float
    moved_share: float
    screens: ScreenFigures


def measure(folder: Path, phases: Phases) -> FleetFigures:
    """Place all cameras, then let a node die."""
    names = city_cameras(CAMERAS)
    cameras = tuple(
        FleetCamera(camera_id=name, area=f"area-{number % AREAS}")
        for number, name in enumerate(names)
    )
    nodes = {
        f"n{number:03}": NodeFacts(
            node=f"n{number:03}", address="10.0.0.1", workers=WORKERS, cameras=ROOM
        )
        for number in range(NODES)
    }
    with ExitStack() as stack:
        server = Server(folder / "fleet-queue")
        stack.callback(server.kill)
        server.wait_up()
        url = f"redis://127.0.0.1:{server.address[1]}/0"
        store = stack.enter_context(closing(FleetStore(url)))
        queue = stack.enter_context(closing(EventQueue(url)))
        fleet = Fleet(store, queue.worker_states)
        began = time.monotonic()
        first = fleet.tick(cameras, nodes, time.time())
        assign_s = time.monotonic() - began
        for shares in first.values():
            for worker, mine in shares.shares.items():
                queue.report_worker(worker, _status(mine), 600.0)
        fleet.tick(cameras, nodes, time.time())
        dead = next(iter(nodes))
        stranded = {camera for mine in first[dead].shares.values() for camera in mine}
        began = time.monotonic()
        after = fleet.tick(cameras, {n: one for n, one in nodes.items() if n != dead}, time.time())
        takeover_plan_s = time.monotonic() - began
        for worker in (one for shares in first.values() for one in shares.shares):
            queue.remove_worker(worker)
        screens = measure_screens(folder, url, names, phases)
    moved = sum(
        len(mine - first[name].shares[worker])
        for name, shares in after.items()
        for worker, mine in shares.shares.items()
    )
    return FleetFigures(
        assign_s=assign_s,
        takeover_plan_s=takeover_plan_s,
        moved_share=moved / len(stranded),
        screens=screens,
    )


def _status(cameras: frozenset[str]) -> dict[str, object]:
    return {
        "looks": {"looks": 0, "late": 0},
        "cameras": [{"id": camera, "state": "online"} for camera in sorted(cameras)],
    }
