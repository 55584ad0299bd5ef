"""One camera that is on air: its feed, the bell that its feed rings, and how many watch it.

All on the media loop. A feed is watched by viewers (WebRTC), by lookers (pictures) and for moments
by a request for a still.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from app.live.feed import StreamFeed
from app.live.mjpeg.picture_line import PictureLine
from app.live.settings import LiveSettings
from app.process.loop_bell import LoopNotifier
from ingest.clock import Clock


class ActiveStream:
    """Counts who watches one camera."""

    def __init__(
        self, feed: StreamFeed, bell: LoopNotifier, settings: LiveSettings, clock: Clock
    ) -> None:
        self.feed = feed
        self.bell = bell
        self._settings = settings
        self._clock = clock
        self._watching = 0
        self._looking = 0
        self._line: PictureLine | None = None
        self.unwatched_since: float | None = clock.monotonic()

    @property
    def line(self) -> PictureLine | None:
        """What makes the pictures, while anybody looks."""
        return self._line

    def enter(self) -> None:
        """One more watches."""
        self._watching += 1
        self.unwatched_since = None

    def leave(self) -> None:
        """One fewer watches."""
        self._watching -= 1
        if self._watching == 0:
            self.unwatched_since = self._clock.monotonic()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep it on air for as long as the block runs."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def begin_looking(self) -> None:
        """Make pictures for one more."""
        self.enter()
        self._looking += 1
        if self._line is None or self._line.ended:
            reader, _ = self.feed.join(f"pictures-{self.feed.plan.camera_id}")
            self._line = PictureLine(
                reader, self._settings, clock=self._clock, ring=self.bell.notify
            )
            self._line.start()

    def end_looking(self) -> None:
        """Make pictures for one fewer."""
        self._looking -= 1
        self.leave()
        if self._looking == 0:
            self.end_line()

    def end_line(self) -> None:
        """Stop making pictures; idempotent."""
        if self._line is not None:
            self._line.ask_to_stop()
            self._line = None
