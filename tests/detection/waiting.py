"""Waiting for what another thread does."""

import time
from collections.abc import Callable

from tests.patience import patient


def wait_for(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    """Return once it holds; fails when it does not in time."""
    until = time.monotonic() + patient(within_s)
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.002)
