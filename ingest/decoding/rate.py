"""Measured picture rate, whatever the stream declares."""

import threading
from collections import deque

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
