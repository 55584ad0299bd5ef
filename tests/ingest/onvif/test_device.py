"""What cameras say by ONVIF, asked over the network: `ipycam`, and a camera of our own."""

import asyncio
import contextlib
import http.server
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from tests.ingest.onvif.ipycam_camera import running_ipycam
from tests.ingest.onvif.scripted_camera import (
    Handler,
    ScriptedCamera,
    enveloped,
    fault,
    scripted_camera,
    send,
)
from thapcanh.ingest.errors import CameraRefused, NotOnvif, Unanswered, Unauthorized
from thapcanh.ingest.onvif import device, transport
from thapcanh.ingest.onvif.device import describe, normal_mac, set_keyframe_interval
from thapcanh.ingest.onvif.records import OnvifDescription, OnvifLogin


@pytest.fixture
def camera() -> Iterator[ScriptedCamera]:
    with scripted_camera() as running:
        yield running


def _described(login: OnvifLogin) -> OnvifDescription:
    return asyncio.run(describe(login))


def test_ipycam_tells_who_it_is_and_what_it_streams_behind_its_login() -> None:
    with running_ipycam(rtsp_port=8554) as camera:
        found = _described(camera.login)
        for login in (replace(camera.login, password="sai"), replace(camera.login, user="")):
            with pytest.raises(Unauthorized, match="correct the user and the password"):
                _described(login)
    assert (found.facts.manufacturer, found.facts.model) == ("PythonCam", "VirtualCam-1")
    assert found.facts.clock_ahead_s is not None
    assert abs(found.facts.clock_ahead_s) < 30
    assert found.watched is not None
    assert (found.watched.stream, found.watched.width) == (
        "rtsp://127.0.0.1:8554/video_sub", 640,
    )  # fmt: skip
    assert found.shown is not None
    assert (found.shown.token, found.shown.turns) == ("Profile_Main", True)


def test_streams_are_chosen_and_shown_at_the_address_that_was_asked(camera: ScriptedCamera) -> None:
    camera.clock_ahead_s = 3600.0
    found = _described(camera.login)
    assert 3500 < (found.facts.clock_ahead_s or 0) < 3700
    assert found.facts.mac == "00:1a:2b:3c:4d:5e"
    assert found.watched is not None
    assert found.watched.token == "sub"
    assert found.watched.keyframe_interval_s == 4.0
    assert found.watched.stream == "rtsp://127.0.0.1:8554/live?channel=1"
    assert found.shown is not None
    assert found.shown.token == "main"


def test_requests_are_signed_by_the_cameras_own_clock(camera: ScriptedCamera) -> None:
    camera.clock_ahead_s = 86_400.0 * 365
    _described(camera.login)
    body = dict(camera.asked)["GetProfiles"]
    year = time.gmtime(time.time() + camera.clock_ahead_s).tm_year
    created = re.search(r"Created[^>]*>(\d{4})-", body)
    assert created is not None
    assert int(created[1]) == year
    assert ">kin<" not in body


def test_the_keyframe_interval_is_set_and_told_as_the_camera_then_has_it(
    camera: ScriptedCamera,
) -> None:
    set_to = asyncio.run(set_keyframe_interval(camera.login, "sub", 1.0))
    assert (camera.gov_length, set_to.keyframe_interval_s) == (25, 1.0)
    bounded = asyncio.run(set_keyframe_interval(camera.login, "sub", 10.0))
    assert bounded.keyframe_interval_s == 2.4
    with pytest.raises(CameraRefused, match="no profile 'other'"):
        asyncio.run(set_keyframe_interval(camera.login, "other", 1.0))
    camera.answers["SetVideoEncoderConfiguration"] = fault("read only")
    with pytest.raises(CameraRefused, match="read only"):
        asyncio.run(set_keyframe_interval(camera.login, "sub", 1.0))


def test_a_camera_cannot_lead_to_another_address(camera: ScriptedCamera) -> None:
    with scripted_camera("127.0.0.2") as other:
        own = camera.address
        camera.address = other.address  # what its list of services says
        login = OnvifLogin(service=f"{own}/onvif/device_service", user="an", password="kin")
        assert _described(login).profiles

        def redirect(handler: Handler, body: str) -> None:
            send(handler, b"", 307, Location=f"{other.address}/onvif/media")

        camera.answers["GetProfiles"] = redirect
        with pytest.raises(CameraRefused, match="redirects"):
            _described(login)
        assert other.asked == []


def _endless(handler: Handler, body: str) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"<x>" * 10_000)
    except OSError:
        handler.close_connection = True


def _content(
    content: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[[Handler, str], None]:
    return lambda handler, _: send(handler, content, status, **(headers or {}))


_ENTITIES = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]>' + enveloped(
    "<tds:A>&c;</tds:A>"
)


@pytest.mark.parametrize(
    "answer",
    [
        _content(b""), _content(b"<html>hello"), _content(b"\x00\xff" * 5000),
        _content(b"{}", 500), _content(_ENTITIES), _content(_ENTITIES.decode().encode("utf-16")),
        _content(b'<?xml version="1.0" encoding="UTF-7"?>' + enveloped("")),
        _content(b"<a>" * 50_000 + b"</a>" * 50_000),
        _content(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
        _content(enveloped("<tds:Other/>")), _content(enveloped("")), _content(b"<a/>"), _endless,
        _content(enveloped('<trt:GetProfilesResponse><trt:Profiles token="a">zz</trt:Profiles>'
                           "<trt:Nonsense/></trt:GetProfilesResponse>")[:-9] + b">"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["GetSystemDateAndTime", "GetProfiles"])
def test_nonsense_is_one_clear_error(
    camera: ScriptedCamera, operation: str, answer: Callable[[Handler, str], None]
) -> None:
    camera.answers[operation] = answer
    with contextlib.suppress(NotOnvif, CameraRefused):  # anything else fails the test
        found = _described(camera.login)
        assert found.profiles == () or operation == "GetSystemDateAndTime"


def test_who_trickles_or_says_nothing_is_left_in_time(
    camera: ScriptedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trickle(handler: http.server.BaseHTTPRequestHandler, body: str) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" ")
                time.sleep(0.02)
        except OSError:
            handler.close_connection = True

    monkeypatch.setattr(transport, "ANSWER_WITHIN_S", 0.5)
    camera.answers["GetProfiles"] = trickle
    with pytest.raises(Unanswered, match="no whole answer"):
        _described(camera.login)
    monkeypatch.setattr(transport, "ANSWER_WITHIN_S", 30.0)
    monkeypatch.setattr(device, "ERRAND_WITHIN_S", 0.5)
    with pytest.raises(Unanswered, match="did not tell all"):
        _described(camera.login)


def test_a_password_stands_in_no_error_and_no_text_of_a_login(camera: ScriptedCamera) -> None:
    assert "kin" not in repr(camera.login)
    camera.answers["GetDeviceInformation"] = fault("x" * 5000, "ter:NotAuthorized")
    with pytest.raises(Unauthorized) as raised:
        _described(camera.login)
    assert "kin" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "mac"),
    [("001A2B3C4D5E", "00:1a:2b:3c:4d:5e"), ("00:1a", None), ("zz:1a:2b:3c:4d:5e", None)],
)
def test_a_mac_has_one_form(text: str, mac: str | None) -> None:
    assert normal_mac(text) == mac
