"""Incidents over HTTP: opened, joined, separated, moved on and closed; each once, and logged."""

from collections.abc import Callable
from typing import Any

import httpx
from uuid6 import uuid7

from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.heard import events_of, is_beat
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.schemas import iso

MakeDesk = Callable[..., Desk]
INCIDENTS = "/api/v1/incidents"
CONTRACT = {"id", "number", "state", "kind", "priority", "place", "steps", "members", "version"}


def opened(desk: Desk, key: str = "", **facts: Any) -> dict[str, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": key or str(uuid7())}
    body = {"kind": "fire", "priority": 1, "place": {"lat": 21.03, "lon": 105.85}} | facts
    answer = desk.post(INCIDENTS, headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(
    desk: Desk, found: dict[str, Any], action: str, key: str = "", **body: Any
) -> httpx.Response:
    headers = {
        "X-CSRF-Token": desk.csrf,
        "Idempotency-Key": key or str(uuid7()),
        "If-Match": str(body.pop("version", found["version"])),
    }
    return desk.post(f"{INCIDENTS}/{found['id']}/{action}", headers=headers, json=body or None)


def searched_incidents(desk: Desk, words: str, **more: Any) -> httpx.Response:
    """The answer to a search."""
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"{INCIDENTS}/search", headers=headers, json={"q": words, **more})


def members(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["type"], one["id"]) for one in found["members"]]


def of_alert(desk: Desk, alert_id: str) -> dict[str, Any]:
    """The incident that an alert opened by itself."""
    items = desk.get(INCIDENTS).json()["items"]
    found: dict[str, Any] = next(one for one in items if ("alert", alert_id) in members(one))
    return found


def test_from_opening_to_closing_each_step_has_its_time_as_in_the_log(
    centre: Centre, desk: Desk
) -> None:
    found = opened(desk, words="khói ở tầng 3")
    assert set(found) == CONTRACT
    assert found["number"].startswith("VV-20261125-")
    for action, body in (
        ("assess", {"kind": "fire", "priority": 1}),
        ("dispatch", {"services": ["114"], "read_back": True}),
        ("step", {"step": "en_route"}),
        ("step", {"step": "on_scene"}),
        ("step", {"step": "controlled"}),
        ("close", {"disposition": "handled", "report": "Đã dập tắt, không có thiệt hại về người"}),
    ):
        centre.clock.at += 60
        answer = act(desk, found, action, **body)
        assert answer.status_code == 200, answer.text
        found = answer.json()
    steps = [one["step"] for one in found["steps"]]
    assert steps == [
        *("open", "assessed", "dispatched", "en_route", "on_scene", "controlled", "closed")
    ]
    log = centre.archive.log_of(found["id"])
    logged = [line.at for line in log if "step" in line.details]
    assert [one["at"] for one in found["steps"][1:]] == [iso(at) for at in logged]
    assert centre.archive.verify_chain().ok
    assert act(desk, found, "step", step="on_scene").status_code == 409


