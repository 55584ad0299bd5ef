"""Assignment of cameras to workers with as few moves as possible. Pure.

No camera is left out while a worker lives: if all are full, the bounds grow by the same share, and
the excess is reported so that inferences become rarer.
"""

import hashlib
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Scores = npt.NDArray[np.float64]

_BLOCK = 64  # cameras whose scores are computed at once
_TIER = 100.0  # between tiers: more than the hashes' scores can differ
_MIXING = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))  # SplitMix64
_GOLDEN = 0x9E3779B97F4A7C15
_ONE_TO_TWO = np.uint64(0x3FF0000000000000)  # before 52 bits: a float64 in [1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetWorker:
    """A live worker. `cameras` is how many it was measured to analyse in time."""

    worker_id: str
    cameras: int
    areas: frozenset[str] = frozenset()
    """The areas it stands in; others' cameras only where nobody else has room."""
    has_gpu: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCamera:
    """Properties of a camera that decide its worker."""

    camera_id: str
    area: str | None = None
    wants_gpu: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAssignment:
    """A worker for each camera; `beyond` names those that a worker holds beyond its capacity."""

    owners: Mapping[str, str]
    beyond: Mapping[str, tuple[str, ...]]


def assign(
    cameras: Iterable[FleetCamera],
    workers: Iterable[FleetWorker],
    before: Mapping[str, str],
    *,
    spread: bool = False,
) -> FleetAssignment:
    """Assign every camera; `before` is the last assignment. Without workers nothing is placed.

    `spread` also moves cameras to workers below their share, for a new worker. The result does not
    depend on the order of cameras and workers.
    """
    ordered = sorted(cameras, key=lambda item: item.camera_id)
    living = sorted(workers, key=lambda item: item.worker_id)
    if not living:
        return FleetAssignment(owners={}, beyond={})
    placing = _Placing(living, len(ordered))
    placing.keep(ordered, before)
    placing.evict()
    placing.place(item for item in ordered if item.camera_id not in placing.placed)
    placing.improve(ordered)
    if spread:
        placing.spread(ordered)
    owners = {item: living[index].worker_id for item, index in placing.placed.items()}
    return FleetAssignment(owners=owners, beyond=placing.beyond())


