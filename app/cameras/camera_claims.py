"""Choice of the worker whose report counts for each camera, updated incrementally."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thapcanh.alerts.queue.workers.worker_report import CameraWord, WorkerReport

Claim = tuple[str, CameraWord]  # worker, and its word on the camera


@dataclass(slots=True, kw_only=True)
class _Share:
    """Last report of one worker about its cameras."""

    source: object = None
    cameras: dict[str, CameraWord] = field(default_factory=dict)


class CameraClaims:
    """Owned by who calls `update`; `cameras` is replaced, never changed."""

    def __init__(self) -> None:
        self.cameras: Mapping[str, Claim] = {}
        self._shares: dict[str, _Share] = {}
        self._workers_of: dict[str, set[str]] = {}
        self._contested: set[str] = set()  # cameras of which several workers speak

    def update(self, workers: Sequence[WorkerReport]) -> frozenset[str]:
        """Take a reading in; return the cameras of which another word counts now."""
        named = {worker["worker"]: worker for worker in workers}
        touched = set(self._contested)
        for name in self._shares.keys() - named.keys():
            touched |= self._replace(name, _Share())
            del self._shares[name]
        for name, worker in named.items():
            source = worker.get("cameras")
            share = self._shares.get(name)
            if share is None or share.source is not source:
                cameras = {item["id"]: item for item in source or ()}
                touched |= self._replace(name, _Share(source=source, cameras=cameras))
        counting = {camera: self._counting(camera, named) for camera in touched}
        changed = {
            item: claim for item, claim in counting.items() if self.cameras.get(item) != claim
        }
        if changed:
            merged = {**self.cameras, **changed}
            self.cameras = {item: claim for item, claim in merged.items() if claim is not None}
        return frozenset(changed)

    def _replace(self, worker: str, share: _Share) -> set[str]:
        """Replace a worker's report; return the cameras whose report differs."""
        before = self._shares.get(worker, _Share()).cameras
        self._shares[worker] = share
        for camera in before.keys() - share.cameras.keys():
            self._workers_of[camera].discard(worker)
        for camera in share.cameras.keys() - before.keys():
            self._workers_of.setdefault(camera, set()).add(worker)
        new = {camera for camera, report in share.cameras.items() if before.get(camera) != report}
        touched = new | (before.keys() - share.cameras.keys())
        self._contested -= touched
        self._contested |= {item for item in touched if len(self._workers_of[item]) > 1}
        return touched

    def _counting(self, camera: str, workers: Mapping[str, WorkerReport]) -> Claim | None:
        speaking = self._workers_of.get(camera)
        if not speaking:
            self._workers_of.pop(camera, None)
            return None
        newest = max(sorted(speaking), key=lambda name: workers[name]["reported_at"])
        return newest, self._shares[newest].cameras[camera]
