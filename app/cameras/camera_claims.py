"""Which worker's word counts for each camera, kept up to date from what changed between readings.

Where two workers speak of one camera (it just moved), the newer word counts. A worker whose
`cameras` is the very object of the reading before is not looked at again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Status = Mapping[str, Any]
Claim = tuple[str, Status]  # worker, and its word on the camera


@dataclass(slots=True, kw_only=True)
class _Share:
    """What one worker said last of its cameras."""

    source: object = None
    cameras: dict[str, Status] = field(default_factory=dict)


class CameraClaims:
    """Owned by who calls `update`; `cameras` is replaced, never changed."""

    def __init__(self) -> None:
        self.cameras: Mapping[str, Claim] = {}
        self._shares: dict[str, _Share] = {}
        self._workers_of: dict[str, set[str]] = {}
        self._contested: set[str] = set()  # cameras of which several workers speak

    def update(self, workers: Sequence[Status]) -> frozenset[str]:
        """Take a reading in; return the cameras of which another word counts now."""
        named = {str(worker.get("worker", "")): worker for worker in workers}
        touched = set(self._contested)
        for name in self._shares.keys() - named.keys():
            touched |= self._replace(name, _Share())
            del self._shares[name]
        for name, worker in named.items():
            source = worker.get("cameras")
            known = self._shares.get(name)
            if known is None or known.source is not source:
                touched |= self._replace(name, _Share(source=source, cameras=_by_id(source)))
        counting = {camera: self._counting(camera, named) for camera in touched}
        changed = {one: claim for one, claim in counting.items() if self.cameras.get(one) != claim}
        if changed:
            kept = {**self.cameras, **changed}
            self.cameras = {one: claim for one, claim in kept.items() if claim is not None}
        return frozenset(changed)

    def _replace(self, worker: str, share: _Share) -> set[str]:
        """Put a worker's word in place of its last one; return the cameras it is another of."""
        before = self._shares.get(worker, _Share()).cameras
        self._shares[worker] = share
        for camera in before.keys() - share.cameras.keys():
            self._workers_of[camera].discard(worker)
        for camera in share.cameras.keys() - before.keys():
            self._workers_of.setdefault(camera, set()).add(worker)
        new = {camera for camera, said in share.cameras.items() if before.get(camera) != said}
        touched = new | (before.keys() - share.cameras.keys())
        self._contested -= touched
        self._contested |= {one for one in touched if len(self._workers_of[one]) > 1}
        return touched

    def _counting(self, camera: str, workers: Mapping[str, Status]) -> Claim | None:
        speaking = self._workers_of.get(camera)
        if not speaking:
            self._workers_of.pop(camera, None)
            return None
        newest = max(sorted(speaking), key=lambda name: _reported_at(workers[name]))
        return newest, self._shares[newest].cameras[camera]


def _reported_at(worker: Status) -> float:
    return float(worker.get("reported_at") or 0.0)


def _by_id(source: object) -> dict[str, Status]:
    """A worker's word by camera; what is not of its form is left out."""
    if not isinstance(source, Iterable):
        return {}
    return {str(one["id"]): one for one in source if isinstance(one, Mapping) and "id" in one}
