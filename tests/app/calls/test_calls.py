"""Calls over HTTP: numbers, what each opens, who called before, the alert that a call raises."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.incidents.test_incidents import act, members, searched_incidents
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.calls.attention.attention_plan import attention_plan

MakeDesk = Callable[..., Desk]
SEARCH = "/api/v1/calls/search"
HERE = {"lat": 21.0285, "lon": 105.8542}


def taken(desk: Desk, **facts: Any) -> httpx.Response:
    key = facts.pop("key", None)
    headers = {"X-CSRF-Token": desk.csrf} | ({"Idempotency-Key": key} if key else {})
    body = {"kind": "fire", "caller": "0912 345 678"} | facts
    return desk.post("/api/v1/calls", headers=headers, json=body)


def searched(desk: Desk, words: str, **more: Any) -> httpx.Response:
    """The answer to a search."""
    body = {"q": words, **more}
    return desk.post(SEARCH, headers={"X-CSRF-Token": desk.csrf}, json=body)


def nearby(desk: Desk, **facts: Any) -> httpx.Response:
    return desk.post("/api/v1/calls/nearby", headers={"X-CSRF-Token": desk.csrf}, json=facts)


def place_cameras(centre: Centre) -> None:
    """The first camera stands at the place, the second 2 km from it."""
    site = centre.site()
    first, second, *rest = site.cameras
    near = first.model_copy(update={"lat": HERE["lat"] + 0.001, "lon": HERE["lon"]})
    far = second.model_copy(update={"lat": HERE["lat"] + 0.02, "lon": HERE["lon"]})
    centre.site.replace(site.model_copy(update={"cameras": (near, far, *rest)}))


def planned(centre: Centre) -> dict[str, str]:
    """The cameras that look harder now, and the call that each is told of."""
    plan = attention_plan(
        centre.archive.database, centre.site(), centre.clock.utc(), lambda _: None
    )
    return {camera: one.call for camera, one in plan.given.items()}


def instant(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def test_a_call_opens_an_incident_and_shows_the_cameras_near(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    first = taken(desk, place={"text": "12 Hàng Bài", **HERE}, words="khói tầng 3", key="k")
    assert first.status_code == 201, first.text
    told = first.json()
    assert (told["number"], told["caller"], told["warnings"]) == ("113-0001", "0912345678", [])
    assert [one["camera"] for one in told["cameras"]] == ["cam-1"]
    again = taken(desk, place={"text": "12 Hàng Bài", **HERE}, words="khói tầng 3", key="k")
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (told["id"], "true")
    found = desk.get(f"/api/v1/incidents/{told['incident']}").json()
    assert members(found) == [("call", told["id"])]
    assert (found["kind"], found["priority"], found["place"]["text"]) == ("fire", 1, "12 Hàng Bài")
    other = taken(desk, line="114", caller=None, kind="rescue").json()
    assert (other["number"], other["warnings"]) == ("114-0001", ["no_place"])
    assert searched(desk, "hang bai").json()["items"] == [
        {name: told[name] for name in desk.get("/api/v1/calls").json()["items"][0]}
    ]


def test_a_number_is_looked_for_in_no_address(desk: Desk, desk_of: MakeDesk) -> None:
    first = taken(desk, caller="0912345678").json()
    taken(desk, caller="0987654321", kind="rescue")
    found = searched(desk, "0912 345 678").json()["items"]
    assert [one["id"] for one in found] == [first["id"]]
    assert searched(desk, "091", kind=["rescue"]).json()["items"] == []
    page = searched(desk, "09", limit=1).json()
    rest = searched(desk, "09", cursor=page["next"]).json()["items"]
    assert [one["id"] for one in rest] == [first["id"]]
    refused = desk.get("/api/v1/calls", params={"q": "0912345678"})
    assert (refused.status_code, refused.json()["error"]) == (422, "invalid_input")
    assert "0912345678" not in refused.text
    forged = {"X-CSRF-Token": "x"}
    assert desk.post(SEARCH, json={"q": "09"}, headers=forged).status_code == 403
    other = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert searched(other, "0912345678").json()["items"] == []
    for wrong in ({}, {"q": ""}, {"q": "1" * 101}, {"q": "1", "limit": 0}, {"q": "1", "x": 1}):
        assert desk.post(SEARCH, json=wrong, headers={"X-CSRF-Token": desk.csrf}).status_code == 422


def test_a_callers_words_are_looked_for_in_no_address(desk: Desk, desk_of: MakeDesk) -> None:
    words = "bà Lan gọi, số nhà 0912345678"
    told = taken(desk, words=words).json()
    found = searched_incidents(desk, "ba lan 0912345678").json()["items"]
    assert [one["id"] for one in found] == [told["incident"]]
    assert searched_incidents(desk, "ba lan", kind=["rescue"]).json()["items"] == []
    refused = desk.get("/api/v1/incidents", params={"q": "0912345678"})
    assert (refused.status_code, refused.json()["error"]) == (422, "invalid_input")
    assert "0912345678" not in refused.text
    other = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert searched_incidents(other, "lan").json()["items"] == []
    for text, more in (("", {}), ("1" * 201, {}), ("1", {"limit": 0}), ("1", {"x": 1})):
        assert searched_incidents(desk, text, **more).status_code == 422


def test_what_tells_of_nothing_opens_none_and_a_number_is_remembered(
    centre: Centre, desk: Desk
) -> None:
    silent = taken(desk, kind="silent").json()
    assert (silent["incident"], silent["warnings"]) == (None, ["call_back"])
    assert taken(desk, kind="hoax", caller="+84 912 345 678").json()["warnings"] == ["repeated"]
    centre.clock.at += 3600
    later = taken(desk, place={"text": "ngõ không tên"}).json()
    assert later["warnings"] == ["no_point", "hoaxer"]
    assert later["place"]["text"] == "ngõ không tên"
    near = nearby(desk, caller="0912345678").json()
    assert ([one["id"] for one in near["earlier"]], near["hoaxes"]) == ([later["id"]], 1)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"place": {"lat": 21.0}}, "half_a_point"),
        ({"caller": "ông An"}, "caller_wrong"),
        ({"kind": "earthquake"}, "invalid_input"),
        ({"place": {"lat": 91.0, "lon": 1.0}}, "invalid_input"),
        ({"words": "a" * 4001}, "invalid_input"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    desk: Desk, facts: dict[str, Any], error: str
) -> None:
    answer = taken(desk, **facts)
    assert (answer.status_code, answer.json()["error"]) == (422, error)
    assert desk.get("/api/v1/calls").json()["items"] == []


def test_an_address_of_the_list_gets_its_point(centre: Centre, desk: Desk, tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("kind,name,ward,area,lat,lon\nstreet,Hàng Bài,Cửa Nam,tay-ho,21.02,105.85\n")
    site = centre.site()
    inside = site.centre.model_copy(update={"places_file": places})
    centre.site.replace(site.model_copy(update={"centre": inside}))
    assert desk.get("/api/v1/places", params={"q": "hang b"}).json()["items"][0]["lat"] == 21.02
    told = taken(desk, place={"text": "Hàng Bài"}).json()
    assert told["place"] == {"text": "Hàng Bài", "ward": "Cửa Nam", "lat": 21.02, "lon": 105.85}


@pytest.mark.parametrize("call_first", [True, False])
def test_a_call_near_a_doubted_alert_raises_it(
    centre: Centre, desk: Desk, call_first: bool
) -> None:
    place_cameras(centre)

    def call() -> dict[str, Any]:
        told: dict[str, Any] = taken(desk, place=HERE).json()
        return told

    told = call() if call_first else None
    alert = centre.raise_alert("cam-1", priority=3)
    far = centre.raise_alert("cam-2", priority=3)
    if told is None:
        told = call()
        assert told["raised_alert"] == alert
    shown = desk.get(f"/api/v1/alerts/{alert}").json()
    assert (shown["priority"], shown["spoke_reason"]) == (1, "call_agrees")
    assert shown["reason"].startswith("corroborated by call 113-0001 · ")
    assert desk.get(f"/api/v1/alerts/{far}").json()["priority"] == 3
    items = desk.get("/api/v1/incidents").json()["items"]
    opened = next(one for one in items if ("alert", alert) in members(one))
    joined = act(desk, opened, "join", type="incident", id=told["incident"])
    assert set(members(joined.json())) == {("alert", alert), ("call", told["id"])}
    assert centre.archive.verify_chain().ok


@pytest.mark.parametrize(("disposition", "priority"), [("hoax", 3), ("transferred", 1)])
def test_a_call_that_was_a_hoax_raises_no_later_alert(
    centre: Centre, desk: Desk, disposition: str, priority: int
) -> None:
    place_cameras(centre)
    told = taken(desk, place=HERE).json()
    (found,) = desk.get("/api/v1/incidents").json()["items"]
    assert found["id"] == told["incident"]
    assert act(desk, found, "close", disposition=disposition).status_code == 200
    alert = centre.raise_alert("cam-1", priority=3)
    assert desk.get(f"/api/v1/alerts/{alert}").json()["priority"] == priority


def test_a_call_makes_the_cameras_near_it_look_harder(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    told = taken(desk, place=HERE).json()
    given = told["attention"]
    assert (given["cameras"], given["is_full"]) == (["cam-1"], False)
    assert instant(given["until"]) == pytest.approx(centre.clock.utc() + 600, abs=1)
    for other in ({"kind": "traffic", "place": HERE}, {"place": {"text": "ngõ không tên"}}):
        assert taken(desk, **other).json()["attention"]["cameras"] == []
    assert planned(centre) == {"cam-1": told["number"]}
    found = desk.get(f"/api/v1/incidents/{told['incident']}").json()
    assert act(desk, found, "close", disposition="hoax").status_code == 200
    assert planned(centre) == {}  # somebody knows by now what it was
    taken(desk, place=HERE, caller="0911")
    centre.clock.at += 601
    assert planned(centre) == {}


def test_the_log_says_which_call_a_camera_knew_of(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert("cam-1", call="113-0042")
    log = desk.get(f"/api/v1/alerts/{alert}").json()["log"]
    assert [one["details"].get("call") for one in log] == ["113-0042"]


def test_a_number_that_calls_from_everywhere_gets_no_third_place(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    camera = centre.site().cameras[0]
    along = tuple(camera.model_copy(update={"id": f"s{n}", "lat": 21.1 + n / 50}) for n in range(3))
    centre.site.replace(centre.site().model_copy(update={"cameras": along}))
    told = [taken(desk, place={"lat": one.lat, "lon": one.lon}).json() for one in along]
    assert [one["attention"]["cameras"] for one in told] == [["s0"], ["s1"], []]
    assert [one["attention"]["is_full"] for one in told] == [False, False, True]


def test_another_agencys_calls_are_not_there(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    place_cameras(centre)
    pc07 = desk_of("pc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    area = desk_of("tay", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    told = taken(pc07, place=HERE).json()
    own = taken(area, place=HERE).json()  # beyond its area: its own still
    assert [one["id"] for one in desk.get("/api/v1/calls").json()["items"]] == [
        own["id"], told["id"]
    ]  # fmt: skip
    assert [one["id"] for one in area.get("/api/v1/calls").json()["items"]] == [own["id"]]
    assert csgt.get("/api/v1/calls").json()["items"] == []
    near = nearby(csgt, place=HERE, caller="0912345678", kind="fire")
    assert near.json() == {"cameras": [], "suggestions": [], "earlier": [], "hoaxes": 0}
    assert csgt.get(f"/api/v1/incidents/{told['incident']}").status_code == 404


def test_a_call_joins_the_incident_that_was_suggested_while_it_was_typed(
    centre: Centre, desk: Desk
) -> None:
    """A second incident of one fire stood on the list before anybody saw that they were one."""
    place = {"text": "12 Hàng Bài", **HERE}
    first = taken(desk, place=place).json()
    (suggested,) = nearby(desk, kind="fire", place=place).json()["suggestions"]
    assert suggested["id"] == first["incident"]
    second = taken(desk, caller="0987654321", place=place, incident=suggested["id"]).json()
    assert second["incident"] == first["incident"]
    found = desk.get(f"/api/v1/incidents/{first['incident']}").json()
    assert members(found) == [("call", first["id"]), ("call", second["id"])]
    ended = act(desk, found, "close", disposition="false_alarm", despite=["sources"], report="nhầm")
    assert ended.status_code == 200, ended.text
    third = taken(desk, caller="0977654321", place=place, incident=first["incident"]).json()
    assert third["incident"] not in (None, first["incident"])  # it is over: no call is lost in it
    assert centre.archive.verify_chain().ok
