"""A live view under test, and a peer that watches as a browser does."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager

import pytest
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)

from tests.app.live.conftest import URL, EndlessCamera
from tests.patience import patient
from thapcanh.app.live.live_sessions import ViewerCount
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.process.access_check import Watcher
from thapcanh.app.live.process.child import served
from thapcanh.app.live.process.connection import StartedProcess
from thapcanh.app.live.process.media_server import MediaServer
from thapcanh.app.live.refusals import PictureUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.process.loop_thread import LoopThread
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock

FRONT = CameraConfig(id="front", name="Front", source=URL)
QUICK = LiveSettings(
    sweep_s=0.05,
    linger_s=0.4,
    still_within_s=2.0,
    welcome_every_s=0.05,
    connect_within_s=30.0,
    silent_after_s=30.0,  # a busy machine leaves nobody out; tests of silence have their own
    max_viewers=4,
    max_viewers_of_session=3,
    mjpeg_max_viewers=2,
    mjpeg_fps=10.0,
)
WITHIN_S = patient(15.0)


def has_media_address() -> bool:
    """Whether this machine has an address beside loopback, without which WebRTC cannot work."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return False
        return not str(probe.getsockname()[0]).startswith("127.")


needs_address = pytest.mark.skipif(
    not has_media_address(), reason="this machine has only loopback: no WebRTC"
)


def watcher(session: str = "an", welcome: Callable[[], bool] = lambda: True) -> Watcher:
    return Watcher(session=session, is_welcome=welcome)


class Peer:
    """What a browser does."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.connection.on("track", self.track.set_result)

    async def offer(self, mime: str = "video/H264") -> str:
        transceiver = self.connection.addTransceiver("video", direction="recvonly")
        capable = RTCRtpReceiver.getCapabilities("video")
        assert capable is not None
        transceiver.setCodecPreferences([each for each in capable.codecs if each.mimeType == mime])
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def watch(self, live: LiveView, who: Watcher) -> str:
        answer = await live.watch(FRONT, await self.offer(), who)
        described = RTCSessionDescription(sdp=answer.sdp, type="answer")
        await self.connection.setRemoteDescription(described)
        return answer.viewer_id

    async def frames(self, count: int) -> None:
        track = await self.track
        for _ in range(count):
            await track.recv()


class ProcessOnThread:
    """The live process's own code at the other end of a real socket, on a thread of the test.

    So that it can open cameras in memory.
    """

    def __init__(self, camera: EndlessCamera) -> None:
        self._camera = camera
        self._loops: list[LoopThread] = []
        self._servers: list[MediaServer] = []
        self._serving: list[Future[None]] = []

    async def start(self, log_format: str) -> StartedProcess:
        assert log_format == "text"
        ours, theirs = socket.socketpair()
        loop = LoopThread()
        self._loops.append(loop)
        self._serving.append(loop.submit(served(theirs, self._camera, self._servers.append)))
        reader, writer = await asyncio.open_connection(sock=ours)
        return StartedProcess(
            reader=reader,
            writer=writer,
            pid=0,
            kill=lambda: None,
            stop=lambda _: None,
        )

    @property
    def is_up(self) -> bool:
        return bool(self._servers)

    async def count(self) -> ViewerCount:
        async def counted() -> ViewerCount:
            return self._servers[-1].sessions.count()

        return await self._loops[-1].run(counted())

    def end(self) -> None:
        """Wait for what ends with the socket: a loop that is stopped would cut it off."""
        for serving in self._serving:
            serving.result(WITHIN_S)
        for loop in self._loops:
            assert loop.stop(WITHIN_S)


class Viewing:
    """A live view under test with its site, which may change."""

    def __init__(self, camera: EndlessCamera, settings: LiveSettings = QUICK) -> None:
        self.site = Site(cameras=(FRONT,))
        self.process = ProcessOnThread(camera)
        self.live = LiveView(
            lambda: self.site, SystemClock(), settings=settings, start=self.process.start
        )
        self._peers: list[Peer] = []

    def peer(self) -> Peer:
        self._peers.append(Peer())
        return self._peers[-1]

    async def count(self) -> ViewerCount:
        return await self.process.count()

    async def end(self) -> None:
        await self.live.close()
        await asyncio.to_thread(self.process.end)
        await asyncio.gather(*(peer.connection.close() for peer in self._peers))


@asynccontextmanager
async def viewing(camera: EndlessCamera, settings: LiveSettings = QUICK) -> AsyncIterator[Viewing]:
    made = Viewing(camera, settings)
    try:
        async with asyncio.timeout(WITHIN_S * 2):
            yield made
    finally:
        await made.end()
        assert camera.open_now == 0
        assert not [each for each in threading.enumerate() if each.name.startswith("live-")]


async def still_once_open(live: LiveView, camera: CameraConfig) -> None:
    """Ask for a picture until the camera was tried: a busy machine opens it late."""
    while True:
        try:
            await live.still(camera)
            return
        except PictureUnavailable as error:
            if "opening" not in str(error):
                raise


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await check():
            await asyncio.sleep(0.02)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()

    asyncio.run(told())