def test_a_command_is_done_once_and_never_on_what_changed_meanwhile(desk: Desk) -> None:
    found = opened(desk, key="one")
    assert opened(desk, key="one")["id"] == found["id"]
    first = act(desk, found, "assess", key="k", priority=2)
    again = act(desk, found, "assess", key="k", priority=2)
    assert (first.json(), again.json()) == (again.json(), first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert act(desk, found, "assess", key="k", priority=3).json()["error"] == "key_reused"
    stale = act(desk, found, "assess", priority=3)
    assert (stale.status_code, stale.json()["error"]) == (412, "incident_version")
    assert stale.json()["incident"]["priority"] == 2
    note = act(desk, found, "join", type="note", note="gọi lại")
    assert note.status_code == 200
    assert act(desk, found, "close").json()["field"] == "body.disposition"


def test_a_source_that_joins_meanwhile_does_not_refuse_the_order_to_send(
    centre: Centre, desk: Desk
) -> None:
    found, weak = opened(desk), centre.raise_alert(priority=2)
    assert act(desk, found, "join", type="alert", id=weak).status_code == 200
    assert act(desk, found, "join", type="incident", id=opened(desk)["id"]).status_code == 200
    sent = act(desk, found, "dispatch", services=["114"])
    assert sent.status_code == 200, sent.text
    again = act(desk, found, "dispatch", services=["115"])
    assert again.json()["error"] == "incident_version"  # a colleague sent somebody meanwhile


def test_a_p1_alert_opens_one_and_a_weaker_one_does_not(centre: Centre, desk: Desk) -> None:
    weak = centre.raise_alert(priority=2)
    assert desk.get(INCIDENTS).json()["items"] == []
    strong = centre.raise_alert(priority=1)
    centre.raise_alert(priority=1, exercise=True)
    (found,) = desk.get(INCIDENTS).json()["items"]
    assert members(found) == [("alert", strong)]
    assert (found["kind"], found["state"], found["priority"]) == ("fire", "open", 1)
    joined = act(desk, found, "join", type="alert", id=weak)
    assert members(joined.json()) == [("alert", strong), ("alert", weak)]
    assert act(desk, joined.json(), "join", type="alert", id=weak).json()["error"] == "is_member"


def test_what_was_joined_is_separated_again(centre: Centre, desk: Desk) -> None:
    one, two = centre.raise_alert(priority=1), centre.raise_alert("cam-2", priority=1)
    first, second = of_alert(desk, one), of_alert(desk, two)
    assert act(desk, first, "separate", type="alert", id=one).json()["error"] == "only_member"
    joined = act(desk, first, "join", type="incident", id=second["id"]).json()
    assert members(joined) == [("alert", one), ("alert", two)]
    emptied = desk.get(f"{INCIDENTS}/{second['id']}").json()
    assert (emptied["state"], emptied["members"]) == ("closed", [])
    apart = act(desk, joined, "separate", type="alert", id=two)
    assert members(apart.json()) == [("alert", one)]
    own = of_alert(desk, two)
    assert (own["state"], own["id"]) != ("closed", second["id"])
    assert centre.archive.verify_chain().ok


def test_nobody_joins_what_has_units_out_into_what_has_none(centre: Centre, desk: Desk) -> None:
    out, calm = opened(desk, words="a"), centre.raise_alert(priority=1)
    busy = act(desk, of_alert(desk, calm), "dispatch", services=["114"]).json()
    refused = act(desk, out, "join", type="incident", id=busy["id"])
    assert (refused.status_code, refused.json()["error"]) == (409, "join_other_way")
    assert act(desk, busy, "join", type="incident", id=out["id"]).status_code == 200


def test_another_agencys_incident_is_not_there(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    mine, foreign = centre.raise_alert(priority=1), centre.raise_alert("cam-2", priority=1)
    joined = act(desk, of_alert(desk, mine), "join", type="alert", id=foreign).json()
    pc07 = desk_of("pc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    (seen,) = pc07.get(INCIDENTS).json()["items"]
    assert seen["id"] == joined["id"]
    assert members(seen) == [("alert", mine)]
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    (other,) = csgt.get(INCIDENTS).json()["items"]  # its own, closed: it is another's now
    assert (other["state"], other["members"]) == ("closed", [])
    assert csgt.get(f"{INCIDENTS}/{joined['id']}").status_code == 404
    assert act(csgt, joined, "assess").status_code == 404
    separate = act(pc07, seen, "separate", type="alert", id=foreign)
    assert separate.json()["error"] == "member_not_found"


def test_rejecting_the_only_alert_ends_its_incident_and_confirming_assesses_it(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    false, true = centre.raise_alert(priority=1), centre.raise_alert("cam-2", priority=1)
    leader = desk_of("ld", Role.LEADER)
    for alert_id in (false, true):
        assert leader.act(alert_id, "acknowledge").status_code == 200
    assert leader.act(false, "reject", 2, reason="steam").status_code == 200
    assert leader.act(true, "confirm", 2).status_code == 200
    assert of_alert(desk, false)["state"] == "closed"
    assert of_alert(desk, true)["state"] == "assessed"
    assert of_alert(desk, true)["steps"][-1]["by"]["username"] == "ld"


def test_an_incident_is_in_the_stream_in_the_order_of_the_changes(
    centre: Centre, desk: Desk
) -> None:
    found = opened(desk)
    act(desk, found, "assess")
    centre.raise_alert(priority=1)
    heard = []
    with desk.stream("GET", "/api/v1/stream", headers={"Last-Event-ID": "0"}) as answer:
        for event in events_of(answer):
            if not is_beat(event):
                heard.append((event.name, int(event.id)))
            if len(heard) == 4:
                break
    names = ("incident", "incident", "change", "incident")
    assert heard == list(zip(names, (1, 2, 3, 4), strict=True))
