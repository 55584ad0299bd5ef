"""How long a test waits for what must come."""

import time
from collections.abc import Callable

PATIENCE_S = 120.0
"""No promise: a loaded machine may take this long for what takes a moment on a quiet one."""


def patient(within_s: float) -> float:
    """Seconds to wait for what takes at most `within_s` on a quiet machine."""
    return max(within_s, PATIENCE_S)


def eventually(check: Callable[[], object]) -> bool:
    """Whether it comes true, looked at every 20 ms."""
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
