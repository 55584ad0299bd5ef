"""Threads of their own for work that a stranger can ask for: logins, the provider's word.

At most `threads` works run, at most `waiting` wait, at most `per_address` of both come from one
address; the next one is refused at once (`busy`). Nothing here is taken from the threads that
serve sessions in force.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from app.web_api.errors import ApiError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorLimits:
    """How much may run, wait, and come from one address."""

    threads: int
    waiting: int
    per_address: int


class BoundedExecutor:
    """A small thread pool with a short queue. `run` belongs to the event loop."""

    def __init__(self, name: str, limits: ExecutorLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._inside: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix=name)

    async def run(self, address: str, work: Callable[[], T]) -> T:
        """Do the work in one of the threads. Raises `ApiError` when there is no place for it."""
        self._enter(address)
        try:
            begun: Future[T] = self._pool.submit(work)
        except RuntimeError:  # the server stops
            self._leave(address)
            raise _busy() from None
        begun.add_done_callback(lambda _: self._leave(address))  # not when the asker gives up
        return await asyncio.wrap_future(begun)

    def close(self) -> None:
        """Take no more work; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _enter(self, address: str) -> None:
        most = self._limits.threads + self._limits.waiting
        with self._lock:
            if self._inside.total() >= most or self._inside[address] >= self._limits.per_address:
                raise _busy()
            self._inside[address] += 1

    def _leave(self, address: str) -> None:
        with self._lock:
            self._inside[address] -= 1
            if not self._inside[address]:
                del self._inside[address]


def _busy() -> ApiError:
    return ApiError(503, "busy", headers={"Retry-After": "2"})
