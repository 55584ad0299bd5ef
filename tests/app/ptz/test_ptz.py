"""A camera turned over HTTP: who may, what is told to whom, and what stands in the log."""

import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import Centre, Desk
from tests.ingest.onvif.scripted_camera import ScriptedCamera, scripted_camera
from tests.patience import patient
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.camera import CameraConfig, OnvifLink, PtzCall
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import NetworksConfig

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
        allowed = NetworksConfig(onvif=(IPv4Network("127.0.0.1/32"),))
        changes = {"cameras": (*site.cameras, gate), "networks": allowed}
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

    def presets() -> object:  # asked for again with time, where the first answer was too late
        centre.clock.at += 1.0
        assert _call(desk, "PUT", "/lease").status_code == 200
        return _call(desk, "GET", "").json()["presets"]

    _until(presets)
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
    assert (said["error"], said["error_line"]) == ("not_onvif", None)
    line = _call(desk_of("ky-thuat", Role.TECHNICIAN), "GET", "").json()["error_line"]
    assert "kin" not in line  # the address is for who keeps cameras, the password for nobody


def test_a_neighbour_is_called_by_button_and_not_from_somebody(
    centre: Centre, camera: ScriptedCamera, desk_of: Callable[..., Desk]
) -> None:
    _has_neighbours(centre, ("gate", "2"), ("cam-3", "1"), ("nobody", "1"))
    an, binh = desk_of("an", Role.OPERATOR), desk_of("binh", Role.OPERATOR)
    path = "/api/v1/cameras/cam-1/ptz/neighbours"
    assert an.get(path).json()["items"] == [{"id": "gate", "name": "Cổng", "held_by": None}]
    headers = {"X-CSRF-Token": an.csrf}
    called = an.post(path, json={"neighbour": "gate"}, headers=headers)
    assert called.status_code == 202
    assert called.json()["holder"] is None  # anybody may go on from there
    _until(lambda: dict(camera.asked).get("GotoPreset"))
    assert ">2<" in dict(camera.asked)["GotoPreset"]
    assert an.post(path, json={"neighbour": "cam-2"}, headers=headers).status_code == 404
    centre.clock.at += 2.0
    assert _call(binh, "PUT", "/lease").status_code == 200
    assert an.get(path).json()["items"][0]["held_by"] == "Đồng chí binh"
    refused = an.post(path, json={"neighbour": "gate"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (409, "ptz_held")
    _until(lambda: ("an", "ptz_called", "gate") in _logged(centre))


def test_a_neighbour_of_another_agency_is_not_told_of(
    centre: Centre, camera: ScriptedCamera, desk_of: Callable[..., Desk]
) -> None:
    _has_neighbours(centre, ("gate", "2"), beside="cam-2")
    other = desk_of("csgt", Role.OPERATOR, scope=DataFilter(agencies=frozenset({"csgt"})))
    path = "/api/v1/cameras/cam-2/ptz/neighbours"
    assert other.get(path).json()["items"] == []
    headers = {"X-CSRF-Token": other.csrf}
    assert other.post(path, json={"neighbour": "gate"}, headers=headers).status_code == 404
    assert camera.asked == []


def _has_neighbours(centre: Centre, *calls: tuple[str, str], beside: str = "cam-1") -> None:
    site = centre.site()
    wanted = tuple(PtzCall(camera=camera, preset=preset) for camera, preset in calls)
    cameras = tuple(
        one.model_copy(update={"ptz_calls": wanted}) if one.id == beside else one
        for one in site.cameras
    )
    centre.site.replace(site.model_copy(update={"cameras": cameras}))
