"""Measured timing of a camera's stream: keyframe interval and picture rate."""

import threading
from collections import deque

_REMEMBERED = 8
_LOST_S = 1.0
"""Without a packet: some are missing. Cameras send several pictures a second."""


class KeyframeInterval:
    """Keyframe times of one camera, across reconnects."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_REMEMBERED)
        self._last_s: float | None = None
        self._packet_s: float | None = None

    def interrupted(self) -> None:
        """Mark a gap: the time until the next keyframe is no interval."""
        self._last_s = None

    def see(self, at_s: float, *, is_keyframe: bool) -> None:
        before_s, self._packet_s = self._packet_s, at_s
        if before_s is not None and at_s - before_s > _LOST_S:
            self.interrupted()
        if not is_keyframe:
            return
        if self._last_s is not None and at_s > self._last_s:
            self._intervals.append(at_s - self._last_s)
        self._last_s = at_s

    @property
    def longest_s(self) -> float | None:
        """Longest recent interval; None before the second keyframe."""
        return max(self._intervals, default=None)

    @property
    def next_s(self) -> float | None:
        """Latest time at which the next keyframe is due, or None."""
        if self._last_s is None or self.longest_s is None:
            return None
        return self._last_s + self.longest_s

    @property
    def soonest_in_s(self) -> float:
        """Seconds after the last packet without a keyframe; 0 if unknown."""
        if self._last_s is None or self._packet_s is None or not self._intervals:
            return 0.0
        return max(0.0, self._last_s + min(self._intervals) - self._packet_s)

    def is_long(self, at_s: float, limit_s: float) -> bool:
        """Return whether keyframes are more than `limit_s` apart, counting the open interval."""
        open_s = 0.0 if self._last_s is None else at_s - self._last_s
        return max(open_s, self.longest_s or 0.0) > limit_s


_WINDOW_S = 3.0
_AT_MOST = 120
"""Times that are held; enough for 3 s of 40 a second."""


class PictureRate:
    """Counted and read on any thread. `now` is monotonic."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_AT_MOST)
        self._lock = threading.Lock()  # even a copy of a deque fails while it grows

    def count(self, now: float) -> None:
        with self._lock:
            self._times.append(now)

    def per_second(self, now: float) -> float:
        """Return the rate over the last seconds; 0 without any."""
        with self._lock:
            recent = [at for at in self._times if now - at <= _WINDOW_S]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return 0.0
        silent_s = max(0.0, now - recent[-1] - (recent[-1] - recent[0]) / (len(recent) - 1))
        return (len(recent) - 1) / (recent[-1] - recent[0] + silent_s)
