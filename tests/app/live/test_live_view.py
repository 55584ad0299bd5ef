"""Who watches, for how long, and what ends it; cameras in memory, a real WebRTC peer."""

import asyncio
import threading

import pytest

from tests.app.live.conftest import EndlessCamera
from tests.app.live.watching import (
    FRONT,
    WITHIN_S,
    needs_address,
    run,
    still_once_open,
    until,
    viewing,
    watcher,
)
from tests.ingest.fake_source import synthetic_packets
from thapcanh.app.live.live_sessions import ViewerCount
from thapcanh.app.live.offer import BadOffer
from thapcanh.app.live.process import media_server
from thapcanh.app.live.process.signalling import LiveSignalling, LiveStatus
from thapcanh.app.live.refusals import CapacityExceeded, LiveStopping, PictureUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.errors import Ended


@needs_address
def test_viewers_share_one_connection_and_it_closes_after_the_last(
    endless: EndlessCamera,
) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            one, two = here.peer(), here.peer()
            first = await one.watch(here.live, watcher("an"))
            second = await two.watch(here.live, watcher("binh"))
            await asyncio.gather(one.frames(5), two.frames(5))
            assert endless.opened == 1
            assert (await here.count()).viewers == 2
            assert await here.live.leave("front", first, "an")
            assert not await here.live.leave("front", first, "an")
            await two.frames(5)
            assert endless.open_now == 1
            assert await here.live.leave("front", second, "binh")

            async def is_closed() -> bool:
                return endless.open_now == 0

            await until(is_closed)
            assert await here.count() == ViewerCount(
                viewers=0, lookers=0, cameras=0, sent=0, lost=0
            )

    run(story)


