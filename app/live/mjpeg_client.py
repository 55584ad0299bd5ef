"""Somebody who is sent pictures one by one, and asks for each when it has sent the one before.

On the media loop. Who asks for nothing for a while takes nothing any more.
"""

from app.live.mjpeg.picture import JpegPicture
from app.live.settings import ViewerOwner
from app.live.stream_registry import ActiveStream
from ingest.clock import Clock


class MjpegClient:
    """Made by the sessions, which end it."""

    def __init__(self, owner: ViewerOwner, on_air: ActiveStream, clock: Clock) -> None:
        self.owner = owner
        self.on_air = on_air
        self._clock = clock
        self._is_asking = False
        self._asked_at = clock.monotonic()
        self._is_ended = False
        on_air.begin_looking()

    async def next(self, after: int) -> tuple[int, JpegPicture] | None:
        """The newest picture once its number is above `after`; None when none will come."""
        self._is_asking = True
        try:
            return await self._next(after)
        finally:
            self._is_asking = False
            self._asked_at = self._clock.monotonic()

    def idle_s(self) -> float:
        """For how long it has asked for nothing."""
        return 0.0 if self._is_asking else self._clock.monotonic() - self._asked_at

    def end(self) -> None:
        """Send it nothing more; idempotent."""
        if not self._is_ended:
            self._is_ended = True
            self.on_air.end_looking()
            self.on_air.bell.notify()

    async def _next(self, after: int) -> tuple[int, JpegPicture] | None:
        while not self._is_ended:
            line = self.on_air.line
            if line is None or line.ended:
                return None
            newest = line.newest
            if newest is not None and newest[0] > after:
                return newest
            await self.on_air.bell.wait()
        return None
