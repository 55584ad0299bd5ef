"""Daemon thread, started once and stopped once; stopping interrupts its waits.

All methods except those of the loop are thread- safe.
"""

import threading
from collections.abc import Callable

from thapcanh.ingest.clock import Clock, SystemClock


class StoppableThread:
    """Runs `run` until it returns; `run` checks `is_stopping` and waits by `rest` or `pause`."""

    def __init__(
        self,
        run: Callable[[], object],
        name: str,
        clock: Clock | None = None,
        *,
        wake: threading.Event | None = None,
        interrupt: Callable[[], object] | None = None,
    ) -> None:
        """Create a thread that is not started.

        `wake` is the event of a producer of work other than the owner. `interrupt` is called once
        on a stop request, to end waits other than `rest` and `pause`.
        """
        self._clock = clock or SystemClock()
        self._work = wake or threading.Event()
        self._interrupt = interrupt or (lambda: None)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._changing = threading.Lock()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def was_started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        """Start the thread; idempotent."""
        with self._changing:
            if not self.was_started:
                self._thread.start()

    def request_stop(self) -> None:
        """Request the stop without waiting for it."""
        with self._changing:
            is_first = not self._stopping.is_set()
            self._stopping.set()
        self._work.set()
        if is_first:
            self._interrupt()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Request the stop and wait up to `timeout_s`; return whether it ended.

        A thread that stops itself is not waited for.
        """
        self.request_stop()
        if self.was_started and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def wake(self) -> None:
        """End the present or the next `rest`: there is work."""
        self._work.set()

    def clear_wakes(self) -> None:
        """Clear earlier wakes; call it before looking for work, so that none is missed."""
        self._work.clear()

    def rest(self, timeout_s: float) -> None:
        """Wait for `wake` or the end, at most `timeout_s`; returns at once when stopping."""
        if not self.is_stopping:
            self._clock.wait(self._work, timeout_s)

    def pause(self, timeout_s: float) -> bool:
        """Wait for a stop request, at most `timeout_s`; return whether it came."""
        return self._clock.wait(self._stopping, timeout_s)
