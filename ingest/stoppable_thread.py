"""One daemon thread that its owner starts once and stops once; stopping interrupts its waiting.

The loop runs on the thread; everything else may be called from any thread. What a loop waits for is
the clock's, so that tests about time need not wait.
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
        """Make a thread that is not started.

        `wake` is an event of the producer of work, where that is not the owner. `interrupt` is
        called once, when the end is asked for: it ends what the thread waits for beside `rest` and
        `pause` (a queue, an event loop).
        """
        self._clock = clock or SystemClock()
        self._work = wake or threading.Event()
        self._interrupt = interrupt or (lambda: None)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._changing = threading.Lock()

    @property
    def is_stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._stopping.is_set()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def was_started(self) -> bool:
        """Whether it ever began."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Begin; a second time does nothing."""
        with self._changing:
            if not self.was_started:
                self._thread.start()

    def ask_to_stop(self) -> None:
        """Interrupt whatever the thread waits for, and do not wait for its end."""
        with self._changing:
            is_first = not self._stopping.is_set()
            self._stopping.set()
        self._work.set()
        if is_first:
            self._interrupt()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask the thread to stop and wait up to `timeout_s`; true where it has ended.

        A thread that stops itself is not waited for.
        """
        self.ask_to_stop()
        if self.was_started and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def wake(self) -> None:
        """There is work: end the `rest` of this moment, or the next."""
        self._work.set()

    def begin_round(self) -> None:
        """Forget earlier wakes: called before work is looked for, so that none is missed."""
        self._work.clear()

    def rest(self, timeout_s: float) -> None:
        """Wait for `wake` or the end, at most `timeout_s`; returns at once when stopping."""
        if not self.is_stopping:
            self._clock.wait(self._work, timeout_s)

    def pause(self, timeout_s: float) -> bool:
        """Wait for the end alone, at most `timeout_s`; true where it was asked for."""
        return self._clock.wait(self._stopping, timeout_s)
