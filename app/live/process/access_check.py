"""Viewers' sessions, and the repeated check that they may watch."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from thapcanh.app.live.settings import ViewerOwner
from thapcanh.ingest.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """`is_welcome` may read the archive: it is called on a thread that may wait.

    `agencies` are those that it is limited to, whose quota it counts to; None: the whole site.
    """

    session: str
    agencies: frozenset[str] | None = None
    is_welcome: Callable[[], bool]

    @property
    def owner(self) -> ViewerOwner:
        """Owner whose limits apply."""
        return ViewerOwner(session=self.session, agencies=self.agencies)


class AccessCheck:
    """Asks a watcher's question every so often; in between the last answer holds."""

    def __init__(self, watcher: Watcher, clock: Clock, every_s: float) -> None:
        self._watcher = watcher
        self._clock = clock
        self._every_s = every_s
        self._queried_at = clock.monotonic()  # a new viewer was just let in

    async def holds(self) -> bool:
        """Return True if it may still watch."""
        now = self._clock.monotonic()
        if now - self._queried_at < self._every_s:
            return True
        self._queried_at = now
        return await asyncio.to_thread(self._watcher.is_welcome)
