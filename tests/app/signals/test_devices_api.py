"""Devices kept in the browser: bound to a facility and cameras, of their agency, silent in test."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.signals.test_signals_api import Signals, served
from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.calls.call_attention import AttentionPlan
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.calls.attention.attention_plan import attention_plan
from thapcanh.app.centre.intake import camera_facts

MakeDesk = Callable[..., Desk]
PLACE = {"lat": 21.03, "lon": 105.85}


def _sent(desk: Desk, method: str, path: str, body: Any = None) -> httpx.Response:
    return desk.request(method, f"/api/v1{path}", headers={"X-CSRF-Token": desk.csrf}, json=body)


def _market(desk: Desk, **more: Any) -> str:
    told = {"name": "Chợ Hôm", "kind": "market", "place": PLACE | {"text": "Phố Huế"}, **more}
    return str(_sent(desk, "POST", "/facilities", told).json()["id"])


def _listed(desk: Desk) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in desk.get("/api/v1/devices").json()["items"]}


def test_a_device_stands_at_its_facility_and_is_its_agencys(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    leader = desk_of("ld", Role.LEADER)
    market = _market(leader, agency="pc07")
    told = {"id": "tu-1", "name": "Tủ chợ Hôm", "facility": market, "cameras": ["cam-1"]}
    assert _sent(desk, "POST", "/devices", told).status_code == 403
    assert _sent(leader, "POST", "/devices", told).status_code == 201
    kept = _listed(desk)["tu-1"]
    assert (kept["agency"], kept["place"], kept["cameras"]) == (
        "pc07",
        PLACE | {"text": "Phố Huế"},
        ["cam-1"],
    )
    beside = {"id": "tu-2", "name": "Tủ ngõ", "cameras": ["cam-2"], "place": PLACE}
    assert _sent(leader, "POST", "/devices", beside).status_code == 201
    assert (_listed(desk)["tu-2"]["agency"], _listed(desk)["tu-2"]["area"]) == ("csgt", "tay-ho")
    assert _sent(leader, "DELETE", "/devices/tu-2").status_code == 204
    for wrong, error in (
        ({"cameras": ["none"]}, "device_camera_unknown"),
        ({"facility": "none"}, "facility_not_found"),
        ({"place": {"lat": 0, "lon": 0}}, "position_zero"),
        ({"id": "cam-1"}, "device_id_taken"),
    ):
        assert _sent(leader, "POST", "/devices", told | wrong).json()["error"] == error
    other = desk_of("cs", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    assert _listed(other) == {}
    assert _sent(other, "POST", "/devices", told | {"facility": None}).status_code == 422  # camera
    taken = _sent(other, "POST", "/devices", {"id": "tu-1", "name": "x"})
    assert taken.json()["error"] == "device_id_taken"
    assert _sent(other, "DELETE", "/devices/tu-1").status_code == 404
    assert _sent(leader, "DELETE", "/devices/tu-1").status_code == 204
    assert _listed(desk) == {}
    assert centre.archive.verify_chain().ok


@pytest.mark.parametrize("owner", ["area", "agency"])
@pytest.mark.parametrize("name", ["", "Cửa Nam", "a" * 65])
def test_an_owner_that_is_no_id_is_named_and_no_fault_of_ours(
    desk_of: MakeDesk, owner: str, name: str
) -> None:
    """Schemathesis left an area empty, and the answer was `internal`."""
    told = {"id": "tu-1", "name": "Tủ", "place": PLACE, owner: name}
    answer = _sent(desk_of("ld", Role.LEADER), "POST", "/devices", told)
    assert (answer.status_code, answer.json()["field"]) == (422, f"body.{owner}")


def test_a_signal_of_a_kept_device_opens_its_cameras_and_then_the_nearest(
    centre: Centre, desk_of: MakeDesk, tmp_path: Path
) -> None:
    leader = desk_of("ld", Role.LEADER)
    first, second, third = centre.site().cameras
    near = second.model_copy(update={"lat": PLACE["lat"] + 0.001, "lon": PLACE["lon"]})
    centre.site.replace(centre.site().model_copy(update={"cameras": (first, near, third)}))
    told = {"id": "tu-1", "name": "Tủ", "facility": _market(leader), "cameras": ["cam-1"]}
    assert _sent(leader, "POST", "/devices", told).status_code == 201
    with served(centre, tmp_path) as signals:
        assert signals.send(device_id="tu-1").status_code == 404  # not read yet
        signals.devices.refresh()
        assert signals.send(device_id="tu-1").status_code == 202
        _facts_as_the_centre_has_them(signals)
        (alert,) = signals.arrive()
        assert (alert.camera_name, alert.lat) == ("Tủ", PLACE["lat"])
        given = _plan(signals).given
        assert [(name, one.call, one.corroborates) for name, one in given.items()] == [
            ("cam-1", alert.number, False),
            ("cam-2", alert.number, False),
        ]
        centre.clock.at += 601
        assert _plan(signals).given == {}


def test_a_device_in_test_is_silent_until_then_and_what_it_still_says_is_told(
    centre: Centre, desk_of: MakeDesk, tmp_path: Path
) -> None:
    technician = desk_of("kt", Role.TECHNICIAN)
    with served(centre, tmp_path) as signals:
        until = datetime.fromtimestamp(NOW + 3600, UTC).isoformat()
        order = {"until": until, "reason": "bảo trì đầu báo"}
        path = "/devices/panel-17/test"
        late = order | {"until": datetime.fromtimestamp(NOW + 8 * 86_400, UTC).isoformat()}
        assert _sent(technician, "POST", path, late).json()["error"] == "device_test_end"
        assert _sent(technician, "POST", path, order).status_code == 204
        signals.devices.refresh()
        assert signals.send(place="1").json()["outcome"] == "in_test"
        assert signals.send(place="2").json()["outcome"] == "in_test"
        assert signals.send("restored", place="1", restores="fire").json()["outcome"] == "in_test"
        signals.desk.flush()
        assert signals.arrive() == []
        centre.clock.at += 3601
        signals.devices.refresh()
        signals.desk.flush()
        signals.desk.flush()
        (alert,) = signals.arrive()
        assert (alert.kind, alert.detections) == ("fire", 1)
        assert signals.send().json()["outcome"] == "taken"
    assert centre.archive.verify_chain().ok


def test_a_test_that_is_ended_ends_the_silence(
    centre: Centre, desk_of: MakeDesk, tmp_path: Path
) -> None:
    technician = desk_of("kt", Role.TECHNICIAN)
    with served(centre, tmp_path) as signals:
        until = datetime.fromtimestamp(NOW + 3600, UTC).isoformat()
        path = "/devices/panel-17/test"
        assert _sent(technician, "DELETE", path).json()["error"] == "device_not_in_test"
        _sent(technician, "POST", path, {"until": until, "reason": "bảo trì"})
        assert _sent(technician, "DELETE", path).status_code == 204
        signals.devices.refresh()
        assert signals.send().json()["outcome"] == "taken"


def _plan(signals: Signals) -> AttentionPlan:
    centre = signals.centre
    now = centre.clock.utc()
    return attention_plan(centre.archive.database, centre.site(), now, signals.devices.find)


def _facts_as_the_centre_has_them(signals: Signals) -> None:
    """An alert of a device has its name and place, as the centre looks them up."""
    links: Any = type("NoLinks", (), {"known": staticmethod(lambda _: None)})()
    density: Any = None
    site, find = signals.centre.site, signals.devices.find
    signals.transport._camera = lambda name: camera_facts(name, site, links, density, find)
    assert DeviceRepository(signals.centre.archive.database).changed_since(0).devices
