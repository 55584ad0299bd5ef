"""Reader of a disk that may hang: few own threads, and a time limit.

A hanging thread is abandoned and ends with the process; when all hang, reads fail at once.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class NoAnswer(Exception):
    """The disk did not answer in time, or too many wait for it already."""


class BoundedReader:
    """At most so many questions at once. Any thread may use it."""

    def __init__(self, *, at_once: int = 8, within_s: float = 2.0) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._within_s = within_s

    def ask(self, work: Callable[[], T]) -> T:
        """Return the result of `work` or raise its error; `NoAnswer` after `within_s`."""
        if not self._free.acquire(timeout=self._within_s):
            raise NoAnswer
        question = _Question(work, self._free.release)
        threading.Thread(target=question.run, name="evidence-reader", daemon=True).start()
        if not question.done.wait(self._within_s):
            raise NoAnswer
        return question.result()


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
