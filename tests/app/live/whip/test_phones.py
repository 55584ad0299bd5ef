"""A peer that sends as a phone does, seen by viewers like any camera."""

import asyncio
from dataclasses import replace

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

from tests.app.live.conftest import EndlessCamera
from tests.app.live.watching import (
    Peer,
    Viewing,
    needs_address,
    run,
    still_once_open,
    until,
    viewing,
    watcher,
)
from thapcanh.app.live.offer import BadOffer
from thapcanh.app.live.refusals import PictureUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.live.whip.phone_links import PhoneLink, PhoneLinkOptions
from thapcanh.config.camera import CameraConfig
from thapcanh.ingest.clock import SystemClock

SETTINGS = LiveSettings(sweep_s=0.05, linger_s=0.4, still_within_s=8.0)
# A phone that is gone is known soon; on a loaded machine, viewers that are well are silent so long.
QUICK_TO_GIVE_UP = replace(SETTINGS, silent_after_s=1.5)


def link_of(here: Viewing, lasts_s: float = 60.0) -> PhoneLink:
    ends_at = SystemClock().utc() + lasts_s
    order = PhoneLinkOptions(name="Tổ 3", made_by="an", agency=None, area=None, ends_at=ends_at)
    return here.live.links.make(order)[0]


async def publish(here: Viewing, link: PhoneLink) -> tuple[RTCPeerConnection, str]:
    """A phone that sends aiortc's moving test picture, 640x480."""
    phone = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    phone.addTrack(VideoStreamTrack())
    await phone.setLocalDescription(await phone.createOffer())
    publisher_id, answer = await here.live.publish(link, phone.localDescription.sdp)
    await phone.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    return phone, publisher_id


async def watch(here: Viewing, camera: CameraConfig) -> Peer:
    peer = here.peer()
    answer = await here.live.watch(camera, await peer.offer(), watcher())
    described = RTCSessionDescription(sdp=answer.sdp, type="answer")
    await peer.connection.setRemoteDescription(described)
    return peer


@needs_address
def test_a_phone_is_watched_like_a_camera_until_it_stops(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, SETTINGS) as here:
            link = link_of(here)
            phone, publisher_id = await publish(here, link)
            assert here.live.sending() == [link]
            peer = await watch(here, link.camera)
            await peer.frames(10)
            picture = await here.live.still(link.camera)
            assert (picture.width, picture.height) == (640, 480)
            assert not await here.live.end_publishing(link.camera.id, "another")
            assert await here.live.end_publishing(link.camera.id, publisher_id)
            assert here.live.sending() == []
            assert endless.opened == 0
            await phone.close()

    run(story)


@needs_address
def test_a_phone_may_come_back_and_viewers_stay(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, SETTINGS) as here:
            link = link_of(here)
            first, _ = await publish(here, link)
            peer = await watch(here, link.camera)
            await peer.frames(5)
            second, _ = await publish(here, link)
            await peer.frames(40)
            for phone in (first, second):
                await phone.close()

    run(story)


@needs_address
@pytest.mark.parametrize("ending", ["its time", "an officer", "silence"])
def test_sending_ends_with_the_link_or_the_phone(endless: EndlessCamera, ending: str) -> None:
    async def story() -> None:
        async with viewing(endless, QUICK_TO_GIVE_UP) as here:
            link = link_of(here, lasts_s=1.0 if ending == "its time" else 60.0)
            phone, _ = await publish(here, link)
            if ending == "an officer":
                here.live.links.end(link.id)
            if ending == "silence":
                await here.live.still(link.camera)
                await phone.close()

            async def is_over() -> bool:
                return not here.live.is_sending(link)

            await until(is_over)
            await phone.close()

    run(story)


def test_a_phone_that_does_not_send_gives_no_picture(endless: EndlessCamera) -> None:
    async def story() -> None:
        async with viewing(endless, LiveSettings(still_within_s=0.3)) as here:
            link = link_of(here)
            with pytest.raises(PictureUnavailable, match="unreachable"):
                await still_once_open(here.live, link.camera)
            with pytest.raises(BadOffer):
                await here.live.publish(link, "v=0")
            receiving = await here.peer().offer()
            with pytest.raises(BadOffer, match="sends no video"):
                await here.live.publish(link, receiving.replace("a=recvonly", "a=inactive"))
            assert not here.live.is_sending(link)
            await asyncio.sleep(0)

    run(story)
