"""Events by PullPoint from a camera that is built on the official WSDL, and from a bad one."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.ingest.onvif.event_camera import EventCamera, event_camera
from tests.ingest.onvif.scripted_camera import Handler, enveloped, fault, send
from thapcanh.ingest.errors import CameraRefused, NotOnvif, SourceError, Unanswered, Unauthorized
from thapcanh.ingest.onvif.event_topics import MOST_MESSAGES, OnvifEventKind
from thapcanh.ingest.onvif.pull_point import REQUESTED_FOR_S, PullPoint, Waits, pull_point

MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"
INPUT = "tns1:Device/Trigger/DigitalInput"
CROSSED = "tns1:RuleEngine/LineDetector/Crossed"
Deed = Callable[[PullPoint], Awaitable[Any]]


@pytest.fixture
def camera() -> Iterator[EventCamera]:
    with event_camera() as running:
        yield running


def _done(camera: EventCamera, deed: Deed, waits: Waits | None = None) -> Any:
    async def do() -> Any:
        async with pull_point(camera.login, waits) as point:
            return await deed(point)

    return asyncio.run(do())


def test_what_happens_comes_and_the_subscription_is_given_back(camera: EventCamera) -> None:
    camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})

    async def deed(point: PullPoint) -> list[Any]:
        said = [await point.pull()]
        camera.happen(MOTION, {"Rule": "MyMotion"}, {"IsMotion": "true"})
        camera.happen(CROSSED, {"Rule": "gate"}, {"ObjectId": "7"}, None)
        camera.happen("tns1:Device/Trigger/Relay", {"RelayToken": "1"}, {"LogicalState": "active"})
        said.append(await point.pull())
        assert len(camera.subscriptions) == 1
        return said

    before, after = _done(camera, deed)
    assert [(one.source, one.is_active, one.is_initial) for one in before.events] == [
        ("1", True, True)
    ]
    assert [(one.kind, one.is_active) for one in after.events] == [
        (OnvifEventKind.MOTION, True), (OnvifEventKind.LINE_CROSSED, None),
    ]  # fmt: skip
    assert after.others == 1
    assert camera.subscriptions == {}


def test_it_is_given_back_when_the_listener_is_broken_off(camera: EventCamera) -> None:
    async def broken_off() -> None:
        listening = asyncio.Event()

        async def listen() -> None:
            async with pull_point(camera.login) as point:
                listening.set()
                await point.pull()

        task = asyncio.create_task(listen())
        await listening.wait()
        while "PullMessages" not in camera.camera.operations():
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(broken_off())
    assert camera.subscriptions == {}


@pytest.mark.parametrize("ahead_s", [0.0, -86_400.0 * 9000, 86_400.0 * 4000])
def test_times_are_durations_whatever_the_cameras_clock_says(
    camera: EventCamera, ahead_s: float
) -> None:
    camera.camera.clock_ahead_s = ahead_s

    async def deed(point: PullPoint) -> None:
        point._renew_at = 0.0  # as after half of what was granted
        camera.happen(MOTION, {"Rule": "m"}, {"IsMotion": "1"})
        assert len((await point.pull()).events) == 1

    _done(camera, deed)
    assert camera.asked_until == ["PT60S", "PT60S"]
    assert camera.renewed == 1


def test_a_camera_that_makes_nothing_of_a_duration_is_told_a_moment_of_its_own_clock(
    camera: EventCamera,
) -> None:
    camera.camera.clock_ahead_s, camera.knows_durations = 86_400.0 * 400, False
    camera.longest_s, camera.keeps_s = 0.0, 60.0

    async def deed(point: PullPoint) -> float:
        now = asyncio.get_running_loop().time()
        assert point._renew_at - now <= 5.0
        point._renew_at = 0.0
        await point.pull()
        return point._renew_at - asyncio.get_running_loop().time()

    renewed_in_s = _done(camera, deed)
    assert camera.asked_until[1].startswith(str(time.gmtime(time.time() + 86_400 * 400).tm_year))
    assert REQUESTED_FOR_S / 4 < renewed_in_s <= REQUESTED_FOR_S


@pytest.mark.parametrize(
    "given",
    ["http://192.168.1.108/onvif/subscription/", "http://0.0.0.0:80/onvif/subscription/",
     "http://169.254.169.254/onvif/subscription/", "http://[::]/onvif/subscription/"],
)  # fmt: skip
def test_a_subscription_elsewhere_is_asked_for_at_the_cameras_own_host(
    camera: EventCamera, given: str
) -> None:
    camera.reference = lambda address: given + address.rpartition("/")[2]
    camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
    assert len(_done(camera, PullPoint.pull).events) == 1
    assert camera.subscriptions == {}


def test_what_a_camera_knows_a_subscription_by_is_sent_back(camera: EventCamera) -> None:
    camera.parameters = ('<a:SubscriptionId xmlns:a="http://www.axis.com/2009/event">17</a:'
                         "SubscriptionId>", f"<big>{'x' * 5000}</big>")  # fmt: skip
    camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
    _done(camera, PullPoint.pull)
    (header,) = camera.heard_headers
    assert 'IsReferenceParameter="true">17</' in header
    assert "xxxx" not in header


def test_a_camera_that_has_no_more_subscriptions_or_none_at_all_says_so(
    camera: EventCamera,
) -> None:
    camera.most = 0
    with pytest.raises(CameraRefused, match="max subscriptions"):
        _done(camera, PullPoint.pull)
    camera.camera.events = False
    with pytest.raises(CameraRefused, match="no events service"):
        _done(camera, PullPoint.pull)


def test_a_subscription_that_is_lost_is_an_error(camera: EventCamera) -> None:
    async def deed(point: PullPoint) -> None:
        camera.lose_subscriptions()
        await point.pull()

    with pytest.raises(CameraRefused, match="no such subscription"):
        _done(camera, deed)


def test_who_waits_for_shorter_is_asked_for_shorter(camera: EventCamera) -> None:
    camera.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})

    def picky(handler: Handler, body: str) -> None:
        if "PT20S" in body:
            send(handler, enveloped(fault("timeout is too long")), 400)
        else:
            camera.pull(handler, body)

    camera.camera.answers["PullMessages"] = picky
    assert len(_done(camera, PullPoint.pull).events) == 1


def _dripping(handler: Handler, _: str) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)


_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]>' + enveloped("&c;")
_XXE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>' + enveloped("&b;")


@pytest.mark.parametrize("operation", ["CreatePullPointSubscription", "PullMessages"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda handler, _: send(handler, b"<html>"), NotOnvif),
        (lambda handler, _: send(handler, _LAUGHS), NotOnvif),
        (lambda handler, _: send(handler, _XXE), NotOnvif),
        (lambda handler, _: send(handler, b" " * (2 << 20)), NotOnvif),
        (lambda handler, _: send(handler, b"", 401), Unauthorized),
        (lambda handler, _: send(handler, b"", 302, Location="http://10.0.0.1/"), CameraRefused),
        (_dripping, Unanswered),
    ],
)  # fmt: skip
def test_a_bad_answer_is_one_clear_error(
    camera: EventCamera, operation: str, answer: Any, error: type[SourceError]
) -> None:
    camera.camera.answers[operation] = answer
    waits = Waits(open_s=2.0, pull_s=0.1, answer_s=0.3)
    with pytest.raises(error) as raised:
        _done(camera, PullPoint.pull, waits)
    assert "\n" not in str(raised.value)
    assert "kin" not in str(raised.value)


@pytest.mark.parametrize("answer", ["", "<tev:x xmlns:tev='u'/>", "<s:Header/>"])
def test_an_answer_without_an_address_is_none(camera: EventCamera, answer: str) -> None:
    camera.camera.answers["CreatePullPointSubscription"] = answer
    with pytest.raises((NotOnvif, CameraRefused)):
        _done(camera, PullPoint.pull)


def test_a_flood_is_taken_a_bounded_part_at_a_time(camera: EventCamera) -> None:
    async def deed(point: PullPoint) -> int:
        for number in range(400):
            camera.happen(MOTION, {"Rule": "m"}, {"IsMotion": str(number % 2)})
        return len((await point.pull()).events)

    assert _done(camera, deed) <= MOST_MESSAGES


def test_messages_that_take_long_to_read_are_not_read(camera: EventCamera) -> None:
    camera.camera.answers["PullMessages"] = f"<!--{'x' * (300 << 10)}-->"
    with pytest.raises(NotOnvif, match="larger than 256 KiB"):
        _done(camera, PullPoint.pull)


def test_a_wrong_password_is_named(camera: EventCamera) -> None:
    refused = fault("Sender not Authorized", "ter:NotAuthorized")
    camera.camera.answers["CreatePullPointSubscription"] = refused
    wrong = replace(camera.login, password="sai-bét")

    async def do() -> None:
        async with pull_point(wrong):
            pass

    with pytest.raises(Unauthorized) as raised:
        asyncio.run(do())
    assert "sai-bét" not in str(raised.value)
