"""Deadline scheduler: the order of inferences over all cameras of one worker."""

import heapq
import math
from dataclasses import dataclass, field

RANKS = (1, 2, 3)  # whose interval has passed: the first of these comes first
URGENT_SHARE = 0.6  # of the deadline; the rest is for the looks that are already in line

_Entry = tuple[float, int, str]  # last look, turn, camera id


@dataclass(slots=True, kw_only=True)
class _Waiting:
    rank: int
    last_look_s: float
    was_seen: bool = False
    ready_since_s: float | None = None
    turn: int = 0  # entries of earlier turns are outdated


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledInference:
    """Camera whose turn it is.

    `late` means it exceeded the deadline although it had a frame in time, or that frame itself
    waited longer than the deadline.
    """

    camera_id: str
    unseen_s: float
    late: bool


@dataclass(slots=True, kw_only=True)
class DeadlineScheduler:
    """Order of inferences over the cameras of one worker."""

    interval_s: float
    deadline_s: float
    _cameras: dict[str, _Waiting] = field(default_factory=dict)
    _longest: list[_Entry] = field(default_factory=list)
    _by_rank: dict[int, list[_Entry]] = field(default_factory=lambda: {rank: [] for rank in RANKS})

    def __len__(self) -> int:
        return len(self._cameras)

    def add(self, camera_id: str, now_s: float, rank: int = 2) -> None:
        """Add a camera; its first frame is due at once."""
        self._cameras[camera_id] = _Waiting(rank=rank, last_look_s=now_s - self.interval_s)

    def remove(self, camera_id: str) -> None:
        """Remove a camera; unregistered ones are ignored."""
        self._cameras.pop(camera_id, None)

    def ready(self, camera_id: str, now_s: float) -> bool:
        """Mark a new frame; return False if the camera is unregistered or was ready already."""
        camera = self._cameras.get(camera_id)
        if camera is None or camera.ready_since_s is not None:
            return False
        camera.ready_since_s = now_s
        self._enter(camera_id, camera)
        return True

    def prefer(self, camera_id: str, rank: int) -> None:
        """Set a camera's rank."""
        camera = self._cameras.get(camera_id)
        if camera is None or camera.rank == rank:
            return
        camera.rank = rank
        if camera.ready_since_s is not None:
            self._enter(camera_id, camera)

    def rank_of(self, camera_id: str) -> int | None:
        camera = self._cameras.get(camera_id)
        return None if camera is None else camera.rank

    def next(self, now_s: float) -> ScheduledInference | None:
        """Return the next camera and mark it as inferred, or None."""
        urgent = self._first(self._longest)
        if urgent and now_s - urgent[0] >= URGENT_SHARE * self.deadline_s:
            return self._take(urgent[2], now_s)
        for rank in RANKS:
            due = self._first(self._by_rank[rank])
            if due and now_s - due[0] >= self.interval_s:
                return self._take(due[2], now_s)
        return None

    def slack_s(self, camera_id: str, now_s: float) -> float:
        """Return the seconds until the camera's deadline; infinite for unregistered ones."""
        camera = self._cameras.get(camera_id)
        return math.inf if camera is None else camera.last_look_s + self.deadline_s - now_s

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the next turn of a ready camera; infinite if none."""
        first = self._first(self._longest)
        return math.inf if first is None else max(0.0, first[0] + self.interval_s - now_s)

    def _take(self, camera_id: str, now_s: float) -> ScheduledInference:
        camera = self._cameras[camera_id]
        unseen_s = now_s - camera.last_look_s
        late = self._is_late(camera, now_s)
        camera.last_look_s, camera.was_seen = now_s, True
        camera.ready_since_s = None
        camera.turn += 1
        return ScheduledInference(camera_id=camera_id, unseen_s=unseen_s, late=late)

    def _is_late(self, camera: _Waiting, now_s: float) -> bool:
        """Return whether the scheduler, not a missing frame, delayed the camera."""
        if camera.ready_since_s is None:
            return False
        had_frame_in_time = (
            camera.was_seen and camera.ready_since_s - camera.last_look_s <= self.deadline_s
        )
        since_s = camera.last_look_s if had_frame_in_time else camera.ready_since_s
        return now_s - since_s > self.deadline_s

    def _enter(self, camera_id: str, camera: _Waiting) -> None:
        camera.turn += 1
        entry = (camera.last_look_s, camera.turn, camera_id)
        heapq.heappush(self._longest, entry)
        heapq.heappush(self._by_rank[camera.rank], entry)

    def _first(self, heap: list[_Entry]) -> _Entry | None:
        """Return the heap's first valid entry."""
        while heap:
            _, turn, camera_id = heap[0]
            camera = self._cameras.get(camera_id)
            if camera and camera.turn == turn and camera.ready_since_s is not None:
                return heap[0]
            heapq.heappop(heap)
        return None
