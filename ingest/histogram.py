"""Histogram of measured times for metrics; thread-safe."""

import threading
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any


class Histogram:
    """Counts of values at or below each bound, the last without a bound, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, value: float) -> None:
        with self._lock:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += value

    def counted(self) -> dict[str, Any]:
        """Return `bounds`, `counts` (one more than bounds, not cumulated) and `sum` for JSON."""
        with self._lock:
            return {
                "bounds": list(self._bounds),
                "counts": list(self._counts),
                "sum": round(self._sum, 6),
            }
