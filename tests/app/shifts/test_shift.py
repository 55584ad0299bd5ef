"""Shifts over HTTP: taking one, the sheet, the two signatures, and what stands against them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.app.calls.test_calls import HERE, place_cameras, taken
from tests.app.incidents.test_incidents import act, of_alert
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]


def press(desk: Desk, path: str, **body: Any) -> httpx.Response:
    """A mutation of shifts; without a body where none is given."""
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"/api/v1/shift/{path}", json=body or None, headers=headers)


def take(desk: Desk, sound_heard: bool | None = True) -> dict[str, Any]:
    answer = press(desk, "take", sound_heard=sound_heard)
    assert answer.status_code == 200, answer.text
    shift: dict[str, Any] = answer.json()
    return shift


def test_a_shift_is_taken_and_seen_by_all(desk: Desk, desk_of: MakeDesk) -> None:
    shift = take(desk)
    assert shift["person"] == {"username": "an", "name": "Đồng chí an"}
    assert shift["sound_heard"] is True
    viewer = desk_of("xem", Role.VIEWER)
    now = viewer.get("/api/v1/shift").json()
    assert [each["id"] for each in now["on_duty"]] == [shift["id"]]
    assert now["mine"] is None
    assert viewer.get("/api/v1/shift/recent").json()["items"][0]["id"] == shift["id"]
    assert press(viewer, "take", sound_heard=True).status_code == 403


def test_a_dead_loudspeaker_is_noted_and_locks_nobody_out(centre: Centre, desk: Desk) -> None:
    shift = take(desk, sound_heard=False)
    (entry,) = centre.archive.log_of(shift["id"])
    assert entry.details["sound_heard"] is False


def test_the_sheet_lists_open_items_and_cameras_down(centre: Centre, desk: Desk) -> None:
    centre.raise_alert("cam-1", priority=1)
    centre.workers.append(
        {"worker": "w", "reported_at": 1.0, "cameras": [{"id": "cam-2", "state": "online"}]}
    )
    sheet = desk.get("/api/v1/shift/sheet").json()
    assert [item["priority"] for item in sheet["sheet"]["items"]] == [1]
    assert [each["id"] for each in sheet["blocking"]] == [sheet["sheet"]["items"][0]["id"]]
    assert [camera["id"] for camera in sheet["sheet"]["cameras_down"]] == ["cam-1", "cam-3"]
    assert sheet["sheet"]["shelves"] == []


def test_the_sheet_is_the_worklist_in_its_order(centre: Centre, desk: Desk) -> None:
    """It listed alerts: calls stayed with who went home, and forty panels were forty lines."""
    place_cameras(centre)
    doubted = centre.raise_alert("cam-2", kind="crowd", priority=2)
    fire = of_alert(desk, centre.raise_alert("cam-1", priority=1))
    call = taken(desk, place=HERE, words="khói ở tầng 2").json()
    joined = act(desk, fire, "join", type="call", id=call["id"]).json()
    alone = taken(desk, place={"text": "999 Láng"}, words="cháy").json()
    found = desk.get("/api/v1/shift/sheet").json()
    items = found["sheet"]["items"]
    listed = desk.get("/api/v1/worklist").json()["items"]
    assert [one["id"] for one in items] == [one["id"] for one in listed]
    assert found["sheet"]["items_total"] == len(items) == 3
    (mine,) = [one for one in items if one["id"] == joined["id"]]
    assert (mine["type"], mine["sources"]) == ("incident", {"camera": 1, "call": 1})
    assert items[-1]["id"] == doubted
    assert items[-1]["type"] == "alert"
    assert {one["id"] for one in found["blocking"]} == {joined["id"], alone["incident"]}
    assert found["blocking_total"] == 2
    take(desk)
    assert press(desk, "handover", note="x").json()["error"] == "p1_unanswered"


def test_a_handover_from_desk_to_desk(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    take(desk)
    next_desk = desk_of("chi", Role.OPERATOR)
    assert {one["username"] for one in desk.get("/api/v1/shift/sheet").json()["colleagues"]} == {
        "chi"
    }
    centre.raise_alert("cam-1", priority=2)
    offered = press(desk, "handover", to="chi", note="Cổng B hay báo hơi nước").json()
    (waiting,) = next_desk.get("/api/v1/shift").json()["offered"]
    assert waiting["note"] == "Cổng B hay báo hơi nước"
    assert waiting["sheet"]["items_total"] == 1
    accepted = press(next_desk, f"handover/{offered['id']}/accept")
    assert accepted.json()["outcome"] == "accepted"
    on_duty = desk.get("/api/v1/shift").json()["on_duty"]
    assert [each["person"]["username"] for each in on_duty] == ["chi"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_unanswered_p1_is_named_in_the_refusal(
    centre: Centre, desk: Desk, language: str
) -> None:
    take(desk)
    centre.raise_alert("cam-1", priority=1)
    desk.headers["Accept-Language"] = language
    answer = press(desk, "handover", note="xong")
    assert (answer.status_code, answer.json()["error"]) == (409, "p1_unanswered")
    assert answer.json()["blocking"][0]["camera_name"] == "Camera cam-1"
    assert "1" in answer.json()["detail"]


def test_refusals(desk: Desk, desk_of: MakeDesk) -> None:
    assert press(desk, "handover", note="x").json()["error"] == "not_on_duty"
    take(desk)
    assert press(desk, "handover", to="ma").json()["error"] == "person_unknown"
    offered = press(desk, "handover", note="x").json()["id"]
    assert press(desk, f"handover/{offered}/accept").json()["error"] == "own_handover"
    assert press(desk, "handover/never/accept").status_code == 404
    assert press(desk, f"handover/{offered}/withdraw").json()["outcome"] == "withdrawn"
    other = desk_of("chi", Role.OPERATOR)
    assert press(other, f"handover/{offered}/accept").status_code == 404


def test_only_a_leader_ends_anothers_shift(desk: Desk, desk_of: MakeDesk) -> None:
    shift = take(desk)["id"]
    assert press(desk, f"{shift}/end", reason="về").status_code == 403
    leader = desk_of("le", Role.LEADER)
    assert press(leader, f"{shift}/end", reason="").status_code == 422
    assert press(leader, f"{shift}/end", reason="Về không bàn giao").status_code == 204
    assert leader.get("/api/v1/shift").json()["on_duty"] == []
    assert press(leader, f"{shift}/end", reason="lần nữa").status_code == 404


def test_a_forgotten_shift_is_told_and_ended_by_a_leader(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    shift = take(desk)
    assert shift["overdue"] is False
    centre.clock.at += 26 * 3600 + 1
    leader = desk_of("le", Role.LEADER)
    (on_duty,) = leader.get("/api/v1/shift").json()["on_duty"]
    assert (on_duty["person"]["username"], on_duty["overdue"]) == ("an", True)
    assert press(leader, f"{shift['id']}/end", reason="Về không bàn giao").status_code == 204
    (ended,) = leader.get("/api/v1/shift/recent").json()["items"]
    assert (ended["ended_by"]["username"], ended["overdue"]) == ("le", False)


def test_a_sheet_tells_the_next_only_what_they_may_see(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    take(desk)
    centre.raise_alert("cam-1", priority=2)
    centre.raise_alert("cam-2", priority=2)
    press(desk, "handover", note="x")
    everything = centre.archive.user("an")
    assert everything is not None
    narrower = replace(everything, scope=DataFilter(agencies=frozenset({"csgt"})))
    centre.archive.save_user(narrower)  # after it was signed
    narrow = desk_of("chi", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    (waiting,) = narrow.get("/api/v1/shift").json()["offered"]
    assert [item["camera_name"] for item in waiting["sheet"]["items"]] == ["Camera cam-2"]
    assert waiting["sheet"]["items_total"] == 1
    assert [camera["id"] for camera in waiting["sheet"]["cameras_down"]] == ["cam-2"]
    viewer = desk_of("xem", Role.VIEWER)
    assert viewer.get("/api/v1/shift").json()["offered"] == []


def test_a_leader_knows_whether_a_technician_has_a_screen_open(
    desk: Desk, desk_of: MakeDesk
) -> None:
    technician = desk_of("tho", Role.TECHNICIAN)
    assert desk.get("/api/v1/shift").json()["technician_watches"] is False
    with technician.stream("GET", "/api/v1/stream") as answer:
        assert answer.status_code == 200
        assert desk.get("/api/v1/shift").json()["technician_watches"] is True
