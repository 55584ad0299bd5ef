"""Reader of a disk that may hang: few own threads, and a time limit.

A hanging thread is abandoned and ends with the process; when all hang, reads fail at once.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
PROMPT_S = 1.0  # nobody waits longer for the newest reading: probes give up after 3 s


class NoAnswer(Exception):
    """The disk did not answer in time, or too many wait for it already."""


class BoundedReader:
    """At most so many questions at once. Any thread may use it."""

    def __init__(self, *, at_once: int = 8, within_s: float = 2.0) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self.within_s = within_s

    def ask(self, work: Callable[[], T]) -> T:
        """Return the result of `work` or raise its error; `NoAnswer` after `within_s`."""
        if not self._free.acquire(timeout=self.within_s):
            raise NoAnswer
        question = _Question(work, self._free.release)
        threading.Thread(target=question.run, name="evidence-reader", daemon=True).start()
        if not question.done.wait(self.within_s):
            raise NoAnswer
        return question.result()


class LatestReading(Generic[T]):
    """What one thread read last. Who asks waits for the newest only while it comes promptly.

    Any thread may ask; `read` runs once at a time and raises nothing.
    """

    def __init__(self, read: Callable[[], T], first: T) -> None:
        self._read = read
        self._latest = first
        self._changed = threading.Condition()
        self._number = 0
        self._started_at: float | None = None
        self._is_late = False

    def get(self) -> T:
        """Begin to read unless that is under way, and return what was read last."""
        with self._changed:
            if self._started_at is None:
                threading.Thread(target=self._run, name="latest-reading", daemon=True).start()
                self._started_at = time.monotonic()
            if not self._is_late:
                left_s = self._started_at + PROMPT_S - time.monotonic()
                awaited = self._number + 1
                self._is_late = not self._changed.wait_for(
                    lambda: self._number >= awaited, max(0.0, left_s)
                )
            return self._latest

    def _run(self) -> None:
        began_at = time.monotonic()
        found = self._latest
        try:
            found = self._read()
        finally:
            with self._changed:
                self._latest = found
                self._number += 1
                self._started_at = None
                self._is_late = time.monotonic() - began_at > PROMPT_S
                self._changed.notify_all()


class _Question(Generic[T]):
    def __init__(self, work: Callable[[], T], release: Callable[[], None]) -> None:
        self.done = threading.Event()
        self._work = work
        self._release = release
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - handed to who asked
            self._error = error
        finally:
            self._release()
            self.done.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]
