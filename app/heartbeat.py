"""The sign of life of one process: a file touched each second by the loop that must not hang."""

import time
from pathlib import Path

BEAT_EVERY_S = 1.0


class ProcessHeartbeat:
    """Touches the file the supervisor watches; without a file it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._next_at = 0.0

    def show(self) -> None:
        """Touch the file, at most once a second."""
        now = time.monotonic()
        if self._path is None or now < self._next_at:
            return
        self._next_at = now + BEAT_EVERY_S
        self._path.touch()
