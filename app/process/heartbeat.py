"""The sign of life of one process: a file touched each second by the loop that must not hang."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.stoppable_thread import StoppableThread

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

    @contextmanager
    def kept_during_start(self, at_most_s: float) -> Iterator[None]:
        """Touch the file while the block runs, `at_most_s` long.

        A start may take longer than a hang: a model of one's own is exported at the first one. What
        hangs in the block is still told.
        """
        until = time.monotonic() + at_most_s

        def beat() -> None:
            while not thread.is_stopping and time.monotonic() < until:
                self.show()
                thread.pause(BEAT_EVERY_S)

        thread = StoppableThread(beat, "starting")
        thread.start()
        try:
            yield
        finally:
            thread.stop()
