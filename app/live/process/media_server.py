"""Server side of the live process: one task per request."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict

from thapcanh.app.live.feed_plan import plan_of_form
from thapcanh.app.live.jpeg_picture import JpegPicture
from thapcanh.app.live.live_sessions import LiveSessions
from thapcanh.app.live.process.frames import ChannelBroken, Head, frame_of, read_frame
from thapcanh.app.live.refusals import CROSSING
from thapcanh.app.live.settings import ViewerEnd, ViewerOwner
from thapcanh.app.live.stream_registry import LiveDependencies
from thapcanh.app.live.whip.phone_source import HELD_PACKETS, PhoneFeed
from thapcanh.config.secret import SecretUrl

log = logging.getLogger(__name__)

LEASE_S = 20.0  # a centre renews every second; one that stands still sends no pictures on
_NEXT_PICTURE_S = 2.0  # then it is said that there is none yet

Answer = tuple[Head, bytes]
_NOTHING: Answer = ({}, b"")


class MediaServer:
    """Server of one centre until its socket closes. On the media loop."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        dependencies: LiveDependencies,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._hubs = dependencies.hubs
        self._clock = dependencies.clock
        self.sessions = LiveSessions(dependencies)
        self._feeds: dict[str, PhoneFeed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._renewed_at = self._clock.monotonic()
        self._operations: dict[str, Callable[[Head, bytes], Awaitable[Answer]]] = {
            "watch": self._watch,
            "leave": self._leave,
            "still": self._still,
            "pictures": self._pictures,
            "picture": self._picture,
            "publish": self._publish,
            "unpublish": self._unpublish,
            "feed": self._feed,
            "piece": self._piece,
        }

    async def serve(self) -> None:
        """Answer until the socket ends, then end everything."""
        lease_task = asyncio.create_task(self._check_lease(), name="live-lease")
        try:
            while True:
                head, body = await read_frame(self._reader)
                if head.get("op") == "renew":
                    self._renew(head)  # before the next request is read: it may begin what is named
                else:
                    self._start(self._answer(head, body))
        except ChannelBroken:
            log.info("live: the centre is gone")
        finally:
            lease_task.cancel()
            await self._close(lease_task)

    async def _close(self, lease_task: "asyncio.Task[None]") -> None:
        for feed_id in list(self._feeds):
            self._end_feed(feed_id)
        await self.sessions.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(lease_task, *self._tasks, return_exceptions=True)
        self._writer.close()

    def _start(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, head: Head, body: bytes) -> None:
        number = head.get("id")
        try:
            found, content = await self._operations[head["op"]](head, body)
        except CROSSING as error:
            found, content = {"refused": type(error).__name__, "message": str(error)}, b""
        except Exception as error:  # the outermost line of this task
            log.exception("live: a fault of ours over a request")
            found, content = {"refused": "fault", "message": type(error).__name__}, b""
        await self._send({**found, "id": number}, content)

    async def _send(self, head: Head, body: bytes = b"") -> None:
        with contextlib.suppress(OSError):  # reading notices the end
            self._writer.write(frame_of(head, body))
            await self._writer.drain()

    async def _watch(self, head: Head, body: bytes) -> Answer:
        offer = body.decode("utf-8", errors="replace")
        plan = plan_of_form(head["plan"])
        sdp = await self.sessions.watch(head["viewer"], plan, offer, _owner(head))
        return {}, sdp.encode()

    async def _leave(self, head: Head, _: bytes) -> Answer:
        self.sessions.look_away(head["viewer"])
        self._end_feed(head["viewer"])
        return {"ended": await self.sessions.leave(head["viewer"])}, b""

    async def _still(self, head: Head, _: bytes) -> Answer:
        picture = await self.sessions.still(plan_of_form(head["plan"]))
        return _facts(picture), picture.jpeg

    async def _pictures(self, head: Head, _: bytes) -> Answer:
        await self.sessions.open_mjpeg(head["viewer"], plan_of_form(head["plan"]), _owner(head))
        return _NOTHING

    async def _picture(self, head: Head, _: bytes) -> Answer:
        try:
            async with asyncio.timeout(_NEXT_PICTURE_S):
                found = await self.sessions.next_picture(head["viewer"], head["after"])
        except TimeoutError:
            return {"number": head["after"]}, b""
        if found is None:
            return {"number": None}, b""
        number, picture = found
        return {"number": number, **_facts(picture)}, picture.jpeg

    async def _publish(self, head: Head, body: bytes) -> Answer:
        offer = body.decode("utf-8", errors="replace")
        url = SecretUrl(head["url"])
        publisher, sdp = await self.sessions.phones.publish(head["camera"], url, offer)
        return {"publisher": publisher}, sdp.encode()

    async def _unpublish(self, head: Head, _: bytes) -> Answer:
        ended = await self.sessions.phones.leave(head["camera"], head["publisher"])
        return {"ended": ended}, b""

    async def _feed(self, head: Head, _: bytes) -> Answer:
        reader = self._hubs.reader(SecretUrl(head["url"]), HELD_PACKETS)
        if reader is None:
            return {"feed": None}, b""
        feed_id = uuid.uuid4().hex
        self._feeds[feed_id] = PhoneFeed(reader)
        return {"feed": feed_id}, b""

    async def _piece(self, head: Head, _: bytes) -> Answer:
        feed = self._feeds.get(head["viewer"])
        piece = b"" if feed is None else await feed.next()
        if not piece:
            self._end_feed(head["viewer"])
        return {}, piece

    def _end_feed(self, feed_id: str) -> None:
        feed = self._feeds.pop(feed_id, None)
        if feed is not None:
            feed.close()

    def _renew(self, head: Head) -> None:
        """Keep what the centre names, end the rest, and return what remains."""
        self._renewed_at = self._clock.monotonic()
        over = set(self.sessions.watching) - set(head["viewers"])
        phones = set(self.sessions.phones.cameras) - set(head["phones"])
        self._start(self._reported(head, over, phones))

    async def _reported(self, head: Head, over: Iterable[str], phones: Iterable[str]) -> None:
        try:
            await self._end(over, phones, head["changed"])
        except Exception:  # the outermost line of this task
            log.exception("live: a fault of ours while ending what is over")
        status = {
            "watching": self.sessions.watching,
            "sending": self.sessions.phones.cameras,
            "transcoded": self.sessions.transcoded(),
            "count": asdict(self.sessions.count()),
        }
        await self._send({**status, "id": head.get("id")})

    async def _end(
        self, over: Iterable[str], phones: Iterable[str], changed: Iterable[str]
    ) -> None:
        for camera_id in changed:
            await self.sessions.close_changed(camera_id)
        for viewer_id in over:
            await self.sessions.end(viewer_id)
        for camera_id in phones:
            await self.sessions.phones.end(camera_id)

    async def _check_lease(self) -> None:
        while True:
            await asyncio.sleep(LEASE_S / 10)
            if self._clock.monotonic() - self._renewed_at < LEASE_S or not self._has_any:
                continue
            log.warning("live: no word of the centre for %.0f s: everybody ends", LEASE_S)
            try:
                for viewer_id in self.sessions.watching:
                    await self.sessions.end(viewer_id, ViewerEnd.STOPPING)
                await self._end((), self.sessions.phones.cameras, ())
            except Exception:  # the outermost line of this task
                log.exception("live: a fault of ours while everybody ends")

    @property
    def _has_any(self) -> bool:
        return bool(self.sessions.watching or self.sessions.phones.cameras)


def _facts(picture: JpegPicture) -> Head:
    return {"at": picture.captured_at, "width": picture.width, "height": picture.height}


def _owner(head: Head) -> ViewerOwner:
    agencies = head["agencies"]
    return ViewerOwner(
        session=head["session"], agencies=None if agencies is None else frozenset(agencies)
    )
