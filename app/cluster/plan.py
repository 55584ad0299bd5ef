"""Plan of the fleet and its next version. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from thapcanh.app.cluster.assignment import FleetCamera, FleetWorker, assign

HANDOVER_S = 30.0  # a new owner that does not see it by then has the same trouble as the old one


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A worker that still watches a camera until its new owner sees it. UTC seconds."""

    worker: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """Assignment of cameras; `beyond` names those above a worker's measured capacity."""

    epoch: int = 0
    owners: Mapping[str, str] = field(default_factory=dict)
    leaving: Mapping[str, Leaving] = field(default_factory=dict)
    beyond: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def shares(self) -> dict[str, set[str]]:
        """Return the cameras by worker, including those being moved away."""
        found: dict[str, set[str]] = defaultdict(set)
        for camera, worker in self.owners.items():
            found[worker].add(camera)
        for camera, old in self.leaving.items():
            found[old.worker].add(camera)
        return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetNow:
    """Workers at one time."""

    placeable: Sequence[FleetWorker]
    """Those that may be given cameras."""
    living: AbstractSet[str]
    """Those that can watch; of a node that is drained too."""
    seeing: Mapping[str, AbstractSet[str]]
    """By worker, the cameras whose pictures it has."""
    spread: bool = False
    """True if a worker came that is to take its share."""


def next_plan(
    plan: FleetPlan, cameras: Sequence[FleetCamera], fleet: FleetNow, now: float
) -> FleetPlan:
    """Return the plan to follow; the same object if nothing changes.

    Without placeable workers everything stays as it is.
    """
    if not fleet.placeable:
        return plan
    found = assign(cameras, fleet.placeable, plan.owners, spread=fleet.spread)
    leaving = dict(plan.leaving)
    for camera, owner in found.owners.items():
        before = plan.owners.get(camera)
        if before is not None and before != owner and before in fleet.living:
            leaving.setdefault(camera, Leaving(worker=before, since=now))
    return _changed(
        plan,
        replace(
            plan,
            owners=found.owners,
            beyond=found.beyond,
            leaving=_still_leaving(leaving, found.owners, fleet, now),
        ),
    )


def settled(plan: FleetPlan, fleet: FleetNow, now: float) -> FleetPlan:
    """Return the plan without finished handovers; the same object if there are none."""
    return _changed(
        plan, replace(plan, leaving=_still_leaving(plan.leaving, plan.owners, fleet, now))
    )


def _still_leaving(
    leaving: Mapping[str, Leaving], owners: Mapping[str, str], fleet: FleetNow, now: float
) -> dict[str, Leaving]:
    return {
        camera: old
        for camera, old in leaving.items()
        if (owner := owners.get(camera)) is not None
        and owner != old.worker
        and old.worker in fleet.living
        and camera not in fleet.seeing.get(owner, ())
        and now - old.since < HANDOVER_S
    }


def _changed(before: FleetPlan, after: FleetPlan) -> FleetPlan:
    return before if after == before else replace(after, epoch=before.epoch + 1)


def to_document(plan: FleetPlan) -> dict[str, Any]:
    """Return the plan as JSON, cameras grouped by worker."""
    owned: dict[str, list[str]] = defaultdict(list)
    for camera, worker in plan.owners.items():
        owned[worker].append(camera)
    return {
        "epoch": plan.epoch,
        "owners": owned,
        "leaving": {camera: [old.worker, old.since] for camera, old in plan.leaving.items()},
        "beyond": {worker: list(cameras) for worker, cameras in plan.beyond.items()},
    }


def from_document(document: Mapping[str, Any]) -> FleetPlan:
    """Read what `to_document` wrote."""
    return FleetPlan(
        epoch=document["epoch"],
        owners={
            camera: worker
            for worker, camera_ids in document["owners"].items()
            for camera in camera_ids
        },
        leaving={
            camera: Leaving(worker=worker, since=since)
            for camera, (worker, since) in document["leaving"].items()
        },
        beyond={worker: tuple(cameras) for worker, cameras in document["beyond"].items()},
    )
