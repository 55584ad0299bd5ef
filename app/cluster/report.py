"""Commands `thapcanh cluster status` and `drain`, which need only the queue."""

import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.cluster.plan import from_document
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import load_worker_site
from thapcanh.app.site.site_paths import QueueAddressMissing, queue_address

LOOK_EVERY_S = 0.5
SHOWN = 5  # cameras without room that are named a worker


class _Misused(Exception):
    """An impossible request; the message says why."""


def run_status(config_path: Path) -> int:
    """Print the head, the nodes and what is wrong; exit code 0 when nothing is."""
    try:
        with closing(_store(config_path)) as store:
            head, plan = store.head(), store.plan()
    except (_Misused, QueueError, QueueAddressMissing) as error:
        return fail(error, exit_codes.FAILED)
    lines, is_well = told(head, plan)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return exit_codes.OK if is_well else exit_codes.FAILED


def told(
    head: Mapping[str, Any] | None, document: Mapping[str, Any] | None
) -> tuple[list[str], bool]:
    """Return the lines of the status, and True if there is no problem."""
    lines = ["! no head serves; workers watch what they were given" if head is None
             else f"head {head['head']}, version {head['versions']['thapcanh']}"]  # fmt: skip
    unread = None if head is None else head.get("unread")
    if unread is not None:
        lines.append(f"! the head does not know the cameras, and moves none: {unread}")
    if document is None:
        return [*lines, "! no plan yet: no node has joined"], False
    plan = from_document(document)
    shares = plan.shares()
    is_well = head is not None and unread is None and not plan.beyond
    for name, node in sorted(document["nodes"].items()):
        workers = [f"{name}-{index}" for index in range(node["workers"])]
        cameras = sum(len(shares.get(worker, ())) for worker in workers)
        state = "draining" if node["draining"] else "watching"
        if not node["lives"]:
            state, is_well = "lost", False
        mark = "  " if node["lives"] else "! "
        lines.append(f"{mark}{name} {node['address']}: {state}, {cameras} cameras, "
                     f"{len(workers)} workers")  # fmt: skip
    lines.append(f"epoch {plan.epoch}: {len(plan.owners)} cameras, {len(plan.leaving)} moving")
    for worker, cameras_beyond in sorted(plan.beyond.items()):
        shown = ", ".join(cameras_beyond[:SHOWN])
        lines.append(f"! {worker} holds {len(cameras_beyond)} cameras beyond its capacity: {shown}")
    return lines, is_well


def run_drain(config_path: Path, node: str, *, back: bool, within_s: float) -> int:
    """Leave a node, and wait until it watches nothing; or use it again."""
    try:
        with closing(_store(config_path)) as store:
            _check(node, store.plan(), store.head(), back=back)
            store.drain(node, wanted=not back)
            if back:
                sys.stdout.write(f"{node} is given cameras again\n")
                return exit_codes.OK
            return _wait_empty(store, node, within_s)
    except (_Misused, QueueError, QueueAddressMissing) as error:
        return fail(error, exit_codes.FAILED)


def _check(
    node: str, plan: Mapping[str, Any] | None, head: Mapping[str, Any] | None, *, back: bool
) -> None:
    nodes = (plan or {}).get("nodes", {})
    if node not in nodes:
        names = ", ".join(sorted(nodes)) or "none has joined"
        raise _Misused(f"no node {node}; there are: {names}")
    if back:
        return
    if head is None:
        raise _Misused("no head serves: nobody could take over the cameras of this node")
    others = [
        name
        for name, item in nodes.items()
        if name != node and item["lives"] and not item["draining"]
    ]
    if not others:
        raise _Misused(f"{node} is the last node: nobody could take over its cameras")


def _wait_empty(store: FleetStore, node: str, within_s: float) -> int:
    deadline = time.monotonic() + within_s
    left = 0
    while time.monotonic() < deadline:
        document = store.plan()
        if document is not None and document["nodes"].get(node, {}).get("draining"):
            shares = from_document(document).shares()
            workers = range(document["nodes"][node]["workers"])
            left = sum(len(shares.get(f"{node}-{index}", ())) for index in workers)
            if not left:
                sys.stdout.write(f"{node} watches nothing; stop it when you like\n")
                return exit_codes.OK
        time.sleep(LOOK_EVERY_S)
    return fail(f"{node} still watches {left} cameras after {within_s:.0f} s", exit_codes.FAILED)


def _store(config_path: Path) -> FleetStore:
    loaded = load_worker_site(config_path)
    if loaded.site is None:
        raise _Misused("\n".join(map(str, loaded.problems)))
    return FleetStore(queue_address(loaded.site))
