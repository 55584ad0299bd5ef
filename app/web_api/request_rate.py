"""Rate limit of expensive requests per person and minute. Thread-safe."""

import threading
from collections import deque

from thapcanh.app.web_api.errors import ApiError
from thapcanh.ingest.clock import Clock

_MINUTE_S = 60.0
_MOST_PEOPLE = 1000


class RequestRate:
    """Rate limit by person; `error` is the refusal's name."""

    def __init__(self, clock: Clock, most_a_minute: int, error: str) -> None:
        self._clock = clock
        self._most = most_a_minute
        self._error = error
        self._lock = threading.Lock()
        self._requested: dict[str, deque[float]] = {}

    def count(self, username: str) -> None:
        """Count a request; raises `ApiError` 429 beyond the limit."""
        now = self._clock.monotonic()
        with self._lock:
            if len(self._requested) >= _MOST_PEOPLE:
                self._requested.clear()
            times = self._requested.setdefault(username, deque(maxlen=self._most))
            if len(times) == self._most and now - times[0] < _MINUTE_S:
                wait_s = int(_MINUTE_S - (now - times[0])) + 1
                raise ApiError(429, self._error, headers={"Retry-After": str(wait_s)})
            times.append(now)
