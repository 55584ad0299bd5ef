"""What lasts is still joined, and a flood at one place is one incident: people decide the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.calls.test_calls import HERE, nearby, place_cameras, taken
from tests.app.incidents.test_incidents import INCIDENTS, act, members, of_alert, opened
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.detection.event import EventPhase

MakeDesk = Callable[..., Desk]


def listed(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get(INCIDENTS, params=asked).json()["items"]
    return items


def one(desk: Desk, incident_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"{INCIDENTS}/{incident_id}").json()
    return found


def see_on(centre: Centre, event_id: str, for_s: float, priority: int = 1) -> None:
    """The camera sees the same event every minute."""
    for _ in range(int(for_s / 60)):
        centre.clock.at += 60
        centre.raise_alert(
            "cam-1", priority=priority, event_id=event_id, phase=EventPhase.UPDATED,
            rule_id="fire-1", zone_id="z1",
        )  # fmt: skip


def test_a_call_about_a_fire_that_lasts_is_joined_to_it(centre: Centre, desk: Desk) -> None:
    """After 10 minutes no incident was suggested, though the camera saw it every few seconds."""
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1, event_id="lasts")
    see_on(centre, "lasts", 1500)
    mine = of_alert(desk, alert)
    suggested = nearby(desk, kind="fire", place=HERE).json()["suggestions"]
    assert [(found["id"], found["apart_s"]) for found in suggested] == [(mine["id"], 2.0)]
    assert suggested[0]["at"] == mine["steps"][0]["at"]  # its age, whatever was seen of it since
    told = taken(desk, place=HERE).json()
    (found,) = one(desk, told["incident"])["suggested"]
    assert (found["type"], found["id"]) == ("incident", mine["id"])
    assert found["distance_m"] == pytest.approx(111, abs=2)
    assert found["apart_s"] == 2.0
    (back,) = one(desk, mine["id"])["suggested"]
    assert (back["type"], back["id"]) == ("incident", told["incident"])
    joined = act(desk, one(desk, mine["id"]), "join", type=back["type"], id=back["id"])
    assert set(members(joined.json())) == {("alert", alert), ("call", told["id"])}
    assert one(desk, mine["id"])["suggested"] == []
    assert one(desk, told["incident"])["suggested"] == []  # closed: it is the other one


def test_an_alert_that_lasts_is_suggested_too(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=2, event_id="lasts")
    see_on(centre, "lasts", 1500, priority=2)
    found = nearby(desk, kind="fire", place=HERE).json()["suggestions"]
    assert [(each["type"], each["id"]) for each in found] == [("alert", alert)]


def test_what_is_over_for_ten_minutes_is_another_happening(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    centre.raise_alert("cam-1", priority=1, event_id="ends")
    centre.clock.at += 601
    assert nearby(desk, kind="fire", place=HERE).json()["suggestions"] == []


def test_another_agency_reads_no_suggestion_of_ours(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    mine = opened(desk)
    opened(desk)
    assert len(one(desk, mine["id"])["suggested"]) == 1
    other = desk_of("csgt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert other.get(f"{INCIDENTS}/{mine['id']}").status_code == 404


def test_a_flood_at_one_camera_is_one_incident(centre: Centre, desk: Desk) -> None:
    """Four cameras opened 78 incidents in half an hour, one an alert."""
    place_cameras(centre)
    alerts = []
    for _ in range(10):
        centre.clock.at += 90
        alerts += [centre.raise_alert(camera, priority=1) for camera in ("cam-1", "cam-2")]
    found = listed(desk)
    assert sorted(len(each["members"]) for each in found) == [10, 10]
    assert {member for each in found for member in members(each)} == {
        ("alert", alert) for alert in alerts
    }
    log = desk.get(f"{INCIDENTS}/{found[0]['id']}/detail").json()["log"]
    assert [line["action"] for line in log].count("joined") == 9
    assert centre.archive.verify_chain().ok


def test_two_cameras_of_one_place_are_one_incident_and_two_kinds_are_two(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    site = centre.site()
    first, second, *rest = site.cameras
    beside = second.model_copy(update={
        "lat": first.lat, "lon": first.lon, "agency": first.agency, "area": first.area,
    })  # fmt: skip
    centre.site.replace(site.model_copy(update={"cameras": (first, beside, *rest)}))
    for camera, kind in (("cam-1", "fire"), ("cam-2", "smoke"), ("cam-1", "crowd")):
        centre.raise_alert(camera, kind=kind, priority=1)
    found = {each["kind"]: len(each["members"]) for each in listed(desk)}
    assert found == {"fire": 2, "public_order": 1}


def test_another_agencys_camera_at_the_same_place_has_its_own(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    site = centre.site()
    first, second, *rest = site.cameras
    theirs = second.model_copy(update={"lat": first.lat, "lon": first.lon, "agency": "csgt"})
    centre.site.replace(site.model_copy(update={"cameras": (first, theirs, *rest)}))
    for camera in ("cam-1", "cam-2"):
        centre.raise_alert(camera, priority=1)
    assert [len(each["members"]) for each in listed(desk)] == [1, 1]


def test_peoples_decisions_stay_theirs(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alerts = [centre.raise_alert("cam-1", priority=1) for _ in range(2)]
    found = of_alert(desk, alerts[0])
    assert members(found) == [("alert", alert) for alert in alerts]
    apart = act(desk, found, "separate", type="alert", id=alerts[1])
    assert members(apart.json()) == [("alert", alerts[0])]
    third = centre.raise_alert("cam-1", priority=1)  # people have moved both: the machine keeps out
    fourth = centre.raise_alert("cam-1", priority=1)
    assert members(of_alert(desk, third)) == [("alert", third), ("alert", fourth)]
    assessed = act(desk, of_alert(desk, third), "assess")
    assert assessed.status_code == 200
    fifth = centre.raise_alert("cam-1", priority=1)
    joined = [("alert", one) for one in (third, fourth, fifth)]
    assert members(of_alert(desk, fifth)) == joined, "its sources are active: it stays one fire"
    assert members(of_alert(desk, alerts[1])) == [("alert", alerts[1])]


def test_a_flood_whose_alerts_are_all_rejected_ends_as_a_false_alarm(
    centre: Centre, desk_of: MakeDesk
) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    place_cameras(centre)
    alerts = [centre.raise_alert("cam-1", priority=1) for _ in range(3)]
    for number, alert in enumerate(alerts):
        assert of_alert(leader, alert)["state"] == "open"
        leader.act(alert, "acknowledge")
        version = leader.get(f"/api/v1/alerts/{alert}").json()["version"]
        assert leader.act(alert, "reject", version, reason="steam").status_code == 200
        assert (of_alert(leader, alert)["state"] == "closed") == (number == 2)


def test_incidents_by_urgency_begin_with_what_waits_longest(centre: Centre, desk: Desk) -> None:
    """The newest stood first, also where somebody had answered it."""
    made = {}
    for name, kind, priority in (
        ("answered", "fire", 1), ("old p2", "traffic", 2), ("old p1", "fire", 1),
        ("new p1", "fire", 1), ("new p2", "crime", 2), ("over", "fire", 1),
        ("later over", "fire", 1),
    ):  # fmt: skip
        centre.clock.at += 10
        made[name] = opened(desk, kind=kind, priority=priority)["id"]
    act(desk, one(desk, made["answered"]), "assess")
    for name in ("over", "later over"):
        act(desk, one(desk, made[name]), "close", disposition="false_alarm")
    order = ["old p1", "new p1", "old p2", "new p2", "answered", "later over", "over"]
    assert [each["id"] for each in listed(desk, sort="urgency")] == [made[name] for name in order]
    found, asked = [], {"sort": "urgency", "limit": "2"}
    while True:
        page = desk.get(INCIDENTS, params=asked).json()
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert found == [made[name] for name in order]
    assert listed(desk)[0]["id"] == made["later over"]  # newest first, as before
    wrong = desk.get(INCIDENTS, params={"sort": "urgency", "cursor": "WzEsMl0="})
    assert (wrong.status_code, wrong.json()["error"]) == (422, "invalid_input")
