"""Fleet and nodes as Ray actors; the only module that imports Ray."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ray

from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.cluster.engine import (
    CLUSTER_DIR,
    CLUSTER_KEY_VARIABLE,
    HEAD_RESOURCE,
    NAMESPACE,
    NODE_LABEL,
    node_resource,
)
from thapcanh.app.cluster.fleet import Fleet, NodeShares
from thapcanh.app.cluster.machine_facts import (
    HEAD_TTL_S,
    NodeFacts,
    facts_of,
    head_record,
    read_facts,
    read_token,
    share_path,
)
from thapcanh.app.cluster.share_tables import FleetCameras, Tables, open_tables, seal_tables
from thapcanh.app.process.heartbeat import ProcessHeartbeat
from thapcanh.app.process.log import start_logging
from thapcanh.app.site.site_paths import queue_address
from thapcanh.app.site.site_stores import site_queue
from thapcanh.app.worker.camera_share import read_share, write_share
from thapcanh.ingest.errors import first_line

log = logging.getLogger(__name__)

TICK_S = 1.0
ANSWER_S = 3.0  # a node that does not answer in this time is asked at the next tick
TICK_WITHIN_S = 20.0
START_WITHIN_S = 120.0  # of the actor's process, on a machine with too much to do
FLEET = "fleet"
_ACTOR: dict[str, Any] = {"lifetime": "detached", "get_if_exists": True, "num_cpus": 0,
                          "max_restarts": -1, "namespace": NAMESPACE}  # fmt: skip


_Told = tuple[str, NodeShares, int]
"""Ray's id of a node, what it follows, and which version of the site it knows."""


class NodeActor:
    """Actor on a node that reports its facts and writes its workers' shares."""

    def __init__(self) -> None:
        self._cluster_dir = Path(os.environ[CLUSTER_DIR])

    def facts(self) -> dict[str, Any]:
        """Return the facts that the node stored when it joined."""
        return asdict(read_facts(self._cluster_dir))

    def hand(
        self,
        epoch: int,
        shares: Mapping[str, list[str]],
        sealed: bytes | None = None,
    ) -> int:
        """Write shares; return the epoch in force, which may be a later one.

        Raises `TablesRefused`, and writes nothing, if the tables are not for this node.
        """
        tables = self._opened(epoch, sealed)
        for worker, cameras in shares.items():
            path = share_path(self._cluster_dir, worker)
            if not write_share(path, epoch, cameras, tables.get(worker)):
                return read_share(path).epoch
        return epoch

    def _opened(self, epoch: int, sealed: bytes | None) -> Mapping[str, Tables]:
        facts = read_facts(self._cluster_dir)
        if sealed is None and not facts.takes_tables:
            return {}
        token = read_token(Path(os.environ[CLUSTER_KEY_VARIABLE]))
        return open_tables(token, facts.node, epoch, sealed or b"")


