"""Shelves over HTTP: setting, listing, ending, and their place on the sheet of a hand-over."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]


def shelve(desk: Desk, key: str = "k", **said: Any) -> httpx.Response:
    body = {"camera": "cam-1", "reason": "lò bánh mì", "until": NOW + 3600, **said}
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": key}
    return desk.post("/api/v1/shelves", json=body, headers=headers)


def end(desk: Desk, shelf_id: str, **said: Any) -> httpx.Response:
    path = f"/api/v1/shelves/{shelf_id}/end"
    return desk.post(path, json=said or None, headers={"X-CSRF-Token": desk.csrf})


def test_a_camera_is_shelved_and_taken_back(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    alert_id = centre.raise_alert("cam-1")
    made = shelve(desk, until="2026-11-25T02:26:40Z")
    assert made.status_code == 201
    shelf = made.json()
    assert (shelf["name"], shelf["set_by"]["username"], shelf["alerts"]) == (
        "Camera cam-1",
        "an",
        1,
    )
    alert = desk.get("/api/v1/alerts?shelved=true").json()["items"][0]
    assert (alert["id"], alert["shelf"], alert["state"]) == (alert_id, shelf["id"], "new")
    assert alert["shelved_until"] == shelf["until"] == "2026-11-25T02:26:40.000Z"
    assert desk.get("/api/v1/shelves").json()["items"] == [shelf]
    log = desk.get(f"/api/v1/alerts/{alert_id}").json()["log"]
    assert [(line["action"], line["note"]) for line in log][-1] == ("shelved", "lò bánh mì")
    ended = end(desk, shelf["id"], reason="lò đã tắt").json()
    assert (ended["ended_by"]["username"], ended["end_reason"]) == ("an", "lò đã tắt")
    assert end(desk, shelf["id"]).json() == ended
    again = end(desk_of("chi", Role.OPERATOR), shelf["id"])
    assert (again.status_code, again.json()["error"]) == (409, "shelf_over")
    assert again.json()["by"]["username"] == "an"
    assert desk.get("/api/v1/shelves").json()["items"] == []
    assert desk.get("/api/v1/shelves?ended=true").json()["items"][0]["id"] == shelf["id"]
    assert desk.get(f"/api/v1/alerts/{alert_id}").json()["shelf"] is None


def test_the_same_again_is_said_to_be_there(desk: Desk, desk_of: MakeDesk) -> None:
    first = shelve(desk).json()
    assert shelve(desk).json() == first
    twin = shelve(desk_of("chi", Role.OPERATOR))
    assert (twin.status_code, twin.json()["error"]) == (409, "already_shelved")
    assert (twin.json()["by"]["username"], twin.json()["shelf"]["id"]) == ("an", first["id"])
    assert shelve(desk, zone="z1").json()["error"] == "key_reused"


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"until": NOW}, 422, "body.until"),
        ({"until": NOW + 86401}, 422, "body.until"),
        ({"until": "mai"}, 422, "body.until"),
        ({"reason": "  "}, 422, "body.reason"),
        ({"reason": None}, 422, "body.reason"),
        ({"camera": "cam-9"}, 404, None),
    ],
)
def test_what_is_no_shelf(
    standing_desk: Desk, said: dict[str, Any], status: int, field: str | None
) -> None:
    answer = shelve(standing_desk, **said)
    assert (answer.status_code, answer.json().get("field")) == (status, field)


def test_only_a_leader_shelves_p1(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    centre.raise_alert("cam-1", priority=1)
    refused = shelve(desk, covers_p1=True)
    assert (refused.status_code, refused.json()["error"]) == (403, "p1_needs_leader")
    leader = desk_of("le", Role.LEADER)
    made = shelve(leader, covers_p1=True).json()
    assert made["alerts"] == 1
    assert end(desk, made["id"]).json()["error"] == "p1_needs_leader"


def test_others_cameras_are_not_shelved(desk_of: MakeDesk) -> None:
    csgt = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert shelve(csgt).json()["error"] == "camera_not_found"
    assert shelve(csgt, camera="cam-2").status_code == 201


def test_shelves_in_force_are_handed_over(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    centre.raise_alert("cam-1")
    shelf = shelve(desk).json()
    assert desk.get("/api/v1/shift/sheet").json()["sheet"]["shelves"] == [shelf]
    headers = {"X-CSRF-Token": desk.csrf}
    desk.post("/api/v1/shift/take", json={"sound_heard": True}, headers=headers)
    signed = desk.post("/api/v1/shift/handover", json={}, headers=headers).json()
    assert signed["sheet"]["shelves"] == [shelf]
    narrow = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert (
        narrow.get("/api/v1/shift").json()["offered"] == []
    )  # whose sight covers less takes nothing
    wide = desk_of("binh", Role.OPERATOR)
    (waiting,) = wide.get("/api/v1/shift").json()["offered"]
    assert waiting["sheet"]["shelves"] == [shelf]
