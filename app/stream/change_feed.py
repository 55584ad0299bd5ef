"""Change feed: the only reader of the archive's changes in this process.

It wakes on notifications, and each second because other centres write too. It reads in its own
thread and fans out on the event loop.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.stream.sse_client import (
    ChangePage,
    HeartbeatMessage,
    SseClient,
    StreamEnd,
    event_text,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

HEARTBEAT_S = 2.0  # a screen tells of silence after two missing ones (`link-state.ts`)
CAMERAS_S = 0.25  # how often is looked whether a camera's state changed, while a screen is open
CAMERAS_GAP_S = (
    0.5  # between two times that screens are told so: what falls together comes together
)
LOOK_S = 1.0  # without a ring
PAGE = 250  # some fit into a screen's box
READY_WITHIN_S = 5.0
_MOST_NOTES = 20  # pages whose times wait to be written; beyond, the times are lost


class ChangeSource(Protocol):
    """Where changes come from; called in the feed's own thread."""

    def last_seq(self) -> int:
        """Return the number of the newest change."""
        ...

    def told_after(self, seq: int, limit: int) -> ChangePage: ...

    def note_pushed(self, page: ChangePage) -> None:
        """Note when the changes of a page went to the screens."""
        ...


class CameraChangeSource(Protocol):
    """Where changes of cameras come from; called in threads."""

    def version(self) -> int:
        """Return another number than before when a camera changed."""
        ...

    def since(self, scope: DataFilter, version: int) -> str | None:
        """Return the data of an event `cameras`, or None if screens must query."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFeedSettings:
    """Times of the feed, shorter in tests."""

    heartbeat_s: float = HEARTBEAT_S
    look_s: float = LOOK_S


class StreamUnavailable(Exception):
    """A stream that cannot be opened now; the message says why."""


class ChangeFeed:
    """Fans changes out to screens. All methods are for the event loop."""

    def __init__(
        self,
        source: ChangeSource,
        notifier: ChangeNotifier,
        pulse: Callable[[DataFilter], str],
        settings: ChangeFeedSettings | None = None,
        cameras: CameraChangeSource | None = None,
    ) -> None:
        """Create the feed; a new version of the cameras is sent with a heartbeat."""
        self._source = source
        self._notifier = notifier
        self._pulse = pulse
        self._cameras = cameras
        self._settings = settings or ChangeFeedSettings()
        self._screens: set[SseClient] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="change-feed")
        self._beats = ThreadPoolExecutor(1, thread_name_prefix="heartbeats")  # wait for no replay
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening: Callable[[], None] = lambda: None
        self._closed = False
        self._ready = asyncio.Event()
        self._failing = False
        self._passed = asyncio.Event()  # set, and made again, when everything was read once more
        self._to_note: asyncio.Queue[ChangePage] = asyncio.Queue(_MOST_NOTES)
        self.notes_lost = 0
        self.seq = 0  # everything up to here was offered to every screen

    async def start(self) -> None:
        """Begin reading; returns at once, streams wait until the first read succeeded."""
        loop = asyncio.get_running_loop()
        self._stop_listening = self._notifier.listen(
            lambda: loop.call_soon_threadsafe(self._wake.set)
        )
        self._tasks = [
            asyncio.create_task(self._read_on(), name="change-feed"),
            asyncio.create_task(self._beat_on(), name="heartbeats"),
            asyncio.create_task(self._note_on(), name="push-times"),
        ]

    async def close(self) -> None:
        """End every stream, stop reading, and wait for the read in hand; idempotent."""
        self.end_streams()
        self._stop_listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._thread.shutdown(wait=True)
        self._beats.shutdown(wait=True)

    def end_streams(self) -> None:
        """End every stream and open no more, so that the server can stop; idempotent."""
        self._closed = True
        for screen in self._screens:
            screen.end(StreamEnd.CLOSING)

    async def open(
        self, scope: DataFilter, session: str, client_seq: int = 0, *, of_technician: bool = False
    ) -> SseClient:
        """Return a new screen's buffer, which gets every change after its `since_seq`.

        That is at least `client_seq`, the screen's last change, if the archive has it: another
        centre may have sent it first. Raises `StreamUnavailable`.
        """
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._ready.wait()
                await self._catch_up(client_seq)
        except TimeoutError:
            raise StreamUnavailable("the archive does not answer") from None
        if self._closed:
            raise StreamUnavailable("the centre stops")
        screen = SseClient(scope, session, self.seq, of_technician=of_technician)
        self._screens.add(screen)
        return screen

    def leave(self, screen: SseClient) -> None:
        """Forget a screen; idempotent."""
        self._screens.discard(screen)

    def end_session(self, session: str) -> None:
        """End the streams of a session that was logged out."""
        for screen in self._screens:
            if screen.session == session:
                screen.end(StreamEnd.LOGGED_OUT)

    @property
    def screens(self) -> int:
        """Number of open streams."""
        return len(self._screens)

    @property
    def technician_watches(self) -> bool:
        """True while a technician has a screen open. Thread-safe."""
        return any(screen.of_technician for screen in tuple(self._screens))

    async def _read_on(self) -> None:
        """Read changes for ever; survives outages of the archive."""
        while True:
            try:
                if not self._ready.is_set():
                    self.seq = await self._in_thread(self._source.last_seq)
                    self._ready.set()
                while await self._read_page():
                    pass
                self._failing = False
                self._passed.set()
                self._passed = asyncio.Event()
            except ArchiveError as error:
                if not self._failing:
                    log.warning("changes cannot be read, screens get no heartbeat: %s", error)
                self._failing = True
            except Exception:  # the outermost line of this task: screens are told by no heartbeat
                log.exception("changes cannot be read, screens get no heartbeat")
                self._failing = True
            await self._wait_for_ring()

    async def _catch_up(self, seq: int) -> None:
        """Read as far as a number, if it was given: the reading in hand may have begun before."""
        for _ in range(2):
            if self.seq >= seq:
                return
            self._wake.set()
            await self._passed.wait()

    async def _read_page(self) -> bool:
        """Offer the next page to every screen; whether there may be more."""
        page = await self._in_thread(lambda: self._source.told_after(self.seq, PAGE))
        self._offer(page)
        if self._screens and page.items:
            self._note(page)
        return len(page.items) >= PAGE

    def _offer(self, page: ChangePage) -> None:
        if not page.complete:
            self.seq = page.last_seq
            for screen in self._screens:
                screen.skip_to(self.seq)
            return
        for sent in page.items:
            self.seq = sent.seq
            for screen in self._screens:
                screen.offer(sent, self.seq)
        self.seq = page.last_seq

    async def _beat_on(self) -> None:
        """Send heartbeats periodically, and when a camera's state changed."""
        loop, every_s = asyncio.get_running_loop(), self._settings.heartbeat_s
        beaten_at, sent = loop.time(), 0
        while True:
            await asyncio.sleep(min(CAMERAS_S, every_s))
            try:
                if self._screens:
                    version = await self._version()
                    after_s = CAMERAS_GAP_S if version != sent else every_s
                    if loop.time() - beaten_at >= min(after_s, every_s):
                        await self._beat_once(sent)
                        beaten_at, sent = loop.time(), version
            except ArchiveError as error:
                log.debug("no heartbeat: %s", error)  # the reading task tells of the outage
            except Exception:  # the outermost line of this task
                log.exception("no heartbeat could be made")

    async def _version(self) -> int:
        if self._cameras is None:
            return 0
        return await self._in_thread(self._cameras.version, self._beats)

    async def _beat_once(self, sent: int) -> None:
        """Send one heartbeat per scope, with the cameras changed since a version."""
        scopes = {screen.scope for screen in self._screens}
        texts = {
            scope: await self._in_thread(partial(self._words, scope, sent), self._beats)
            for scope in scopes
        }
        if self._failing:
            return
        messages = {
            scope: HeartbeatMessage(b"".join(event_text(*word, self.seq) for word in words))
            for scope, words in texts.items()
        }
        for screen in self._screens:
            if screen.scope in messages:  # a screen that came meanwhile had its first pulse
                screen.offer(messages[screen.scope], self.seq)

    def _words(self, scope: DataFilter, sent: int) -> tuple[tuple[str, str], ...]:
        """Return names and data of the events; runs in a thread."""
        news = None if self._cameras is None else self._cameras.since(scope, sent)
        pulse = ("heartbeat", self._pulse(scope))
        return (pulse,) if news is None else (("cameras", news), pulse)

    def _note(self, page: ChangePage) -> None:
        try:
            self._to_note.put_nowait(page)
        except asyncio.QueueFull:
            self.notes_lost += 1

    async def _note_on(self) -> None:
        """Record when changes were sent, without delaying the next ones."""
        while True:
            page = await self._to_note.get()
            try:
                await asyncio.to_thread(self._source.note_pushed, page)
            except ArchiveError as error:
                self.notes_lost += 1
                log.warning("the time of sending is not noted: %s", error)

    async def _wait_for_ring(self) -> None:
        try:
            async with asyncio.timeout(self._settings.look_s):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _in_thread(self, work: Callable[[], T], thread: Executor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread or self._thread, work)
