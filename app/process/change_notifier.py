"""Notified by what changed the archive (consumer, commands, leases), heard by the change feed.

Ringing is cheap, thread-safe and never waits; rings that come while one is being answered melt
together. A lost ring costs a second at most, for the feed also looks by itself.
"""

import threading
from collections.abc import Callable


class ChangeNotifier:
    """One bell a process."""

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
