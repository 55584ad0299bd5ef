"""The list of units over HTTP: who keeps it, who moves units, and what the action log says."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]
ENGINE = {"name": "Xe chữa cháy 1", "kind": "fire_engine", "station": "Hoàn Kiếm"}


def _sent(desk: Desk, method: str, path: str, body: Any = None) -> httpx.Response:
    return desk.request(
        method, f"/api/v1/units{path}", headers={"X-CSRF-Token": desk.csrf}, json=body
    )


def _listed(desk: Desk) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in desk.get("/api/v1/units").json()["items"]}


def _logged(centre: Centre, unit_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Who did what, from the action log, whose chain holds."""
    assert centre.archive.verify_chain().ok
    with centre.archive.database.reading() as connection:
        rows = list(AuditLogQuery(connection).log_rows())
    return [
        (row.actor, row.action, json.loads(row.details)) for row in rows if row.object_id == unit_id
    ]


def test_a_leader_keeps_the_list(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    leader = desk_of("ld", Role.LEADER)
    assert _sent(desk, "POST", "", {"id": "xe-1", **ENGINE}).status_code == 403
    assert _sent(leader, "PUT", "/xe-1", ENGINE).json()["error"] == "no_such_unit"
    assert _sent(leader, "POST", "", {"id": "xe-1", **ENGINE}).status_code == 201
    assert _listed(desk)["xe-1"]["station"] == "Hoàn Kiếm"
    half = _sent(leader, "PUT", "/xe-1", {**ENGINE, "lat": 21.0})
    assert (half.status_code, half.json()["error"]) == (422, "half_a_point")
    assert _sent(leader, "PUT", "/xe-1", {**ENGINE, "station": "Ba Đình"}).status_code == 200
    assert _listed(desk)["xe-1"]["station"] == "Ba Đình"
    assert _sent(desk, "DELETE", "/xe-1").status_code == 403
    assert _sent(leader, "DELETE", "/xe-1").status_code == 204
    assert _listed(desk) == {}
    assert _sent(leader, "DELETE", "/xe-1").json()["error"] == "no_such_unit"
    assert [action for _, action, _ in _logged(centre, "xe-1")] == [
        *("unit_saved", "unit_saved", "unit_removed")
    ]


def test_who_changed_what_a_unit_does_is_in_the_action_log(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    leader = desk_of("ld", Role.LEADER)
    _sent(leader, "POST", "", {"id": "xe-1", **ENGINE})
    for body in (
        {"status": "off"},
        {"status": "off"},  # as it was
        {"lat": 21.03, "lon": 105.85},  # where it is changes too often for a log
        {"lat": 21.04, "lon": 105.85, "status": "returning"},
    ):
        assert _sent(desk, "POST", "/xe-1/position", body).status_code == 204
    _sent(leader, "PUT", "/xe-1", {**ENGINE, "status": "available"})
    told = _logged(centre, "xe-1")
    assert [one for one in told if one[1] == "unit_status"] == [
        ("an", "unit_status", {"from": "available", "to": "off"}),
        ("an", "unit_status", {"from": "off", "to": "returning"}),
        ("ld", "unit_status", {"from": "returning", "to": "available"}),
    ]
    assert len(told) == 5


def test_another_agencys_unit_is_neither_seen_nor_moved_nor_taken_away(
    centre: Centre, desk_of: MakeDesk
) -> None:
    leader = desk_of("ld", Role.LEADER)
    _sent(leader, "POST", "", {"id": "kv-1", **ENGINE, "agency": "csgt"})
    other = desk_of("pc", Role.LEADER, DataFilter(agencies=frozenset({"pc07"})))
    assert _listed(other) == {}
    assert _sent(other, "POST", "/kv-1/position", {"status": "off"}).status_code == 404
    assert _sent(other, "PUT", "/kv-1", ENGINE).status_code == 404
    assert _sent(other, "DELETE", "/kv-1").status_code == 404
    assert _listed(leader)["kv-1"]["status"] == "available"
    assert [action for _, action, _ in _logged(centre, "kv-1")] == ["unit_saved"]