class _Placing:
    """The workers while cameras are being placed; indices are into `workers`."""

    def __init__(self, workers: Sequence[FleetWorker], cameras: int) -> None:
        self.placed: dict[str, int] = {}
        self._workers = workers
        self._cameras: dict[str, FleetCamera] = {}
        self._capacity = np.array([max(0, item.cameras) for item in workers], dtype=np.int64)
        if not self._capacity.any():
            self._capacity += 1
        self._bound = _bounds(self._capacity, cameras)
        self._held = np.zeros(len(workers), dtype=np.int64)
        self._weight = np.maximum(self._capacity, 1).astype(np.float64)
        self._seeds = np.array([_digest(item.worker_id) for item in workers], dtype=np.uint64)
        self._areas = frozenset().union(*(item.areas for item in workers))
        self._tiers: dict[tuple[str | None, bool], tuple[_Scores, float]] = {}

    def keep(self, cameras: Iterable[FleetCamera], before: Mapping[str, str]) -> None:
        """Leave each camera on its last worker, if that one lives."""
        index_of = {item.worker_id: index for index, item in enumerate(self._workers)}
        for camera in cameras:
            index = index_of.get(before.get(camera.camera_id, ""))
            if index is not None:
                self._put(camera, index)

    def evict(self) -> None:
        """Take from workers above their bound what wants them least."""
        over = self._held - self._bound
        for index, excess in self._lowest_scored(over).items():
            for camera_id in excess[: int(over[index])]:
                self._receive(camera_id)

    def place(self, cameras: Iterable[FleetCamera]) -> None:
        """Put each camera on the best-scored worker with room; there is always one."""
        for block in _blocks(cameras):
            scores = self._scores(block)
            preferred: list[int] = np.argmax(scores, axis=1).tolist()
            for camera, most, row in zip(block, preferred, scores, strict=True):
                if self._held[most] < self._bound[most]:
                    self._put(camera, most)
                else:
                    has_room = self._held < self._bound
                    self._put(camera, int(np.argmax(np.where(has_room, row, -np.inf))))

    def improve(self, cameras: Iterable[FleetCamera]) -> None:
        """Move a camera to a worker of a better tier with room: its area's own box came back."""
        for camera in cameras:
            tiers, best = self._tier(camera)
            current = self.placed[camera.camera_id]
            if tiers[current] == best:
                continue
            better = (self._held < self._capacity) & (tiers > tiers[current])
            if better.any():
                self._receive(camera.camera_id)
                (scores,) = self._scores([camera])
                self._put(camera, int(np.argmax(np.where(better, scores, -np.inf))))

    def spread(self, cameras: Iterable[FleetCamera]) -> None:
        """Give workers below the mean the cameras that want them more than where they are."""
        mean = float(self._held.sum() / self._capacity.sum())
        share = np.floor(np.minimum(1.0, mean) * self._capacity).astype(np.int64)
        over = (item for item in cameras if self._holds_more(item, share))
        for block in _blocks(over):
            if not (self._held < share).any():
                return
            self._spread(block, share)

    def _holds_more(self, camera: FleetCamera, share: npt.NDArray[np.int64]) -> bool:
        current = self.placed[camera.camera_id]
        return bool(self._held[current] > share[current])

    def _spread(self, block: Sequence[FleetCamera], share: npt.NDArray[np.int64]) -> None:
        for camera, scores in zip(block, self._scores(block), strict=True):
            current = self.placed[camera.camera_id]
            if not self._holds_more(camera, share):
                continue
            movable = (self._held < share) & (scores > scores[current])
            if movable.any():
                self._receive(camera.camera_id)
                self._put(camera, int(np.argmax(np.where(movable, scores, -np.inf))))

    def beyond(self) -> dict[str, tuple[str, ...]]:
        """Return, by worker, the lowest-scored cameras beyond its capacity."""
        over = self._held - self._capacity
        return {
            self._workers[index].worker_id: tuple(sorted(excess[: int(over[index])]))
            for index, excess in self._lowest_scored(over).items()
        }

    def _lowest_scored(self, over: npt.NDArray[np.int64]) -> dict[int, list[str]]:
        """Return the cameras of overfull workers, lowest score first."""
        found: dict[int, list[str]] = defaultdict(list)
        for camera_id, index in self.placed.items():
            if over[index] > 0:
                found[index].append(camera_id)
        for index, excess in found.items():
            rows = self._scores([self._cameras[item] for item in excess])
            preferred = dict(zip(excess, rows[:, index].tolist(), strict=True))
            found[index] = sorted(sorted(excess), key=preferred.__getitem__)
        return found

    def _put(self, camera: FleetCamera, index: int) -> None:
        self.placed[camera.camera_id] = index
        self._cameras[camera.camera_id] = camera
        self._held[index] += 1

    def _receive(self, camera_id: str) -> None:
        self._held[self.placed.pop(camera_id)] -= 1

    def _scores(self, cameras: Sequence[FleetCamera]) -> _Scores:
        """Return the score of each worker for each camera: by tier, then by weighted hash.

        One row per camera, computed in place: a block's rows fit a processor's cache.
        """
        digests = [_digest(item.camera_id) * _GOLDEN % 2**64 for item in cameras]
        mixed = np.array(digests, dtype=np.uint64)[:, np.newaxis] + self._seeds
        for shift, factor in _MIXING:
            mixed ^= mixed >> np.uint64(shift)
            mixed *= np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
        mixed >>= np.uint64(12)
        mixed |= _ONE_TO_TWO
        scores = mixed.view(np.float64)
        np.subtract(2.0, scores, out=scores)
        np.log(scores, out=scores)
        scores /= self._weight
        scores += np.array([self._tier(item)[0] for item in cameras]) * _TIER
        return scores

    def _tier(self, camera: FleetCamera) -> tuple[_Scores, float]:
        area = camera.area if camera.area in self._areas else None
        kind = area, camera.wants_gpu
        if kind not in self._tiers:
            tiers = np.array([_tier_of(camera, item) for item in self._workers], dtype=np.float64)
            self._tiers[kind] = tiers, float(tiers.max())
        return self._tiers[kind]


def _blocks(cameras: Iterable[FleetCamera]) -> Iterator[list[FleetCamera]]:
    coming = iter(cameras)
    while block := list(itertools.islice(coming, _BLOCK)):
        yield block


def _bounds(capacity: npt.NDArray[np.int64], cameras: int) -> npt.NDArray[np.int64]:
    """Return each worker's limit: its capacity, or its share of all if that is too little."""
    total = int(capacity.sum())
    if cameras <= total:
        return capacity.copy()
    return np.array([math.ceil(cameras * int(item) / total) for item in capacity], dtype=np.int64)


def _tier_of(camera: FleetCamera, worker: FleetWorker) -> int:
    """Return the tier: the area's own worker, then one without area; with a GPU if needed."""
    place = 1 if not worker.areas else 2 if camera.area in worker.areas else 0
    return 2 * place + (worker.has_gpu == camera.wants_gpu)


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
