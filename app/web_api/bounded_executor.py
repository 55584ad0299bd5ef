"""Separate threads for work that strangers can cause: logins, provider queries."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from thapcanh.app.process.admission import Admission, DoorBudget, network_of
from thapcanh.app.web_api.errors import ApiError

T = TypeVar("T")


class BoundedExecutor:
    """A small thread pool with a short queue. `run` belongs to the event loop."""

    def __init__(self, name: str, threads: int, budget: DoorBudget) -> None:
        self._inside = Admission(budget)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, address: str, work: Callable[[], T]) -> T:
        """Do the work in one of the threads. Raises `ApiError` if there is no place."""
        place = self._inside.enter((network_of(address),))
        if place is None:
            raise _busy()
        try:
            begun: Future[T] = self._pool.submit(work)
        except RuntimeError:  # the server stops
            place.leave()
            raise _busy() from None
        begun.add_done_callback(lambda _: place.leave())  # not when the asker gives up
        return await asyncio.wrap_future(begun)

    def close(self) -> None:
        """Take no more work; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _busy() -> ApiError:
    return ApiError(503, "busy", headers={"Retry-After": "2"})
