"""One list of the desk: incidents with their sources, lone alerts, and faults that are no rows."""

from typing import Any

from tests.app.calls.test_calls import HERE, place_cameras, taken
from tests.app.incidents.test_incidents import of_alert
from tests.app.web_api.centre import Centre, Desk

WORKLIST = "/api/v1/worklist"


def worklist(desk: Desk, **asked: Any) -> dict[str, Any]:
    answer = desk.get(WORKLIST, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def row_of(desk: Desk, incident_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/api/v1/incidents/{incident_id}/row").json()
    return found


def test_a_fire_and_its_call_are_rows_and_a_doubt_is_one_without_a_number(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    sure = centre.raise_alert("cam-1", priority=1)
    doubted = centre.raise_alert("cam-2", kind="crowd", priority=2)
    call = taken(desk, place=HERE, words="khói ở tầng 2").json()
    found = worklist(desk)
    assert [(one["type"], one["section"]) for one in found["items"]] == [
        ("incident", "waiting"), ("incident", "waiting"), ("alert", "look"),
    ]  # fmt: skip
    assert found["counts"] == {"waiting": 2, "working": 0, "look": 1}
    of_camera, of_call = found["items"][0], found["items"][1]
    assert of_camera["id"] == of_alert(desk, sure)["id"]
    assert [(one["kind"], one["id"]) for one in of_camera["sources"]] == [("camera", sure)]
    (told,) = of_call["sources"]
    assert (told["kind"], told["id"], told["text"]) == ("call", call["id"], "khói ở tầng 2")
    light = found["items"][2]
    assert (light["number"], light["alert"]["id"], light["state"]) == (None, doubted, "new")


def test_a_page_goes_on_where_the_one_before_ended(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    for at, kind in enumerate(("fire", "crowd", "smoke", "crowd")):
        centre.raise_alert("cam-1", kind=kind, priority=1 + at % 2, event_id=f"e{at}")
    whole = [one["id"] for one in worklist(desk)["items"]]
    pages, cursor = [], None
    while True:
        page = worklist(desk, limit=1, **({"cursor": cursor} if cursor else {}))
        pages += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == whole
    assert len(whole) == len(set(whole)) > 1


def test_a_dead_camera_is_no_row_and_is_counted_beside_the_fire_it_should_see(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    fire = centre.raise_alert("cam-1", priority=1)
    centre.raise_alert("cam-1", kind="camera_offline", rule_id="camera_offline", priority=2)
    found = worklist(desk)
    assert [one["type"] for one in found["items"]] == ["incident"]
    assert found["faults"] == found["blind"]["total"] == found["blind"]["near_incidents"] == 1
    (blind,) = found["blind"]["cameras"]
    assert (blind["camera"], blind["incident"]) == ("cam-1", of_alert(desk, fire)["id"])


def test_a_confirmed_fire_stands_above_new_ones(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    first = centre.raise_alert("cam-2", priority=1)
    centre.clock.at += 1
    fire = centre.raise_alert("cam-1", priority=1)
    desk.act(fire, "acknowledge").raise_for_status()
    desk.act(fire, "confirm", 2).raise_for_status()
    rows = worklist(desk)["items"]
    assert [one["sources"][0]["id"] for one in rows] == [fire, first]
    assert [one["urgency"] for one in rows] == [0, 2]
