"""Dispatch over HTTP: units that are near and suited, who was told, and what goes to the leader."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.app.incidents.test_incidents import act, opened
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.incidents.escalation import escalate_due
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.schemas import iso

MakeDesk = Callable[..., Desk]
CSV = """id,name,kind,station,lat,lon,agency
xe-1,Xe chữa cháy 1,fire_engine,Hoàn Kiếm,21.031,105.85,
xe-2,Xe chữa cháy 2,fire_engine,Tây Hồ,21.10,105.85,
ca-1,Công an phường,ward_police,Hàng Bạc,21.03,105.85,
kv-1,Điện lực,power,Ba Đình,21.03,105.85,csgt
"""


def post(desk: Desk, path: str, **body: Any) -> httpx.Response:
    return desk.post(f"/api/v1/{path}", headers={"X-CSRF-Token": desk.csrf}, json=body)


def detail(desk: Desk, found: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = desk.get(f"/api/v1/incidents/{found['id']}/detail").json()
    return shown


def test_units_are_suggested_sent_and_answer(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    leader = desk_of("ld", Role.LEADER)
    assert post(leader, "units/import", csv=CSV).status_code == 200
    found = opened(desk)
    assert [one["id"] for one in detail(desk, found)["units"]] == ["ca-1", "xe-1", "xe-2"]
    missing = act(desk, found, "dispatch", units=["xe-1", "xe-9"])
    assert (missing.status_code, missing.json()["error"]) == (404, "unit_not_found")
    assert detail(desk, found)["assignments"] == []  # all or none
    sent = act(desk, found, "dispatch", units=["xe-1"], services=["114"], read_back=True).json()
    assert act(desk, sent, "dispatch", units=["xe-1"]).json()["error"] == "unit_sent"
    other = opened(desk)
    assert act(desk, other, "dispatch", units=["xe-1"]).json()["error"] == "unit_busy"
    there = act(desk, sent, "step", step="on_scene", unit="xe-1").json()
    shown = detail(desk, there)
    answers = [(one["told"], one["answer"]) for one in shown["assignments"]]
    assert answers == [("Xe chữa cháy 1", "on_scene"), ("114", None)]
    assert there["state"] == "on_scene"
    units = {one["id"]: one["status"] for one in desk.get("/api/v1/units").json()["items"]}
    assert (units["xe-1"], units["xe-2"]) == ("on_scene", "available")
    service = next(one for one in shown["assignments"] if one["told"] == "114")
    assert post(desk, f"assignments/{service['id']}/answer", answer="đã xuất xe").status_code == 200
    calm = act(desk, detail(desk, there)["incident"], "step", step="controlled").json()
    ended = act(desk, calm, "close", disposition="handled", report="xong", despite=["units"])
    assert ended.status_code == 200, ended.text
    assert all(one["ended_at"] for one in detail(desk, ended.json())["assignments"])
    assert act(desk, other, "dispatch", units=["xe-1"]).status_code == 200  # free again
    assert centre.archive.verify_chain().ok


def test_each_step_of_a_unit_has_its_own_time(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    """The time of the first answer stood beside the arrival."""
    assert post(desk_of("ld", Role.LEADER), "units/import", csv=CSV).status_code == 200
    sent = act(desk, opened(desk), "dispatch", units=["xe-1"]).json()
    (one,) = detail(desk, sent)["assignments"]
    told = centre.clock.at
    centre.clock.at += 60
    post(desk, f"assignments/{one['id']}/answer", answer="Đã nhận lệnh").raise_for_status()
    centre.clock.at += 300
    there = detail(desk, sent)["incident"]
    act(desk, there, "step", step="on_scene", unit="xe-1").raise_for_status()
    (one,) = detail(desk, sent)["assignments"]
    assert [(each["answer"], each["at"]) for each in one["answers"]] == [
        ("Đã nhận lệnh", iso(told + 60)),
        ("on_scene", iso(told + 360)),
    ]


def test_what_is_reopened_goes_on_with_its_units_and_steps(desk: Desk, desk_of: MakeDesk) -> None:
    """It said that nobody was sent, though the crew was there, and no step could be noted."""
    assert post(desk_of("ld", Role.LEADER), "units/import", csv=CSV).status_code == 200
    found = act(desk, opened(desk), "dispatch", units=["xe-1", "xe-2"], services=["114"]).json()
    found = act(desk, found, "step", step="on_scene", unit="xe-1").json()
    found = act(desk, found, "step", step="controlled").json()
    closing: dict[str, Any] = {"disposition": "handled", "report": "xong", "despite": ["units"]}
    closed = act(desk, found, "close", **closing).json()
    post(desk, "units/xe-2/position", status="available").raise_for_status()
    again = act(desk, closed, "reopen", note="cháy lại").json()
    assert again["state"] == "on_scene"
    out = [one["told"] for one in detail(desk, again)["assignments"] if not one["ended_at"]]
    assert sorted(out) == ["114", "Xe chữa cháy 1"]
    units = {one["id"]: one["status"] for one in desk.get("/api/v1/units").json()["items"]}
    assert (units["xe-1"], units["xe-2"]) == ("on_scene", "available")
    controlled = act(desk, again, "step", step="controlled").json()
    assert controlled["state"] == "controlled"
    assert act(desk, controlled, "close", **closing).status_code == 200


def test_the_nearest_of_all_kinds_is_listed_first(desk: Desk, desk_of: MakeDesk) -> None:
    """At 0.2 km a ladder truck stood behind a dozen engines that are farther away."""
    leader = desk_of("ld", Role.LEADER)
    far = [
        f"xe-{number},Xe {number},fire_engine,,{21.1 + number / 100},105.85" for number in range(15)
    ]
    rows = ["id,name,kind,station,lat,lon", *far, "thang,Xe thang,ladder,,21.032,105.85"]
    assert post(leader, "units/import", csv="\n".join(rows)).status_code == 200
    listed = [one["id"] for one in detail(desk, opened(desk))["units"]]
    assert listed == ["thang", *(f"xe-{number}" for number in range(11))]


def test_what_nobody_answers_goes_to_the_leader_once(centre: Centre, desk: Desk) -> None:
    found = opened(desk)
    assert escalate_due(centre.archive.database, centre.clock.at + 119) == 0
    assert escalate_due(centre.archive.database, centre.clock.at + 120) == 1
    assert escalate_due(centre.archive.database, centre.clock.at + 121) == 0
    assert detail(desk, found)["escalated_at"] is not None
    centre.clock.at += 130
    sent = act(desk, found, "dispatch", services=["114"]).json()
    assert escalate_due(centre.archive.database, centre.clock.at + 60) == 1
    assert detail(desk, sent)["assignments"][0]["escalated_at"] is not None
    assert [line["action"] for line in detail(desk, sent)["log"]] == [
        *("incident_opened", "escalated", "dispatched", "escalated")
    ]


def test_a_wrong_list_changes_nothing_and_another_agencys_unit_is_not_written(
    desk: Desk, desk_of: MakeDesk
) -> None:
    leader = desk_of("ld", Role.LEADER)
    wrong = CSV + "xe-1,Xe 3,tank,,,,\nxe 4,Xe 4,power,,1,,\n"
    answer = post(leader, "units/import", csv=wrong)
    assert (answer.status_code, len(answer.json()["problems"])) == (422, 2)
    assert answer.json()["problems"][0].startswith("dòng 6: Loại “tank” không có; ghi một trong")
    assert "dòng 7: Mã “xe 4” chỉ được gồm chữ, số" in answer.json()["detail"]
    assert desk.get("/api/v1/units").json()["items"] == []
    post(leader, "units/import", csv=CSV)
    pc07 = desk_of("pc", Role.LEADER, DataFilter(agencies=frozenset({"pc07"})))
    assert pc07.get("/api/v1/units").json()["items"] == []
    taken = post(pc07, "units", id="kv-1", name="x", kind="power", agency="pc07")
    assert (taken.status_code, taken.json()["error"]) == (403, "unit_of_others")
    assert post(pc07, "units/kv-1/position", lat=1.0, lon=1.0).status_code == 404
    assert post(desk, "units/xe-2/position", lat=21.03, lon=105.85).status_code == 204