@needs_address
def test_only_the_session_that_watches_may_end_it(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            viewer_id = await here.peer().watch(here.live, watcher("an"))
            assert not await here.live.leave("front", viewer_id, "binh")
            assert not await here.live.leave("back", viewer_id, "an")
            assert (await here.count()).viewers == 1

    run(story)


@needs_address
def test_a_viewer_that_vanishes_is_dropped(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, LiveSettings(sweep_s=0.05, silent_after_s=2.0)) as here:
            peer = here.peer()
            await peer.watch(here.live, watcher())
            await peer.frames(3)
            # a browser that crashed says nothing: its sockets are gone, without a goodbye
            for transport in peer.connection._RTCPeerConnection__iceTransports:  # type: ignore[attr-defined]
                for protocol in transport._connection._protocols:
                    protocol.transport.close()

            async def is_dropped() -> bool:
                return (await here.count()).viewers == 0

            await until(is_dropped)

    run(story)


@needs_address
def test_a_browser_that_never_connects_is_given_up(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, LiveSettings(sweep_s=0.05, connect_within_s=0.3)) as here:
            await here.live.watch(FRONT, await here.peer().offer(), watcher())

            async def is_dropped() -> bool:
                return (await here.count()).viewers == 0

            await until(is_dropped)
            assert endless.opened == 1, "it was a viewer: the camera was opened for it"

    run(story)


@needs_address
def test_who_is_no_longer_welcome_is_ended(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            welcome = threading.Event()
            welcome.set()
            await here.peer().watch(here.live, watcher("an", welcome.is_set))
            await here.peer().watch(here.live, watcher("binh"))
            pictures = await here.live.pictures(FRONT, watcher("an", welcome.is_set))
            await anext(pictures)
            welcome.clear()

            async def is_alone() -> bool:
                counted = await here.count()
                return (counted.viewers, counted.lookers) == (1, 0)

            await until(is_alone)
            assert [picture async for picture in pictures] == []
            await here.live.end_session("binh")

            async def is_empty() -> bool:
                return (await here.count()).viewers == 0

            await until(is_empty)

    run(story)


@needs_address
def test_a_camera_that_moves_or_goes_ends_its_viewers(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            await here.peer().watch(here.live, watcher())
            pictures = await here.live.pictures(FRONT, watcher())
            await anext(pictures)
            elsewhere = SecretUrl("rtsp://10.0.0.2/front")
            here.site = Site(cameras=(FRONT.model_copy(update={"source": elsewhere}),))

            async def is_empty() -> bool:
                counted = await here.count()
                return (counted.viewers, counted.lookers, counted.cameras) == (0, 0, 0)

            await until(is_empty)
            assert [picture async for picture in pictures] == []

    run(story)


@needs_address
def test_room_is_bounded_for_all_and_for_one_session(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            for _ in range(2):
                await here.peer().watch(here.live, watcher("an"))
            await here.live.pictures(FRONT, watcher("an"))
            with pytest.raises(CapacityExceeded, match="one session"):
                await here.peer().watch(here.live, watcher("an"))
            await here.peer().watch(here.live, watcher("binh"))
            with pytest.raises(CapacityExceeded, match="4 watch"):
                await here.live.pictures(FRONT, watcher("chi"))
            assert (await here.count()).viewers == 3

    run(story)


def test_a_camera_for_which_there_is_no_room_is_refused() -> None:
    async def story() -> None:
        camera = EndlessCamera(synthetic_packets(15, codec="mjpeg"))
        async with viewing(camera, LiveSettings(max_transcoded=1, still_within_s=0.3)) as here:
            back = FRONT.model_copy(update={"id": "back"})
            await still_once_open(here.live, FRONT)
            with pytest.raises(PictureUnavailable, match="no_room_to_transcode"):
                await still_once_open(here.live, back)
            with pytest.raises(CapacityExceeded, match="1 cameras are transcoded"):
                await here.live.pictures(back, watcher())

    run(story)


def test_offers_that_cannot_be_answered_are_refused_and_leave_nothing(
    endless: EndlessCamera,
) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            good = await here.peer().offer()
            no_h264 = await here.peer().offer("video/VP8")
            garbled = good.replace("a=setup:actpass", "a=setup:???").replace("a=mid:0", "")
            broken = good.replace("RTP/SAVPF", "RTP/SAVPF abc")
            for offer in ("", "x", no_h264, garbled, broken):
                with pytest.raises(BadOffer):
                    await here.live.watch(FRONT, offer, watcher())
            assert (await here.count()).viewers == 0

    run(story)


def test_after_closing_nothing_begins_and_closing_again_is_nothing(
    endless: EndlessCamera,
) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            pictures = await here.live.pictures(FRONT, watcher())
            await anext(pictures)
            here.live.end_streams()
            assert [picture async for picture in pictures] == []
            await here.live.close()
            await here.live.close()
            await here.live.end_session("an")
            with pytest.raises(LiveStopping):
                await here.live.still(FRONT)
            with pytest.raises(LiveStopping):
                await here.live.watch(FRONT, "v=0", watcher())

    run(story)


def test_a_still_that_is_awaited_ends_with_the_centre(endless: EndlessCamera) -> None:
    """The web server cuts what is in work after some seconds, with a trace in the log."""

    async def story() -> None:
        endless.failure = Ended("rtsp://10.0.0.1/front")
        async with viewing(endless, LiveSettings(still_within_s=WITHIN_S)) as here:
            asked = asyncio.create_task(here.live.still(FRONT))

            async def is_awaited() -> bool:
                return here.process.is_up and (await here.count()).cameras == 1

            await until(is_awaited)
            here.live.end_streams()
            with pytest.raises(LiveStopping):
                await asked

    run(story)


def test_without_the_centres_word_everybody_ends(
    endless: EndlessCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A centre that stands still asks nobody's rights: what it let in is not shown for long."""

    async def stands_still(_: LiveSignalling) -> None:
        return

    async def story() -> None:
        monkeypatch.setattr(media_server, "LEASE_S", 0.5)
        monkeypatch.setattr(LiveSignalling, "_round", stands_still)
        async with viewing(endless) as here:
            await here.live.pictures(FRONT, watcher())

            async def is_empty() -> bool:
                return (await here.count()).lookers == 0

            await until(is_empty)

    run(story)


def test_a_live_view_that_nobody_used_has_nothing_to_close(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless) as here:
            assert here.live.status == LiveStatus()
            await here.live.end_session("an")
            here.live.end_streams()

    run(story)
