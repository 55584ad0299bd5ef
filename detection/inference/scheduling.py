"""Scheduling of a worker's inferences: whose turn it is, and short waits for fuller batches."""

import heapq
import math
from collections import OrderedDict
from dataclasses import dataclass, field, replace

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
        urgent = self._urgent(now_s)
        if urgent:
            return self._take(urgent[2], now_s)
        for rank in RANKS:
            due = self._first(self._by_rank[rank])
            if due and now_s - due[0] >= self.interval_s:
                return self._take(due[2], now_s)
        return None

    def has_time(self, now_s: float, waited_s: float = 0.0) -> bool:
        """Return whether an inference of less importance may run now.

        No camera waits; or it waited for longer than the deadline, and no camera is near its own.
        """
        is_overdue = waited_s >= self.deadline_s and self._urgent(now_s) is None
        return is_overdue or self.wait_s(now_s) > 0

    def slack_s(self, camera_id: str, now_s: float) -> float:
        """Return the seconds until the camera's deadline; infinite for unregistered ones."""
        camera = self._cameras.get(camera_id)
        return math.inf if camera is None else camera.last_look_s + self.deadline_s - now_s

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the next turn of a ready camera; infinite if none."""
        first = self._first(self._longest)
        return math.inf if first is None else max(0.0, first[0] + self.interval_s - now_s)

    def _urgent(self, now_s: float) -> _Entry | None:
        """Return the camera unseen for longest if it comes near its deadline."""
        first = self._first(self._longest)
        is_near = first is not None and now_s - first[0] >= URGENT_SHARE * self.deadline_s
        return first if is_near else None

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


HOLD_ASLEEP_S = 0.4  # the deadline leaves a sweep one second for its look
HOLD_AWAKE_S = 0.12  # at most
_HOLD_SHARE = 0.6  # of the time between two looks; two cameras are never over half of it apart
LEAST_CAMERAS = 16  # with fewer, seldom two sweeps come within the hold
_STILL_AWAKE = 2.0  # look intervals without a picture, after which a camera is not waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
    since_s: float
    until_s: float


class BatchWindow:
    """Waiting cameras and since when; guarded by the loop's lock."""

    def __init__(self, batch: int, interval_s: float) -> None:
        """Create it.

        `batch` is the size of a full batch; with one nothing waits. `interval_s` is the time
        between two inferences of an awake camera.
        """
        self._batch = batch
        self._hold_awake_s = min(HOLD_AWAKE_S, _HOLD_SHARE * interval_s)
        self._still_awake_s = _STILL_AWAKE * interval_s
        self._awake_s: OrderedDict[str, float] = OrderedDict()  # last picture, oldest first
        self._waiting: dict[str, _Wait] = {}

    def hold_s(self, camera_id: str, now_s: float, *, is_calm: bool, cameras: int) -> float:
        """Return for how long a camera's new picture may wait.

        `is_calm` means it sleeps and shows nothing new; `cameras` is the total number.
        """
        if self._batch == 1:
            return 0.0
        if is_calm:
            self._awake_s.pop(camera_id, None)
            return HOLD_ASLEEP_S if cameras >= LEAST_CAMERAS else 0.0
        while self._awake_s and now_s - next(iter(self._awake_s.values())) > self._still_awake_s:
            self._awake_s.popitem(last=False)
        was_awake = camera_id in self._awake_s
        self._awake_s[camera_id] = now_s
        self._awake_s.move_to_end(camera_id)
        return self._hold_awake_s if was_awake and len(self._awake_s) > 1 else 0.0

    def add(self, camera_id: str, now_s: float, hold_s: float) -> bool:
        """Add a waiting picture; return whether the loop's next time changes."""
        before_s = self.wait_s(now_s)
        until_s = now_s + hold_s
        wait = self._waiting.get(camera_id, _Wait(since_s=now_s, until_s=until_s))
        self._waiting[camera_id] = replace(wait, until_s=min(wait.until_s, until_s))
        return self.wait_s(now_s) < before_s

    def drop(self, camera_id: str) -> None:
        """Remove a camera: its inference runs now, or it stopped."""
        self._waiting.pop(camera_id, None)

    def discard(self, camera_id: str) -> None:
        """Remove a camera that stopped, for which nothing waits."""
        self.drop(camera_id)
        self._awake_s.pop(camera_id, None)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the waiting cameras are due; infinite without any."""
        if not self._waiting:
            return math.inf
        if len(self._waiting) >= self._batch or self._are_all_waiting():
            return 0.0
        return max(0.0, min(wait.until_s for wait in self._waiting.values()) - now_s)

    def due(self, now_s: float, *, with_others: bool) -> dict[str, float]:
        """Return all waiting cameras with their start of waiting if they are due, else none.

        `with_others` means that an inference is due anyway, which they join.
        """
        if not with_others and self.wait_s(now_s) > 0:
            return {}
        accepted, self._waiting = self._waiting, {}
        return {camera_id: wait.since_s for camera_id, wait in accepted.items()}

    def _are_all_waiting(self) -> bool:
        """Return whether every awake camera waits."""
        return bool(self._awake_s) and self._awake_s.keys() <= self._waiting.keys()
