"""Fleet logic without Ray: live nodes and workers' reports in, camera shares out.

`tick` is called about once a second by one thread.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.errors import PlanSuperseded
from thapcanh.app.cluster.assignment import FleetCamera, FleetWorker
from thapcanh.app.cluster.capacity import MeasuredCapacity, load_of, measured
from thapcanh.app.cluster.machine_facts import NodeFacts, facts_of
from thapcanh.app.cluster.plan import (
    FleetNow,
    FleetPlan,
    from_document,
    next_plan,
    settled,
    to_document,
)

log = logging.getLogger(__name__)

REJOIN_S = 90.0  # after a head's start: by then Ray is back on every node that lives
MOST_MEASURED = 4  # times what a worker was given at first: more than that was never seen


class PlanStore(Protocol):
    """Where the plan is remembered. Everything raises `QueueError`."""

    def plan(self) -> dict[str, Any] | None: ...

    def store_plan(self, plan: Mapping[str, Any], *, after_epoch: int) -> None:
        """Replace the plan of `after_epoch`."""
        ...

    def draining(self) -> frozenset[str]:
        """Return the nodes being drained."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShares:
    """Cameras of each worker of one node."""

    epoch: int
    shares: Mapping[str, frozenset[str]]


class Fleet:
    """Assignment of cameras to workers, updated from tick to tick."""

    def __init__(self, store: PlanStore, statuses: Callable[[], Sequence[WorkerReport]]) -> None:
        """`statuses` are the workers' last reports; it raises `QueueError`."""
        self._store = store
        self._statuses = statuses
        self._plan: FleetPlan | None = None
        self._registered: dict[str, NodeFacts] = {}
        self._measured: dict[str, MeasuredCapacity] = {}
        self._requested: object = None  # what the plan was made of
        self._placeable: frozenset[str] = frozenset()
        self._reported: dict[str, float] = {}
        self._remembered: dict[str, NodeFacts] = {}  # of the last head's plan
        self._rejoined_by = 0.0
        self.shut_out = 0
        """Cameras of the plan that cannot be read here, at the last tick: then none is moved."""

    def tick(
        self,
        cameras: Sequence[FleetCamera] | None,
        nodes: Mapping[str, NodeFacts],
        now: float,
        shut: AbstractSet[str] = frozenset(),
    ) -> dict[str, NodeShares]:
        """Return the shares of each live node for the plan made now. Raises `QueueError`.

        While the cameras are unknown (None), or a camera of the plan cannot be read here (`shut`),
        all workers keep their cameras.
        """
        if cameras is None:
            return {}
        if self._plan is None:
            self._recall(now)
        self.shut_out = sum(item in shut for item in self._plan.owners) if self._plan else 0
        if self.shut_out:
            return {}
        draining = self._store.draining()
        statuses = {item["worker"]: item for item in self._statuses() if not item["lost"]}
        nodes = {**self._not_back_yet(statuses, now), **nodes}
        self._measure(nodes, statuses)
        fleet = self._now(nodes, draining, statuses)
        plan = self._planned(cameras, fleet, now)
        if plan is not self._plan or nodes != self._registered:
            self._keep(plan, nodes, draining, now)
        return _by_node(plan, nodes)

    def raise_epoch(self, above: int) -> None:
        """Continue after a node's later epoch, whose plan the queue lost."""
        if self._plan is not None and self._plan.epoch <= above:
            log.warning("a node follows epoch %d: this plan begins after it", above)
            self._plan = replace(self._plan, epoch=above + 1)
            self._requested = None

    def _recall(self, now: float) -> None:
        document = self._store.plan()
        self._plan = FleetPlan() if document is None else from_document(document)
        described = {} if document is None else document["nodes"]
        self._remembered = {name: facts_of(item) for name, item in described.items()}
        self._rejoined_by = now + REJOIN_S
        log.info("plan of epoch %d, %d cameras", self._plan.epoch, len(self._plan.owners))

    def _not_back_yet(
        self, statuses: Mapping[str, WorkerReport], now: float
    ) -> dict[str, NodeFacts]:
        """Return nodes whose workers report although Ray has not rejoined them after a start.

        Without them the first rejoined node would get all cameras.
        """
        if now >= self._rejoined_by:
            return {}
        return {
            name: facts
            for name, facts in self._remembered.items()
            if any(worker in statuses for worker in facts.worker_ids())
        }

    def _planned(self, cameras: Sequence[FleetCamera], fleet: FleetNow, now: float) -> FleetPlan:
        """Assign only where something that decides it is another than before."""
        plan = self._plan or FleetPlan()
        inputs = (cameras, tuple(fleet.placeable), fleet.living)
        if inputs == self._requested:
            return settled(plan, fleet, now)
        made = next_plan(plan, cameras, fleet, now)
        self._requested = inputs
        if made is not plan:
            moved = sum(plan.owners.get(item) != owner for item, owner in made.owners.items())
            log.info("epoch %d: %d of %d cameras move", made.epoch, moved, len(made.owners))
            for worker, names in made.beyond.items():
                log.warning("%s has no room for %d cameras: %s", worker, len(names), _few(names))
        return made

    def _keep(
        self,
        plan: FleetPlan,
        nodes: Mapping[str, NodeFacts],
        draining: AbstractSet[str],
        now: float,
    ) -> None:
        before = self._plan or FleetPlan()
        merged = {**self._registered, **nodes}
        document = {
            **to_document(plan),
            "at": now,
            "nodes": {
                name: {**asdict(facts), "lives": name in nodes, "draining": name in draining}
                for name, facts in merged.items()
            },
        }
        try:
            self._store.store_plan(document, after_epoch=before.epoch)
        except PlanSuperseded:
            self._plan = self._requested = None
            raise
        self._plan, self._registered = plan, dict(nodes)

    def _measure(
        self, nodes: Mapping[str, NodeFacts], statuses: Mapping[str, WorkerReport]
    ) -> None:
        for facts in nodes.values():
            for worker in facts.worker_ids():
                merged = self._measured.get(worker) or MeasuredCapacity(
                    cameras=facts.cameras, most=MOST_MEASURED * facts.cameras
                )
                status = statuses.get(worker)
                if status is not None and status["reported_at"] != self._reported.get(worker):
                    self._reported[worker] = status["reported_at"]
                    load = load_of(status)
                    merged = merged if load is None else measured(merged, load)
                self._measured[worker] = merged

    def _now(
        self,
        nodes: Mapping[str, NodeFacts],
        draining: AbstractSet[str],
        statuses: Mapping[str, WorkerReport],
    ) -> FleetNow:
        placeable = [
            FleetWorker(
                worker_id=worker,
                cameras=self._measured[worker].cameras,
                areas=frozenset(facts.areas),
                has_gpu=facts.has_gpu,
            )
            for name, facts in nodes.items()
            if name not in draining
            for worker in facts.worker_ids()
        ]
        names = frozenset(item.worker_id for item in placeable)
        came, self._placeable = bool(names - self._placeable), names
        return FleetNow(
            placeable=sorted(placeable, key=lambda item: item.worker_id),
            living=frozenset(item for facts in nodes.values() for item in facts.worker_ids()),
            seeing={worker: _visible(status) for worker, status in statuses.items()},
            spread=came,
        )


def _visible(status: WorkerReport) -> frozenset[str]:
    cameras = status.get("cameras", ())
    return frozenset(item["id"] for item in cameras if item.get("state") == "online")


def _by_node(plan: FleetPlan, nodes: Mapping[str, NodeFacts]) -> dict[str, NodeShares]:
    shares = plan.shares()
    return {
        name: NodeShares(
            epoch=plan.epoch,
            shares={worker: frozenset(shares.get(worker, ())) for worker in facts.worker_ids()},
        )
        for name, facts in nodes.items()
    }


def _few(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return ", ".join(shown[:5]) + more
