"""P1 that a call or a device told of too: marked, heard again, and first of all."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.calls.test_calls import HERE, place_cameras, taken
from tests.app.incidents.test_incidents import act, of_alert
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.signals.device_events import RULE
from thapcanh.alerts.store.roles import Role
from thapcanh.detection.event import EventPhase

MakeDesk = Callable[..., Desk]
OPEN = {"state": "new,acknowledged", "sort": "urgency"}


def shown(desk: Desk, alert: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/api/v1/alerts/{alert}").json()
    return found


def mark(desk: Desk, alert: str) -> tuple[str | None, str | None, int]:
    found = shown(desk, alert)
    return found["corroboration"], found["corroborated_by"], found["urgency"]


@pytest.mark.parametrize("call_first", [True, False])
def test_a_p1_that_a_call_confirms_is_marked_and_comes_first(
    centre: Centre, desk: Desk, call_first: bool
) -> None:
    place_cameras(centre)
    older = centre.raise_alert("cam-2", priority=1)
    if call_first:
        taken(desk, place=HERE)
    alert = centre.raise_alert("cam-1", priority=1)
    if not call_first:
        centre.clock.at += 5
        told = taken(desk, place=HERE).json()
        assert told["raised_alert"] is None  # it was a P1 before
    newest = centre.raise_alert("cam-2", kind="smoke", priority=1)
    assert mark(desk, alert) == ("call", "113-0001", 1)
    assert shown(desk, alert)["spoke_reason"] == "call_agrees"
    assert mark(desk, older) == (None, None, 2)
    items = desk.get("/api/v1/alerts", params=OPEN).json()["items"]
    assert [one["id"] for one in items] == [alert, newest, older]
    assert centre.archive.verify_chain().ok


def test_pages_by_urgency_follow_each_other(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alerts = [centre.raise_alert("cam-2", priority=one) for one in (3, 1, 2, 1)]
    sure = centre.raise_alert("cam-1", priority=1)
    taken(desk, place=HERE)
    found: list[str] = []
    asked = {**OPEN, "limit": "2"}
    while asked.get("cursor") is not None or not found:
        page = desk.get("/api/v1/alerts", params=asked).json()
        found += [one["id"] for one in page["items"]]
        asked["cursor"] = page["next"]
    assert found == [sure, alerts[3], alerts[1], alerts[2], alerts[0]]


@pytest.mark.parametrize("device_first", [True, False])
def test_a_p1_that_a_device_confirms_is_marked(
    centre: Centre, desk: Desk, device_first: bool
) -> None:
    def facts(of: str) -> CameraFacts:
        name = "Tủ báo cháy" if of == "panel" else of
        return CameraFacts(name=name, lat=HERE["lat"], lon=HERE["lon"])

    object.__setattr__(centre, "_facts", facts)
    rules = {"panel": RULE, "cam-1": "fire"}
    order = ("panel", "cam-1") if device_first else ("cam-1", "panel")
    ids = {one: centre.raise_alert(one, rule_id=rules[one], priority=1) for one in order}
    assert mark(desk, ids["cam-1"]) == ("device", "Tủ báo cháy", 1)
    assert mark(desk, ids["panel"]) == (None, None, 2)
    spoken = shown(desk, ids["cam-1"])
    assert spoken["spoke_reason"] == "device_agrees"
    # Told once: what both go on to see says nothing new.
    centre.clock.at += 1
    centre.raise_alert("panel", rule_id=RULE, priority=1, event_id="p", phase=EventPhase.RAISED)
    assert shown(desk, ids["cam-1"])["spoke_at"] == spoken["spoke_at"]
    assert centre.archive.verify_chain().ok


def test_a_call_without_a_point_confirms_what_people_join_it_to(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert("cam-1", priority=1)
    told = taken(desk, place={"text": "ngõ không tên"}).json()
    assert mark(desk, alert)[0] is None
    act(desk, of_alert(desk, alert), "join", type="call", id=told["id"])
    assert mark(desk, alert) == ("call", told["number"], 1)


@pytest.mark.parametrize(("disposition", "told"), [("hoax", None), ("transferred", "call")])
def test_a_hoax_takes_its_mark_back(
    centre: Centre, desk: Desk, disposition: str, told: str | None
) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    call = taken(desk, place=HERE).json()
    found = desk.get(f"/api/v1/incidents/{call['incident']}").json()
    assert act(desk, found, "close", disposition=disposition).status_code == 200
    assert mark(desk, alert)[0] == told
    assert centre.archive.verify_chain().ok


def test_a_rejection_that_waits_for_a_leader_stands_behind_what_nobody_saw(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    """It stood above, when its lease had run out, on lists of officers who cannot sign it."""
    seen = centre.raise_alert("cam-1", priority=1)
    desk.act(seen, "acknowledge")
    version = shown(desk, seen)["version"]
    assert desk.act(seen, "reject", version, reason="steam").json()["urgency"] == 3
    centre.clock.at += 1801
    centre.archive.expire_leases(centre.clock.utc())
    assert shown(desk, seen)["state"] == "new"
    centre.clock.at += 1
    unseen = centre.raise_alert("cam-2", priority=1)
    items = desk.get("/api/v1/alerts", params=OPEN).json()["items"]
    assert [one["id"] for one in items] == [unseen, seen]
    leader = desk_of("chi-huy", Role.LEADER)
    leader.act(seen, "reject", shown(leader, seen)["version"])
    assert shown(leader, seen)["state"] == "rejected"
