"""A crew's phone: it sees what its unit was sent to, and what it sends comes once and in order."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.app.calls.test_caller_links import photo
from tests.app.crews.conftest import PC07, PLACE, MakePhone
from tests.app.crews.crew_phone import Phone, reports
from tests.app.incidents.test_incidents import act, opened
from tests.app.web_api.centre import NOW, Centre, Desk
from tests.made_pdf import made_pdf
from thapcanh.alerts.store.idempotent import delete_keys
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.schemas import iso

MakeDesk = Callable[..., Desk]


def test_what_a_crew_did_stands_in_the_incident_with_its_time(
    centre: Centre, desk: Desk, phone: Phone, sent: dict[str, Any]
) -> None:
    (shown,) = phone.sees()["incidents"]
    assert (shown["number"], shown["crew_state"], shown["priority"]) == (sent["number"], None, 1)
    centre.clock.at = NOW + 900
    for state, ago_s in (("acknowledged", 600.0), ("en_route", 500.0), ("on_scene", 100.0)):
        assert phone.tell(sent["id"], ago_s=ago_s, state=state).json()["outcome"] == "done"
    assert phone.tell(sent["id"], ago_s=60.0, note="cửa sau khoá").status_code == 201
    assert phone.show(sent["id"], photo()).json()["outcome"] == "done"
    told = reports(desk, sent["id"])
    assert [one["state"] or one["kind"] for one in told] == [
        "acknowledged", "en_route", "on_scene", "note", "photo",
    ]  # fmt: skip
    happened = datetime.fromisoformat(told[0]["happened_at"]).timestamp()
    assert happened == pytest.approx(NOW + 300, abs=5), "held for ten minutes"
    assert told[0]["received_at"] == iso(NOW + 900)
    content = desk.get(told[-1]["file"]).content
    assert b"BIMAT" not in content
    with Image.open(io.BytesIO(content)) as kept:
        assert dict(kept.getexif()) == {}
    detail = desk.get(f"/api/v1/incidents/{sent['id']}/detail").json()
    steps = {one["step"]: one["at"] for one in detail["incident"]["steps"]}
    on_scene = datetime.fromisoformat(steps["on_scene"]).timestamp()
    assert on_scene == pytest.approx(NOW + 800, abs=5)
    assert detail["assignments"][0]["answer"] == "on_scene"
    assert phone.tell(sent["id"], state="finished").json()["outcome"] == "done"
    units = {one["id"]: one["status"] for one in desk.get("/api/v1/units").json()["items"]}
    assert units["xe-1"] == "returning"
    assert phone.sees()["incidents"][0]["left_at"] is not None
    assert centre.archive.verify_chain().ok


def test_a_replayed_outbox_changes_nothing(
    centre: Centre, desk: Desk, phone: Phone, sent: dict[str, Any]
) -> None:
    """Also by a second phone of the crew, and after the keys were forgotten."""
    with Phone(str(phone.base_url)) as second:
        second.log_in("dt-xe-1")
        for _ in range(2):
            for who in (phone, second):
                assert who.tell(sent["id"], key="k1", state="en_route").json()["outcome"] == "done"
                assert who.tell(sent["id"], key="k2", note="khói đen").status_code == 201
                assert who.show(sent["id"], photo(), key="k3").status_code == 201
        assert second.tell(sent["id"], state="en_route").json()["outcome"] == "already"
        assert second.tell(sent["id"], state="acknowledged").json()["outcome"] == "late"
    reused = phone.tell(sent["id"], key="k2", note="lời khác")
    assert (reused.status_code, reused.json()["error"]) == (422, "key_reused")
    with centre.archive.database.writing() as connection:
        assert delete_keys(connection, NOW + 1e9) > 3
    again = phone.tell(sent["id"], key="k2", note="khói đen")
    assert (again.status_code, again.json()["outcome"]) == (201, "already")
    assert [one["kind"] for one in reports(desk, sent["id"])].count("note") == 1
    assert phone.sees()["incidents"][0]["crew_state"] == "en_route", "it never goes back"


def test_another_units_crew_sees_and_changes_nothing(
    desk: Desk, phone_of: MakePhone, sent: dict[str, Any], phone: Phone
) -> None:
    of_others = phone_of("xe-3", PC07)  # bound to a unit that it may not see
    for other in (phone_of("xe-2"), phone_of(None), of_others):
        assert other.sees()["incidents"] == []
        for answer in (
            other.get(f"/api/v1/crew/incidents/{sent['id']}"),
            other.tell(sent["id"], state="on_scene"),
            other.show(sent["id"], photo()),
        ):
            assert (answer.status_code, answer.json()["error"]) == (404, "incident_not_found")
        for path in ("incidents", "alerts", "units", "facilities", f"incidents/{sent['id']}"):
            assert other.get(f"/api/v1/{path}").status_code == 403
    assert reports(desk, sent["id"]) == []
    assert phone.get("/api/v1/incidents").status_code == 403


def test_a_closed_incident_is_told_plainly_and_loses_no_photo(
    desk: Desk, phone: Phone, sent: dict[str, Any]
) -> None:
    facts: dict[str, Any] = {
        "disposition": "false_alarm",
        "report": "không có cháy",
        "despite": ["sources", "units"],
    }
    ended = act(desk, sent, "close", **facts)
    assert ended.status_code == 200, ended.text
    (shown,) = phone.sees()["incidents"]
    assert shown["closed_by"]["name"]
    refused = phone.tell(sent["id"], state="on_scene")
    assert (refused.status_code, refused.json()["error"]) == (409, "incident_closed")
    assert "đã kết thúc vụ việc này lúc" in refused.json()["detail"]
    assert phone.tell(sent["id"], more="thang 30 m").status_code == 409
    assert phone.show(sent["id"], photo()).status_code == 201
    assert phone.tell(sent["id"], note="đã kiểm tra tầng 2").status_code == 201
    assert len(reports(desk, sent["id"])) == 2


def test_a_request_waits_until_an_officer_answers(
    desk: Desk, desk_of: MakeDesk, phone: Phone, sent: dict[str, Any]
) -> None:
    assert phone.tell(sent["id"], more=" \u202e\n").status_code == 422  # it rang with no words
    assert phone.tell(sent["id"], more="thêm 2 xe \u202enước").status_code == 201
    other = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert other.get("/api/v1/crew-requests").json()["items"] == []
    (waits,) = desk.get("/api/v1/crew-requests").json()["items"]
    assert (waits["report"]["text"], waits["incident_number"]) == ("thêm 2 xe nước", sent["number"])
    (handed_over,) = desk.get("/api/v1/shift/sheet").json()["sheet"]["items"]
    assert (handed_over["id"], handed_over["requests"]) == (sent["id"], 1)
    assert len(handed_over["units"]) == 1
    path = f"/api/v1/crew-requests/{waits['report']['id']}/answer"
    assert other.post(path, headers={"X-CSRF-Token": other.csrf}).status_code == 404
    assert desk.post(path, headers={"X-CSRF-Token": desk.csrf}).status_code == 204
    assert desk.post(path, headers={"X-CSRF-Token": desk.csrf}).status_code == 404
    assert desk.get("/api/v1/crew-requests").json()["items"] == []
    assert desk.get("/api/v1/shift/sheet").json()["sheet"]["items"][0]["requests"] == 0
    told = phone.get(f"/api/v1/crew/incidents/{sent['id']}").json()["reports"]
    assert told[-1]["answered_by"] is not None


def test_on_its_way_a_crew_has_way_facility_and_plan(
    desk: Desk, desk_of: MakeDesk, phone: Phone, sent: dict[str, Any]
) -> None:
    leader = desk_of("ld", Role.LEADER)
    headers = {"X-CSRF-Token": leader.csrf}
    papers = {}
    for agency in ("pc07", "csgt"):
        market = {"name": f"Chợ {agency}", "kind": "market", "hazards": ["bình gas"],
                  "agency": agency, "place": PLACE}  # fmt: skip
        made = leader.post("/api/v1/facilities", json=market, headers=headers).json()["id"]
        plan = f"/api/v1/facilities/{made}/documents?name=mb"
        papers[agency] = leader.post(plan, content=made_pdf(), headers=headers).json()["id"]
    shown = phone.get(f"/api/v1/crew/incidents/{sent['id']}").json()
    (facility,) = shown["facilities"]
    assert (facility["name"], facility["hazards"]) == ("Chợ pc07", ["bình gas"])
    (paper,) = facility["documents"]
    assert phone.get(paper["url"]).content == made_pdf()
    assert phone.get(paper["url"].replace(paper["id"], papers["csgt"])).status_code == 404
    assert (shown["way"]["by"], len(shown["way"]["points"])) == ("line", 2)
    nearer = phone.get(f"/api/v1/crew/incidents/{sent['id']}?lat=21.0286&lon=105.8542").json()
    assert nearer["way"]["road_m"] < shown["way"]["road_m"]


def test_p1_of_the_ward_is_heard_by_its_units_alone(
    centre: Centre, phone_of: MakePhone, phone: Phone, sent: dict[str, Any]
) -> None:
    centre.raise_alert("cam-1", priority=1)  # in Hoàn Kiếm, of pc07
    centre.raise_alert("cam-2", priority=1)
    assert len(phone.sees()["alarms"]) == 1
    assert phone_of("xe-2", PC07).sees()["alarms"] == []


def test_an_account_speaks_only_for_a_unit_that_its_admin_sees(
    centre: Centre, desk_of: MakeDesk, units: None
) -> None:
    admin = desk_of("qt", Role.ADMIN, PC07)
    body = {"name": "Xe", "roles": ["crew"], "agencies": ["pc07"], "areas": None}
    headers = {"X-CSRF-Token": admin.csrf}

    def added(name: str, unit: str) -> httpx.Response:
        told = body | {"username": name, "unit": unit}
        return admin.post("/api/v1/accounts", json=told, headers=headers)

    assert added("xe1", "xe-1").json()["account"]["unit"] == "xe-1"
    refused = added("xe3", "xe-3")
    assert (refused.status_code, refused.json()["error"]) == (422, "no_such_unit")
    account = admin.get("/api/v1/accounts").json()["items"]
    (mine,) = [one for one in account if one["username"] == "xe1"]
    moved = body | {"version": mine["version"], "unit": "xe-3"}
    assert admin.put("/api/v1/accounts/xe1", json=moved, headers=headers).status_code == 422


def test_what_a_crew_holds_for_an_incident_that_was_joined_comes_into_the_one_that_has_it_now(
    desk: Desk, phone: Phone, sent: dict[str, Any]
) -> None:
    """Nothing hangs on the emptied one: its request waits on, its notice and outcome go over."""
    assert phone.tell(sent["id"], key="answer-lost", note="khói đen").status_code == 201
    assert phone.tell(sent["id"], more="thêm 2 xe nước").status_code == 201
    csrf = {"X-CSRF-Token": desk.csrf}
    old = f"/api/v1/incidents/{sent['id']}"
    assert desk.post(f"{old}/outcome", headers=csrf, json={"injured": 2}).status_code == 200
    told = desk.post("/api/v1/notices", headers=csrf, json={"incident": sent["id"]})
    assert told.status_code == 201, told.text
    into = act(desk, opened(desk, priority=1, place=PLACE), "dispatch", services=["114"]).json()
    joined = act(desk, into, "join", type="incident", id=sent["id"])
    assert joined.status_code == 200, joined.text
    (waits,) = desk.get("/api/v1/crew-requests").json()["items"]
    assert (waits["incident"], waits["report"]["text"]) == (into["id"], "thêm 2 xe nước")
    assert phone.tell(sent["id"], key="answer-lost", note="khói đen").status_code == 201
    assert phone.tell(sent["id"], state="on_scene").json()["outcome"] == "done"
    assert phone.show(sent["id"], photo()).status_code == 201
    assert [one["id"] for one in phone.sees()["incidents"]] == [into["id"]]
    kinds = [one["kind"] for one in reports(desk, into["id"])]
    assert kinds == ["note", "request", "state", "photo"]
    assert reports(desk, sent["id"]) == []
    assert desk.get(f"/api/v1/incidents/{into['id']}/outcome").json()["facts"]["injured"] == 2
    (notice,) = desk.get("/api/v1/notices").json()["items"]
    assert notice["incident"] == into["id"]
