"""A camera turned over HTTP: who may, what is told to whom, and what stands in the log."""

import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from alerts.archive.models.alerts import action_log
from alerts.lifecycle.roles import DataFilter, Role
from config.camera import CameraConfig, OnvifLink
from config.secret import SecretUrl
from config.site import OnvifConfig
from tests.app.api.centre import Centre, Desk
from tests.ingest.onvif.scripted_camera import ScriptedCamera, scripted_camera
from tests.patience import patient

PATH = "/api/v1/cameras/gate/ptz"


@pytest.fixture
def camera(centre: Centre) -> Iterator[ScriptedCamera]:
    """A camera of the fire police that turns."""
    with scripted_camera() as running:
        gate = CameraConfig(
            id="gate",
            name="Cổng",
            source=SecretUrl("rtsp://an:kin@127.0.0.1/sub"),
            agency="pc07",
            ptz=True,
            onvif=OnvifLink(service=running.login.service),
        )
        site = centre.site()
        allowed = OnvifConfig(networks=(IPv4Network("127.0.0.1/32"),))
        changes = {"cameras": (*site.cameras, gate), "onvif": allowed}
        centre.site.replace(site.model_copy(update=changes))
        yield running


def _call(desk: Desk, method: str, what: str, **body: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    json = body or ({} if method == "PUT" else None)
    return desk.request(method, f"{PATH}{what}", json=json, headers=headers)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + patient(5)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _logged(centre: Centre) -> list[tuple[str, str, str]]:
    columns = (action_log.c.actor, action_log.c.action, action_log.c.object_id)
    mine = sa.select(*columns).where(action_log.c.action.like("ptz_%"))
    with centre.archive.database.reading() as connection:
        return [tuple(row) for row in connection.execute(mine.order_by(action_log.c.seq))]


def test_an_officer_turns_it_and_it_is_written_down(
    centre: Centre, camera: ScriptedCamera, desk_of: Callable[..., Desk]
) -> None:
    desk = desk_of("an", Role.OPERATOR)
    refused = _call(desk, "POST", "/move", pan=1.0)
    assert (refused.status_code, refused.json()["error"]) == (409, "ptz_no_lease")
    taken = _call(desk, "PUT", "/lease").json()
    assert (taken["holder"]["mine"], taken["position"]) == (True, "home")
    _until(lambda: _call(desk, "GET", "").json()["presets"])
    assert _call(desk, "POST", "/move", pan=0.5, tilt=-0.5).status_code == 202
    _until(lambda: camera.moving)
    assert _call(desk, "POST", "/stop").status_code == 202
    _until(lambda: _call(desk, "GET", "").json()["motion"] == "still")
    centre.clock.at += 2.0
    assert _call(desk, "POST", "/go", preset="2").status_code == 202
    _until(lambda: dict(camera.asked).get("GotoPreset"))
    assert _call(desk, "DELETE", "/lease").status_code == 204
    expected = ["ptz_taken", "ptz_moved", "ptz_preset", "ptz_ended"]
    _until(lambda: len(_logged(centre)) == len(expected))
    assert _logged(centre) == [("an", action, "gate") for action in expected]


@pytest.mark.usefixtures("camera")
def test_others_are_told_who_has_it_as_far_as_they_may_know(desk_of: Callable[..., Desk]) -> None:
    an, binh = desk_of("an", Role.OPERATOR), desk_of("binh", Role.OPERATOR)
    chief, viewer = desk_of("chi", Role.LEADER), desk_of("xem", Role.VIEWER)
    assert _call(an, "PUT", "/lease").status_code == 200
    refused = _call(binh, "PUT", "/lease", take_over=True)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Đồng chí an đang điều khiển camera này."
    shown = _call(viewer, "GET", "").json()["holder"]
    assert (shown["name"], shown["may_take_over"]) == (None, False)
    assert _call(chief, "GET", "").json()["holder"]["may_take_over"]
    assert _call(chief, "PUT", "/lease", take_over=True).json()["holder"]["mine"]
    assert _call(an, "POST", "/stop").json()["error"] == "ptz_held"
    assert _call(an, "DELETE", "/lease").status_code == 204  # not his: nothing ends
    assert _call(an, "GET", "").json()["holder"]["name"] == "Đồng chí chi"


def test_of_another_agencys_camera_nothing_is_said(
    camera: ScriptedCamera, desk_of: Callable[..., Desk]
) -> None:
    other = desk_of("csgt", Role.OPERATOR, scope=DataFilter(agencies=frozenset({"csgt"})))
    for method, what in (("GET", ""), ("PUT", "/lease"), ("DELETE", "/lease"), ("POST", "/stop")):
        assert _call(other, method, what).json()["error"] == "camera_not_found"
    assert camera.asked == []


@pytest.mark.parametrize(
    "body",
    [{"pan": 2.0}, {"pan": "nan"}, {"speed": 1.0}, {"tilt": -1e308}, {"zoom": None}],
)
def test_a_speed_that_is_none_reaches_no_camera(
    camera: ScriptedCamera, desk_of: Callable[..., Desk], body: dict[str, Any]
) -> None:
    desk = desk_of("an", Role.OPERATOR)
    assert _call(desk, "POST", "/move", **body).status_code == 422
    assert _call(desk, "POST", "/go", preset="x" * 65).status_code == 422
    assert _call(desk, "POST", "/go", preset="1\n<a>").status_code == 422
    assert camera.asked == []


def test_a_camera_that_does_not_turn_says_so(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of("an", Role.OPERATOR)
    answer = desk.get("/api/v1/cameras/cam-1/ptz")
    assert (answer.status_code, answer.json()["error"]) == (409, "ptz_none")


def test_a_camera_that_is_off_is_one_line_and_the_requests_do_not_wait(
    camera: ScriptedCamera, desk_of: Callable[..., Desk]
) -> None:
    camera.answers["GetSystemDateAndTime"] = lambda handler, _: handler.send_error(503, "off")
    desk = desk_of("an", Role.OPERATOR)
    assert _call(desk, "PUT", "/lease").status_code == 200
    _until(lambda: _call(desk, "GET", "").json()["error"])
    said = _call(desk, "GET", "").json()
    assert said["error"] == "not_onvif"
    assert "kin" not in said["error_line"]
