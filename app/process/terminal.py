"""How a command speaks to its user: one clear line on failure, and the wish to stop."""

import signal
import sys
import threading

from app.process import exit_codes
from app.process.log import masked


def fail(message: object, code: int = exit_codes.UNUSABLE) -> int:
    """Print one clear line to standard error and return the exit code."""
    sys.stderr.write(f"thapcanh: {masked(str(message))}\n")
    sys.stderr.flush()
    return code


def stop_on_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set; a second signal changes nothing."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
