"""Stills and pictures in a row, each with the time at which it was taken."""

import asyncio

import pytest

from tests.app.live.conftest import EndlessCamera
from tests.app.live.watching import (
    FRONT,
    QUICK,
    Viewing,
    run,
    still_once_open,
    until,
    viewing,
    watcher,
)
from thapcanh.app.live.process.access_check import Watcher
from thapcanh.app.live.refusals import CapacityExceeded, PictureUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.errors import Unreachable


def test_a_still_is_the_newest_picture_and_opens_the_camera_for_a_moment(
    endless: EndlessCamera,
) -> None:
    async def story() -> None:
        clock = SystemClock()
        async with viewing(endless) as here:
            began = clock.utc()
            first = await here.live.still(FRONT)
            assert first.jpeg[:2] == b"\xff\xd8"
            assert (first.width, first.height) == (320, 240)
            assert began - 0.1 <= first.captured_at <= clock.utc()
            await until(lambda: is_newer(here, first.captured_at))
            assert endless.opened == 1

            async def is_closed() -> bool:
                return endless.open_now == 0

            await until(is_closed)

    async def is_newer(here: Viewing, than: float) -> bool:
        return (await here.live.still(FRONT)).captured_at > than

    run(story)


def test_a_still_of_a_camera_that_fell_silent_keeps_its_time(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, LiveSettings(sweep_s=0.05, linger_s=30.0)) as here:
            await here.live.still(FRONT)
            endless.failure = Unreachable("rtsp://10.0.0.1/front")
            endless.cut.set()

            async def is_cut() -> bool:
                return endless.open_now == 0

            await until(is_cut)
            last = await here.live.still(FRONT)
            await asyncio.sleep(0.2)  # time that must not show in the picture's time
            assert (await here.live.still(FRONT)).captured_at == last.captured_at

    run(story)


def test_no_picture_is_said_with_the_reason(endless: EndlessCamera) -> None:
    endless.failure = Unreachable("rtsp://10.0.0.1/front")

    async def story() -> None:
        async with viewing(endless, LiveSettings(still_within_s=0.3)) as here:
            with pytest.raises(PictureUnavailable, match="backoff: unreachable"):
                await still_once_open(here.live, FRONT)

    run(story)


def test_pictures_come_at_a_bounded_rate_for_a_bounded_number(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            streams = [await here.live.pictures(FRONT, watcher(name)) for name in ("an", "binh")]
            with pytest.raises(CapacityExceeded, match="2 are sent pictures"):
                await here.live.pictures(FRONT, watcher("chi"))
            times = []
            async for picture in streams[0]:
                times.append(asyncio.get_running_loop().time())
                assert picture.jpeg[:2] == b"\xff\xd8"
                if len(times) == 8:
                    break
            assert times[-1] - times[0] >= 7 / QUICK.mjpeg_fps * 0.8
            await anext(streams[1])
            assert endless.opened == 1
            await streams[0].aclose()  # type: ignore[attr-defined]

            async def is_one() -> bool:
                return (await here.count()).lookers == 1

            await until(is_one)

    run(story)


def test_one_agency_takes_no_picture_places_of_others(endless: EndlessCamera) -> None:
    def of(name: str, *agencies: str) -> Watcher:
        found = frozenset(agencies) or None
        return Watcher(session=name, agencies=found, is_welcome=lambda: True)

    async def story() -> None:
        settings = LiveSettings(mjpeg_max_of_agency=1, max_viewers_of_agency=2)
        async with viewing(endless, settings) as here:
            streams = [await here.live.pictures(FRONT, of("an", "pc07"))]
            with pytest.raises(CapacityExceeded, match="1 of one agency are sent pictures"):
                await here.live.pictures(FRONT, of("binh", "pc07", "csgt"))
            for name, agencies in (("chi", ("csgt",)), ("le", ()), ("la", ())):
                streams.append(await here.live.pictures(FRONT, of(name, *agencies)))
            with pytest.raises(CapacityExceeded, match="2 of one agency watch"):
                await here.live.pictures(FRONT, of("binh", "pc07", "csgt"))
            for stream in streams:
                await anext(stream)
                await stream.aclose()  # type: ignore[attr-defined]

    run(story)


def test_who_takes_no_pictures_any_more_is_dropped(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, LiveSettings(sweep_s=0.05, silent_after_s=0.3)) as here:
            pictures = await here.live.pictures(FRONT, watcher())
            await anext(pictures)

            async def is_dropped() -> bool:
                return (await here.count()).lookers == 0

            await until(is_dropped)

    run(story)
