"""Cameras turned over the network: `ipycam`, and a camera of our own where it misbehaves."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from onvif import ONVIFService

from tests.ingest.onvif.ipycam_camera import running_ipycam
from tests.ingest.onvif.scripted_camera import Handler, ScriptedCamera, fault, scripted_camera, send
from thapcanh.ingest.errors import CameraRefused, NotOnvif, SourceError, Unanswered, Unreachable
from thapcanh.ingest.onvif import ptz
from thapcanh.ingest.onvif.ptz import (
    LONGEST_TOKEN,
    MOST_PRESETS,
    Preset,
    PtzSession,
    Velocity,
    ptz_session,
)
from thapcanh.ingest.onvif.records import OnvifLogin

Deed = Callable[[PtzSession], Awaitable[Any]]


@pytest.fixture
def camera() -> Iterator[ScriptedCamera]:
    with scripted_camera() as running:
        yield running


def _done(login: OnvifLogin, deed: Deed) -> Any:
    async def do() -> Any:
        async with ptz_session(login) as session:
            return await deed(session)

    return asyncio.run(do())


def test_ipycam_is_turned_zoomed_stopped_and_sent_to_its_presets() -> None:
    with running_ipycam() as camera:
        kept = camera.ptz.presets
        for token, pan in (("1", 0.5), ("2", -0.5)):
            kept[token] = type("P", (), {"token": token, "name": f"Góc <{token}>", "pan": pan,
                                         "tilt": 0.25, "zoom": 0.5})()  # fmt: skip

        async def deed(session: PtzSession) -> list[Any]:
            said: list[Any] = [await session.presets()]
            await session.move(Velocity(pan=0.4, tilt=-0.2, zoom=0.1), 2.0)
            speed = camera.ptz.velocity
            said.append((speed.pan_speed, speed.tilt_speed, speed.zoom_speed))
            await session.stop()
            said.append((speed.pan_speed, speed.tilt_speed, speed.zoom_speed))
            await session.go_to_preset("2")
            said.append((camera.ptz.state.pan, camera.ptz.state.zoom))
            await session.go_home()
            said.append((camera.ptz.state.pan, camera.ptz.state.zoom))
            return said

        presets, moving, still, there, home = _done(camera.login, deed)
    assert presets[-2:] == (
        Preset(token="1", name="Góc <1>"), Preset(token="2", name="Góc <2>"),
    )  # fmt: skip
    assert (moving, still) == ((0.4, -0.2, 0.1), (0.0, 0.0, 0.0))
    assert (there, home) == ((-0.5, 0.5), (0.0, 0.0))


def test_a_move_tells_the_camera_when_to_stop_by_itself(camera: ScriptedCamera) -> None:
    async def deed(session: PtzSession) -> list[bool | None]:
        await session.move(Velocity(zoom=-1.0), 2.0)
        moving = [await session.is_moving()]
        await session.stop()
        return [*moving, await session.is_moving()]

    assert _done(camera.login, deed) == [True, False]
    body = dict(camera.asked)["ContinuousMove"]
    assert "PT2S" in body
    assert "PanTilt" not in body  # a camera that only zooms refuses a whole velocity
    assert "main" in body


def test_a_camera_that_does_not_turn_says_so_in_one_line(camera: ScriptedCamera) -> None:
    camera.answers["GetProfiles"] = "<trt:GetProfilesResponse/>"
    with pytest.raises(CameraRefused, match="no profile that turns; switch PTZ on"):
        _done(camera.login, PtzSession.presets)


def test_a_slow_reading_of_our_own_files_is_not_taken_for_a_slow_camera(
    camera: ScriptedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = ONVIFService.setup

    async def slow(service: ONVIFService) -> None:
        await asyncio.sleep(0.3 if "ptz" in service.url else 0.0)
        await setup(service)

    monkeypatch.setattr(ONVIFService, "setup", slow)

    async def deed(session: PtzSession) -> tuple[Preset, ...]:
        monkeypatch.setattr(ptz, "COMMAND_WITHIN_S", 0.25)
        return await session.presets()

    camera.answers["GetPresets"] = "<tptz:GetPresetsResponse/>"
    assert _done(camera.login, deed) == ()


def test_a_refusal_and_nonsense_are_one_line_and_the_session_goes_on(
    camera: ScriptedCamera,
) -> None:
    camera.answers["GotoPreset"] = fault("no such preset")
    camera.answers["GetPresets"] = lambda handler, _: send(handler, b"<html>", 200)

    async def deed(session: PtzSession) -> list[str]:
        lines = []
        for failing in (session.go_to_preset("9"), session.presets()):
            with pytest.raises(SourceError) as error:
                await failing
            lines.append(str(error.value))
        await session.stop()
        return lines

    refused, nonsense = _done(camera.login, deed)
    assert "no such preset" in refused
    assert "not XML" in nonsense
    assert "\n" not in refused + nonsense
    assert camera.operations()[-1] == "Stop"


def test_a_command_that_is_answered_for_ever_is_given_up(
    camera: ScriptedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ptz, "COMMAND_WITHIN_S", 0.2)

    def dripping(handler: Handler, _: str) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b" ")
                time.sleep(0.02)

    camera.answers["Stop"] = dripping
    with pytest.raises(Unanswered, match="did not answer Stop"):
        _done(camera.login, PtzSession.stop)


def test_opening_is_bounded_as_a_whole(
    camera: ScriptedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ptz, "OPEN_WITHIN_S", 0.2)
    camera.answers["GetProfiles"] = lambda *_: time.sleep(1.0)
    with pytest.raises(Unanswered, match="did not answer its services"):
        _done(camera.login, PtzSession.stop)


def test_presets_are_bounded_and_what_is_no_token_is_left_out(camera: ScriptedCamera) -> None:
    tokens = ["", "a" * (LONGEST_TOKEN + 1), *map(str, range(MOST_PRESETS + 50))]
    listed = "".join(f'<tptz:Preset token="{one}"/>' for one in tokens)
    camera.answers["GetPresets"] = f"<tptz:GetPresetsResponse>{listed}</tptz:GetPresetsResponse>"
    found = _done(camera.login, PtzSession.presets)
    assert len(found) == MOST_PRESETS - 2
    assert found[0] == Preset(token="0", name="0")


def test_who_does_not_say_whether_it_moves_is_not_believed_to_stand(
    camera: ScriptedCamera,
) -> None:
    camera.answers["GetStatus"] = (
        "<tptz:GetStatusResponse><tptz:PTZStatus><tt:UtcTime>2026-01-01T00:00:00Z</tt:UtcTime>"
        "</tptz:PTZStatus></tptz:GetStatusResponse>"
    )
    assert _done(camera.login, PtzSession.is_moving) is None


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises((Unreachable, NotOnvif)):
        _done(OnvifLogin(service="http://127.0.0.1:9/onvif/device_service"), PtzSession.stop)
