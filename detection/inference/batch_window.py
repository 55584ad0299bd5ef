"""Batch window: inferences wait briefly, since several in one batch cost less."""

import math
from collections import OrderedDict
from dataclasses import dataclass, replace

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

    def forget(self, camera_id: str) -> None:
        """Remove a camera that stopped, for which nothing waits."""
        self.drop(camera_id)
        self._awake_s.pop(camera_id, None)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the waiting cameras are due; infinite without any."""
        if not self._waiting:
            return math.inf
        if len(self._waiting) >= self._batch or self._are_all_here():
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

    def _are_all_here(self) -> bool:
        """Return whether every awake camera waits."""
        return bool(self._awake_s) and self._awake_s.keys() <= self._waiting.keys()
