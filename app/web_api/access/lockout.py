"""Lockout after five wrong passwords for one name from one address.

The decision is pure.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable

TRIES = 5
WINDOW_S = 15 * 60.0
_MOST_PAIRS = 10_000

Pair = tuple[str, str]
Recall = Callable[[Pair, float], tuple[float, ...]]  # failures after a moment, oldest first


def wait_s(failed_at: tuple[float, ...], now: float, tries: int = TRIES) -> float:
    """Return how long a pair must wait: until fewer than `tries` failures lie in the window."""
    recent = [at for at in failed_at if now - at < WINDOW_S]
    if len(recent) < tries:
        return 0.0
    return recent[-tries] + WINDOW_S - now


class Lockout:
    """Failures by pair of user name and address. Thread-safe.

    A try counts before the check and is taken back if right, so that parallel tries cannot evade
    the limit.
    """

    def __init__(self, recall: Recall, tries: int = TRIES) -> None:
        self._recall = recall
        self._tries = tries
        self._lock = threading.Lock()
        self._failed: OrderedDict[Pair, tuple[float, ...]] = OrderedDict()

    def begin(self, pair: Pair, now: float) -> float:
        """Count a try and return 0, or return the seconds that this pair must wait."""
        recalled = self._recall(pair, now - WINDOW_S) if pair not in self._failed else ()
        with self._lock:
            failed_at = self._failed.pop(pair, recalled)
            wait = wait_s(failed_at, now, self._tries)
            if not wait:
                failed_at = (*failed_at, now)[-self._tries :]
            self._failed[pair] = failed_at
            if len(self._failed) > _MOST_PAIRS:
                self._failed.popitem(last=False)
            return wait

    def unjudged(self, pair: Pair) -> None:
        """Take back the last try, which could not be checked."""
        with self._lock:
            if pair in self._failed:
                self._failed[pair] = self._failed[pair][:-1]

    def succeeded(self, pair: Pair) -> None:
        """Forget the failures of a pair that knew the password."""
        with self._lock:
            self._failed.pop(pair, None)


def minutes(wait: float) -> int:
    """Return whole minutes, at least 1."""
    return max(1, math.ceil(wait / 60))
