"""Five wrong passwords for one user from one address, and that pair waits fifteen minutes.

The decision is pure: tries and `now` in, seconds to wait out. Counted in the centre's memory, for a
restart of it is no tool of an attacker; the oldest pairs are forgotten beyond a bound.
"""

import math
import threading
from collections import OrderedDict

TRIES = 5
WINDOW_S = 15 * 60.0
_MOST_PAIRS = 10_000

Pair = tuple[str, str]


def wait_s(failed_at: tuple[float, ...], now: float) -> float:
    """Return how long a pair must wait: until fewer than `TRIES` failures lie in the window."""
    recent = [at for at in failed_at if now - at < WINDOW_S]
    if len(recent) < TRIES:
        return 0.0
    return recent[-TRIES] + WINDOW_S - now


class Lockout:
    """Remembers failures by pair of user name and address. Thread-safe.

    A try is counted before the password is checked and taken back when it was right, so that many
    tries at once cannot slip past the count.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[Pair, tuple[float, ...]] = OrderedDict()
        self.forgotten = 0

    def begin(self, pair: Pair, now: float) -> float:
        """Count a try and return 0, or return the seconds that this pair must wait."""
        with self._lock:
            failed_at = self._failed.pop(pair, ())
            wait = wait_s(failed_at, now)
            if not wait:
                failed_at = (*failed_at, now)[-TRIES:]
            self._failed[pair] = failed_at
            if len(self._failed) > _MOST_PAIRS:
                self._failed.popitem(last=False)
                self.forgotten += 1
            return wait

    def succeeded(self, pair: Pair) -> None:
        """Forget the failures of a pair that knew the password."""
        with self._lock:
            self._failed.pop(pair, None)


def minutes(wait: float) -> int:
    """Whole minutes to tell a person, never 0."""
    return max(1, math.ceil(wait / 60))