class FleetActor:
    """Runs on the head: reads the site, makes the plan, and hands it over."""

    def __init__(self, config_path: str) -> None:
        start_logging("fleet")
        self._cameras = FleetCameras(Path(config_path))
        site = self._cameras.site
        self._site = site
        self._store = FleetStore(queue_address(site))
        self._queue = site_queue(site)
        self._fleet = Fleet(self._store, self._queue.worker_states)
        self._facts: dict[str, tuple[str, NodeFacts]] = {}
        self._reported: dict[str, _Told] = {}

    def tick(self) -> int:
        """Update the plan and send shares; return the number of live nodes."""
        alive = living_nodes()
        nodes = self._facts_of(alive)
        cameras = self._cameras.all(self._queue.phone_list.phones)
        self._store.publish_head(head_record(self._site, self._unread()), HEAD_TTL_S)
        desired = self._fleet.tick(cameras, nodes, time.time(), self._cameras.shut)
        self._hand({name: shares for name, shares in desired.items() if name in alive}, alive)
        return len(nodes)

    def _unread(self) -> str | None:
        if self._cameras.unread is None and self._fleet.shut_out:
            return (
                f"logins of {self._fleet.shut_out} of its cameras cannot be opened here: bring "
                "the key of the credentials and the files that they name, and start it again"
            )
        return self._cameras.unread

    def _facts_of(self, alive: Mapping[str, str]) -> dict[str, NodeFacts]:
        """Return facts by node name; fetched again when a node rejoins Ray."""
        pending = {
            name: _node_actor(name).facts.remote()
            for name, node_id in alive.items()
            if self._facts.get(name, ("",))[0] != node_id
        }
        for name, answer in _answers(pending).items():
            facts = facts_of(answer)
            self._facts[name] = alive[name], facts
        self._facts = {name: cached for name, cached in self._facts.items() if name in alive}
        return {name: facts for name, (_, facts) in self._facts.items()}

    def _hand(self, desired: Mapping[str, NodeShares], alive: Mapping[str, str]) -> None:
        to_send = {
            name: self._to_send(name, alive[name], shares) for name, shares in desired.items()
        }
        pending = {
            name: self._request_epoch(name, shares)
            for name, shares in desired.items()
            if self._reported.get(name) != to_send[name]
        }
        for name, epoch in _answers(pending).items():
            if epoch > desired[name].epoch:
                self._fleet.raise_epoch(epoch)
            else:
                self._reported[name] = to_send[name]

    def _to_send(self, name: str, node_id: str, shares: NodeShares) -> "_Told":
        """Also what its cameras are, where the node reads that nowhere else."""
        return node_id, shares, self._cameras.version if self._accepts_tables(name) else 0

    def _request_epoch(self, name: str, shares: NodeShares) -> Any:
        cameras = {worker: sorted(camera_ids) for worker, camera_ids in shares.shares.items()}
        sealed = self._sealed(name, shares) if self._accepts_tables(name) else None
        return _node_actor(name).hand.remote(shares.epoch, cameras, sealed)

    def _sealed(self, name: str, shares: NodeShares) -> bytes:
        token = read_token(self._site.cluster.token_file)
        tables = {
            worker: self._cameras.tables(camera_ids) for worker, camera_ids in shares.shares.items()
        }
        return seal_tables(token, name, shares.epoch, tables)

    def _accepts_tables(self, name: str) -> bool:
        cached = self._facts.get(name)
        return cached is not None and cached[1].takes_tables


def living_nodes() -> dict[str, str]:
    """Return Ray's id of each live node, by name."""
    return {
        node["Labels"][NODE_LABEL]: node["NodeID"]
        for node in ray.nodes()
        if node["Alive"] and NODE_LABEL in node["Labels"]
    }


def tend_fleet(config_path: Path, head: str, beat: ProcessHeartbeat, stop: threading.Event) -> None:
    """Connect to the head, create the Fleet if missing, and tick it until `stop`.

    Raises `ConnectionError` or a `RayError` if Ray is gone; the caller starts again.
    """
    ray.init(address=head, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
    try:
        options = {**_ACTOR, "name": FLEET, "resources": {HEAD_RESOURCE: 0.001}}
        fleet = ray.remote(FleetActor).options(**options).remote(str(config_path))
        _wait_for_start(fleet, beat, stop)
        while not stop.wait(TICK_S):
            _tick(lambda: ray.get(fleet.tick.remote(), timeout=TICK_WITHIN_S))
            beat.show()
    finally:
        with suppress(Exception):
            ray.shutdown()


def _wait_for_start(fleet: Any, beat: ProcessHeartbeat, stop: threading.Event) -> None:
    """Raise `ConnectionError` where the Fleet's process does not come."""
    ready, until = fleet.__ray_ready__.remote(), time.monotonic() + START_WITHIN_S
    while not ray.wait([ready], timeout=0)[0] and not stop.wait(TICK_S):
        if time.monotonic() >= until:
            raise ConnectionError(f"the fleet did not start within {START_WITHIN_S:.0f} s")
        beat.show()


def _tick(call: Callable[[], Any]) -> None:
    """Tick, and log an unavailable queue."""
    try:
        call()
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        if not isinstance(cause, QueueError):
            raise
        log.warning("the fleet's plan stays as it is: %s", cause)


def _node_actor(name: str) -> Any:
    options = {**_ACTOR, "name": f"node-{name}", "resources": {node_resource(name): 0.001}}
    return ray.remote(NodeActor).options(**options).remote()


def _answers(pending: Mapping[str, Any]) -> dict[str, Any]:
    if not pending:
        return {}
    ready, _ = ray.wait(list(pending.values()), num_returns=len(pending), timeout=ANSWER_S)
    found = {}
    for name, answer in pending.items():
        if answer not in ready:
            log.debug("node %s does not answer yet", name)
            continue
        try:
            found[name] = ray.get(answer)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            log.warning("node %s: %s", name, first_line(cause))
    return found
