"""A clock that a storm can set: Python reads this at its start, where PYTHONPATH names its folder.

The file `CHAOS_CLOCK/<part>` holds by how many seconds this process' wall clock is wrong, where
part is worker, centre, a maker's name, or supervisor. Monotonic time goes on as it is, as on a
machine whose date is set.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

PARTS = ("worker", "centre", "maker-0", "maker-1", "maker-2")
READ_EVERY_S = 0.1


def install(folder: str, part: str) -> None:
    """Let this process' clock be wrong by what the file says."""
    path = os.path.join(folder, part)
    real: Callable[[], float] = time.time
    real_ns: Callable[[], int] = time.time_ns
    monotonic = time.monotonic
    wrong_by_s, read_at = 0.0, float("-inf")

    def wrong() -> float:
        nonlocal wrong_by_s, read_at
        if monotonic() >= read_at + READ_EVERY_S:
            read_at = monotonic()
            with suppress(OSError, ValueError), open(path, encoding="ascii") as file:
                wrong_by_s = float(file.read())
        return wrong_by_s

    time.time = lambda: real() + wrong()
    time.time_ns = lambda: real_ns() + int(wrong() * 1e9)


if "CHAOS_CLOCK" in os.environ:
    named = [part for part in PARTS if part in sys.orig_argv]
    install(os.environ["CHAOS_CLOCK"], named[0] if named else "supervisor")
