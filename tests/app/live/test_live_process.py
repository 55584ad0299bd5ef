"""The live process itself: what it is told; that it dies and hangs alone, and comes back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil
import pytest

from tests.app.live.watching import run, until, watcher
from tests.end_to_end.live_centre import make_film
from tests.patience import patient
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.process import connection, signalling
from thapcanh.app.live.process.connection import StartedProcess
from thapcanh.app.live.process.frames import ChannelBroken, frame_of, read_frame
from thapcanh.app.live.refusals import LiveUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import SystemClock

SETTINGS = LiveSettings(sweep_s=0.05, welcome_every_s=0.05, still_within_s=patient(20.0))
SECRET = "THAPCANH_TEST_SECRET"


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> CameraConfig:
    film = make_film(tmp_path_factory.mktemp("film") / "front.mp4", size=(160, 96))
    return CameraConfig(id="front", name="Front", source=SecretUrl(str(film)))


@asynccontextmanager
async def started(camera: CameraConfig) -> AsyncIterator[tuple[LiveView, psutil.Process]]:
    """A live view whose process has shown a picture, and has told how it is."""
    site = Site(cameras=(camera,))
    live = LiveView(lambda: site, SystemClock(), settings=SETTINGS)
    before = {child.pid for child in psutil.Process().children()}
    try:
        assert (await live.still(camera)).jpeg[:2] == b"\xff\xd8"
        children = psutil.Process().children()
        (process,) = [
            one
            for one in children
            if one.pid not in before and "thapcanh.app.live" in str(one.cmdline())
        ]

        async def is_told() -> bool:
            return live.status.is_up

        await until(is_told)
        yield live, process
    finally:
        await live.close()


def told(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(patient(60.0)):
            await story()

    run(bounded)


def test_it_can_begin_before_anybody_watches(camera: CameraConfig) -> None:
    site = Site(cameras=(camera,))

    async def story() -> None:
        live = LiveView(lambda: site, SystemClock(), settings=SETTINGS)

        async def is_up() -> bool:
            return live.status.is_up

        try:
            live.begin()
            await until(is_up)
            assert (await live.still(camera)).jpeg[:2] == b"\xff\xd8"
            assert live.status.starts == 1
        finally:
            await live.close()
            live.begin()  # of a view that is closed: nothing

    told(story)


def test_it_is_told_nothing_and_ends_with_the_centre(
    camera: CameraConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "topsecret")

    async def story() -> None:
        async with started(camera) as (live, process):
            assert SECRET not in process.environ()
            assert camera.source.reveal() not in str(process.cmdline())
            assert process.nice() >= min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19)
            assert live.status.starts == 1
            assert live.status.memory_bytes > 10 << 20
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

    told(story)


def test_one_that_is_killed_ends_what_it_showed_and_comes_back(
    camera: CameraConfig,
) -> None:
    async def story() -> None:
        async with started(camera) as (live, process):
            pictures = await live.pictures(camera, watcher())
            await anext(pictures)
            os.kill(process.pid, signal.SIGKILL)
            assert [picture async for picture in pictures] == []

            async def is_back() -> bool:
                try:
                    await live.still(camera)
                except LiveUnavailable:
                    return False
                return live.status.starts == 2

            assert not live.status.is_up
            await until(is_back)

    told(story)


def test_one_that_hangs_is_said_in_time_keeps_nobody_waiting_and_is_replaced(
    camera: CameraConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "HUNG_AFTER_S", 3.0)
    monkeypatch.setattr(signalling, "ANSWER_WITHIN_S", 0.5)

    async def story() -> None:
        async with started(camera) as (live, process):
            pictures = await live.pictures(camera, watcher("an"))
            os.kill(process.pid, signal.SIGSTOP)
            with pytest.raises(LiveUnavailable, match=r"no answer in|ended"):
                await live.watch(camera, "v=0", watcher("an"))
            await live.end_session("an")  # a log-out waits for no process
            assert [picture async for picture in pictures] == []

            async def is_replaced() -> bool:
                return not psutil.pid_exists(process.pid)

            await until(is_replaced)

    told(story)


def test_one_that_takes_too_much_memory_is_ended(
    camera: CameraConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with started(camera) as (_, process):
            monkeypatch.setattr(signalling, "MOST_BYTES", 1 << 20)

            async def is_ended() -> bool:
                return not psutil.pid_exists(process.pid)

            await until(is_ended)

    told(story)
    assert "the live process holds" in caplog.text


def test_one_that_dies_at_its_start_is_tried_later_and_later(
    camera: CameraConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def broken(_: str) -> StartedProcess:
        nonlocal tries
        tries += 1
        raise OSError("no memory")

    async def story() -> None:
        monkeypatch.setattr(connection, "BACKOFF", Backoff(first_s=60.0, longest_s=60.0))
        live = LiveView(
            lambda: Site(cameras=(camera,)),
            SystemClock(),
            start=broken,
        )
        with pytest.raises(LiveUnavailable, match="does not start"):
            await live.still(camera)
        for _ in range(3):
            with pytest.raises(LiveUnavailable, match="starts again in a moment"):
                await live.still(camera)
        assert tries == 1
        await live.close()

    told(story)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0\0\0\2",
        b"\xff\xff\xff\xff\0\0\0\0",
        b"\0\0\0\2\xff\xff\xff\xff{}",
        b"\0\0\0\2\0\0\0\0[]",
        b"\0\0\0\2\0\0\0\0{x",
        b"\0\0\0\2\0\0\0\4{}abc",
    ],
)
def test_what_is_no_message_breaks_the_channel(sent: bytes) -> None:
    async def story() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        reader.feed_eof()
        with pytest.raises(ChannelBroken):
            await read_frame(reader)

    run(story)


def test_a_message_comes_as_it_was_sent_and_is_bounded() -> None:
    async def story() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(frame_of({"op": "look", "id": 1}, b"\0jpeg"))
        assert await read_frame(reader) == ({"op": "look", "id": 1}, b"\0jpeg")
        with pytest.raises(ValueError, match="too long"):
            frame_of({"op": "x" * (1 << 20)})

    run(story)
