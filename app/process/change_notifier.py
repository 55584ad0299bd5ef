"""Notifications from writers of the archive to the change feed.

Notifying is cheap, thread-safe and never waits; concurrent ones are merged. A lost one costs at
most a second, because the feed polls too.
"""

import threading
from collections.abc import Callable


class ChangeNotifier:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], object]] = []

    def notify(self) -> None:
        """Say that the archive has a new change."""
        with self._lock:
            for listener in self._listeners:
                listener()

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener`, which must not wait, at each ring; returns how to stop that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop
