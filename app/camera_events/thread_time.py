"""What a coroutine costs the thread that it runs on: processor time, not the time that it waits.

Beside other tasks of the same loop only its own steps are counted.
"""

import time
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadTime:
    """Processor seconds of one coroutine, summed until they are taken. Owned by its thread."""

    def __init__(self) -> None:
        self._spent_s = 0.0
        self._since: float | None = None  # while a step runs

    def take(self) -> float:
        """What was spent since the last time; the coroutine itself may ask."""
        self._count()
        spent_s, self._spent_s = self._spent_s, 0.0
        return spent_s

    @types.coroutine
    def of(self, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Run the coroutine to its end, step by step, and count its steps."""
        thrown: BaseException | None = None
        while True:
            self._since = time.thread_time()
            try:
                waits_for = work.send(None) if thrown is None else work.throw(thrown)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                self._count()
                self._since = None
            try:
                thrown = None
                yield waits_for
            except BaseException as error:  # noqa: BLE001 for the coroutine to deal with
                thrown = error

    def _count(self) -> None:
        if self._since is not None:
            now = time.thread_time()
            self._spent_s += now - self._since
            self._since = now
