"""One owner, one transaction: what is done to an incident is done to its alerts too."""

from typing import Any

from tests.app.calls.test_calls import HERE, place_cameras, taken
from tests.app.incidents.test_incidents import act, of_alert
from tests.app.incidents.test_worklist import row_of, worklist
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import Role


def state_of(desk: Desk, alert: str) -> tuple[str, str | None]:
    found = desk.get(f"/api/v1/alerts/{alert}").json()
    return found["state"], found["owner"] and found["owner"]["username"]


def test_dispatching_takes_the_alert_too(centre: Centre, desk: Desk) -> None:
    """An incident with units on the way said that nobody had taken its alert."""
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    mine = of_alert(desk, alert)
    act(desk, mine, "dispatch", services=["114"]).raise_for_status()
    assert state_of(desk, alert) == ("acknowledged", "an")
    assert row_of(desk, mine["id"])["state"] == "dispatched"
    assert centre.archive.verify_chain().ok


def test_whoever_takes_an_alert_holds_its_incident(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    desk.act(alert, "acknowledge").raise_for_status()
    (row,) = worklist(desk)["items"]
    assert (row["section"], row["state"]) == ("working", "verifying")
    assert row["holder"]["username"] == "an"


def test_the_holder_takes_what_he_joins(centre: Centre, desk: Desk) -> None:
    """It waited on: A was answered with "taken already", C and R with "take it first"."""
    place_cameras(centre)
    held, free = (centre.raise_alert(name, priority=1) for name in ("cam-1", "cam-2"))
    mine = act(desk, of_alert(desk, held), "acknowledge").json()
    act(desk, mine, "join", type="incident", id=of_alert(desk, free)["id"]).raise_for_status()
    assert state_of(desk, free) == ("acknowledged", "an")
    assert centre.archive.verify_chain().ok


def test_a_note_or_a_join_takes_no_source_that_came_unseen(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    first, free = (centre.raise_alert(name, priority=1) for name in ("cam-1", "cam-2"))
    mine = act(desk, of_alert(desk, first), "acknowledge").json()
    centre.clock.at += 30
    unseen = centre.raise_alert("cam-1", priority=1)
    assert of_alert(desk, unseen)["id"] == mine["id"]
    centre.clock.at += 30
    now = of_alert(desk, first)
    noted = act(desk, now, "join", type="note", note="chủ nhà giữ chìa khóa").json()
    assert state_of(desk, unseen) == ("new", None)
    act(desk, noted, "join", type="incident", id=of_alert(desk, free)["id"]).raise_for_status()
    assert (state_of(desk, free), state_of(desk, unseen)) == (("acknowledged", "an"), ("new", None))


def test_taking_releasing_and_taking_over_move_all_of_it(
    centre: Centre, desk: Desk, desk_of: object
) -> None:
    place_cameras(centre)
    alerts = [centre.raise_alert("cam-1", priority=1) for _ in range(2)]
    mine = of_alert(desk, alerts[0])
    held = act(desk, mine, "acknowledge").json()
    assert [state_of(desk, one) for one in alerts] == [("acknowledged", "an")] * 2
    other = desk_of("binh", Role.OPERATOR)  # type: ignore[operator]
    refused = act(other, held, "acknowledge")
    assert (refused.status_code, refused.json()["error"]) == (409, "incident_held")
    assert refused.json()["by"]["username"] == "an"
    claimed = act(other, held, "claim").json()
    assert [state_of(desk, one) for one in alerts] == [("acknowledged", "binh")] * 2
    act(other, claimed, "release").raise_for_status()
    assert [state_of(desk, one) for one in alerts] == [("new", None)] * 2
    assert worklist(desk)["counts"]["waiting"] == 1


def test_what_is_separated_has_its_notes_its_clock_and_its_sound_again(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    one, two = centre.raise_alert("cam-1", priority=1), centre.raise_alert("cam-2", priority=1)
    first, second = of_alert(desk, one), of_alert(desk, two)
    act(desk, second, "join", type="note", note="chủ nhà giữ chìa khóa").raise_for_status()
    joined = act(desk, first, "join", type="incident", id=second["id"]).json()
    held = act(desk, joined, "acknowledge").json()
    assert state_of(desk, two) == ("acknowledged", "an")
    spoke = desk.get(f"/api/v1/alerts/{two}").json()["spoke_at"]
    centre.clock.at += 60
    act(desk, held, "separate", type="alert", id=two).raise_for_status()
    own = desk.get(f"/api/v1/incidents/{of_alert(desk, two)['id']}/detail").json()
    assert [note["words"] for note in own["notes"]] == ["chủ nhà giữ chìa khóa"]
    assert own["notes"][0]["by"]["username"] == "an"
    assert state_of(desk, two) == ("new", None)
    assert desk.get(f"/api/v1/alerts/{two}").json()["spoke_at"] > spoke
    row = row_of(desk, own["incident"]["id"])
    assert (row["section"], row["holder"]) == ("waiting", None)
    assert (state_of(desk, one), centre.archive.verify_chain().ok) == (("acknowledged", "an"), True)


def test_closing_names_what_is_open_and_takes_it_with_a_reason(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    mine = act(desk, of_alert(desk, alert), "acknowledge").json()
    refused = act(desk, mine, "close", disposition="nothing_found")
    assert (refused.status_code, refused.json()["open_points"]) == (409, ["sources"])
    wordless = act(desk, mine, "close", disposition="nothing_found", despite=["sources"])
    assert (wordless.status_code, wordless.json()["error"]) == (422, "despite_reason_missing")
    verdict = act(desk, mine, f"sources/alert/{alert}/verdict", verdict="true").json()
    said: dict[str, Any] = {"report": "hết khói, không cần xe", "despite": ["unsent"]}
    closed = act(desk, verdict, "close", disposition="nothing_found", **said)
    assert closed.status_code == 200, closed.text
    assert state_of(desk, alert)[0] == "closed"
    again = act(desk, closed.json(), "reopen", note="vẫn còn khói").json()
    assert again["state"] == "assessed"
    ended = act(desk, again, "close", disposition="handled", **said).json()
    right = act(desk, ended, "correct", disposition="transferred", note="bàn giao phường")
    assert right.status_code == 200, right.text
    assert centre.archive.verify_chain().ok


def test_a_confirmed_fire_to_which_nobody_was_sent_is_closed_with_words_only(
    centre: Centre, desk: Desk
) -> None:
    """X, X at the desk closed it as handled, without a word."""
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    mine = of_alert(desk, alert)
    real = act(desk, mine, f"sources/alert/{alert}/verdict", verdict="true").json()
    refused = act(desk, real, "close", disposition="handled")
    assert (refused.status_code, refused.json()["open_points"]) == (409, ["unsent"])
    wordless = act(desk, real, "close", disposition="handled", despite=["unsent"])
    assert (wordless.status_code, wordless.json()["error"]) == (422, "despite_reason_missing")
    sent = act(desk, real, "dispatch", services=["114"]).json()
    log = desk.get(f"/api/v1/incidents/{mine['id']}/detail").json()["log"]
    told = {one["action"]: (one["source"], one["verdict"], one["told"]) for one in log}
    number = desk.get(f"/api/v1/alerts/{alert}").json()["number"]
    assert told["assessed"] == (f"Camera cam-1 · {number}", "true", [])
    assert told["dispatched"] == (None, None, ["114"])
    units_out = act(desk, sent, "close", disposition="transferred")
    assert (units_out.status_code, units_out.json()["error"]) == (422, "report_missing")


def test_one_false_source_rejects_no_fire(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    mine = of_alert(desk, alert)
    call = taken(desk, place=HERE, words="khói").json()
    joined = act(desk, mine, "join", type="call", id=call["id"]).json()
    steam = act(desk, joined, f"sources/call/{call['id']}/verdict", verdict="false", reason="steam")
    assert (steam.status_code, steam.json()["error"]) == (422, "reason_unknown")
    act(
        desk, joined, f"sources/call/{call['id']}/verdict", verdict="false", reason="mistaken"
    ).raise_for_status()
    row = row_of(desk, mine["id"])
    assert row["state"] == "verifying"
    assert {one["id"]: one["verdict"] for one in row["sources"]} == {
        alert: None, call["id"]: "false",
    }  # fmt: skip


def test_a_call_joined_to_anothers_work_waits_to_be_seen(
    centre: Centre, desk: Desk, desk_of: object
) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=1)
    mine = act(desk, of_alert(desk, alert), "acknowledge").json()
    other = desk_of("binh", Role.OPERATOR)  # type: ignore[operator]
    call = taken(other, place=HERE).json()
    joined = act(other, mine, "join", type="call", id=call["id"]).json()
    row = row_of(desk, mine["id"])
    assert (row["section"], row["unseen"], row["holder"]["username"]) == ("waiting", 1, "an")
    act(desk, joined, "acknowledge").raise_for_status()
    assert row_of(desk, mine["id"])["section"] == "working"


def test_a_second_camera_joins_a_fire_in_hand_unseen_and_says_why(
    centre: Centre, desk: Desk
) -> None:
    """It opened a second incident as soon as somebody had acted on the first."""
    place_cameras(centre)
    mine = of_alert(desk, centre.raise_alert("cam-1", priority=1))
    act(desk, mine, "dispatch", services=["114"]).raise_for_status()
    centre.raise_alert("cam-1", priority=1)
    (row,) = worklist(desk)["items"]
    assert (row["section"], row["holder"]["username"]) == ("waiting", "an")
    first, later = sorted(row["sources"], key=lambda one: str(one["joined_at"]))
    assert (first["because"]["code"], later["because"]["code"]) == ("first", "same_camera")
    assert (first["unseen_since"], later["unseen_since"] is not None) == (None, True)
    act(desk, row_of(desk, mine["id"]), "acknowledge").raise_for_status()
    assert worklist(desk)["counts"] == {"waiting": 0, "working": 1, "look": 0}


def test_a_judged_call_stays_judged_when_its_incident_joins_another(
    centre: Centre, desk: Desk
) -> None:
    place_cameras(centre)
    call = taken(desk, place=HERE, words="khói").json()
    own = desk.get(f"/api/v1/incidents/{call['incident']}").json()
    path = f"sources/call/{call['id']}/verdict"
    act(desk, own, path, verdict="true").raise_for_status()
    alert = centre.raise_alert("cam-1", priority=1)
    mine = act(desk, of_alert(desk, alert), "acknowledge").json()
    act(desk, mine, "join", type="incident", id=own["id"]).raise_for_status()
    sources = {one["id"]: one for one in row_of(desk, mine["id"])["sources"]}
    assert sources[call["id"]]["verdict"] == "true"
    assert sources[call["id"]]["verdict_by"]["username"] == "an"
