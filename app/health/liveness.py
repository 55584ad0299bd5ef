"""Whether this process serves: its event loop turns, and who asks with a session gets a thread.

Once a second a task takes a thread as requests do and gives it back. What a hung thread pool or a
flood that lets nobody through looks like from outside is the same as a frozen loop: no answer. All
but `silent_s` belongs to the event loop.
"""

import asyncio
import time
from collections.abc import Callable

import anyio.to_thread
from anyio import CapacityLimiter

from app.web_api.middleware.fair_places import FairPlaces

TRIED_EVERY_S = 1.0
UNHEALTHY_AFTER_S = 10.0  # `/healthz` fails: a balancer sends officers to another centre
SERVED_WITHIN_S = 45.0  # no sign of life after it: longer than any wait for the archive (30 s)


class Liveness:
    """When a thread was last had."""

    def __init__(
        self,
        places: FairPlaces,
        lookups: CapacityLimiter,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = places
        self._lookups = lookups
        self._monotonic = monotonic
        self._served_at = monotonic()
        self._trials: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to try, on the loop that serves."""
        self._served_at = self._monotonic()
        self._trials = asyncio.create_task(self._try())

    def close(self) -> None:
        """Try no more; calling twice is fine."""
        if self._trials is not None:
            self._trials.cancel()

    def show(self, sign: Callable[[], None]) -> None:
        """Show the sign of life while requests are served; called by the loop, while it turns."""
        if self.silent_s() <= SERVED_WITHIN_S:
            sign()

    def silent_s(self) -> float:
        """For how long nobody has been served, though somebody would have been."""
        now = self._monotonic()
        unserved_s = max(0.0, now - self._served_at - TRIED_EVERY_S)
        return max(unserved_s, self._places.stuck_s(now))

    async def _try(self) -> None:
        """Take a thread of those that look up who asks, and one of those that serve sessions."""
        while True:
            for limiter in (self._lookups, None):
                await anyio.to_thread.run_sync(_nothing, limiter=limiter)
            self._served_at = self._monotonic()
            await asyncio.sleep(TRIED_EVERY_S)


def _nothing() -> None:
    """All that is wanted is the thread."""
