"""Alerts from hand to hand over HTTP, notes beside them, and what never refuses an officer."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]


def take_shift(desk: Desk) -> None:
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.post("/api/v1/shift/take", json={"sound_heard": True}, headers=headers)
    assert answer.status_code == 200


def test_an_acknowledge_is_not_refused_because_the_machine_moved_on(
    centre: Centre, desk: Desk
) -> None:
    alert_id = centre.raise_alert(priority=2, event_id="e", zone_id="z", rule_id="r")
    seen = desk.get(f"/api/v1/alerts/{alert_id}").json()["version"]
    again: dict[str, Any] = {
        "event_id": "e",
        "zone_id": "z",
        "rule_id": "r",
        "box": (0.1, 0.1, 0.8, 0.8),
    }
    assert centre.raise_alert(priority=1, captured_at=centre.clock.at, **again) == alert_id
    assert desk.get(f"/api/v1/alerts/{alert_id}").json()["version"] > seen
    taken = desk.act(alert_id, "acknowledge", seen)
    assert (taken.status_code, taken.json()["owner"]["username"]) == (200, "an")
    centre.raise_alert(priority=1, captured_at=centre.clock.at + 1, **again)
    confirmed = desk.act(alert_id, "confirm", taken.json()["version"])
    assert confirmed.status_code == 200


def test_a_colleague_takes_over_and_is_given_back(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    alert_id = centre.raise_alert()
    held = desk.act(alert_id, "acknowledge").json()
    chi = desk_of("chi", Role.OPERATOR)
    claimed = chi.act(alert_id, "claim", held["version"])
    assert (claimed.status_code, claimed.json()["owner"]["username"]) == (200, "chi")
    late = desk.act(alert_id, "confirm", held["version"])
    assert (late.status_code, late.json()["error"]) == (409, "held")
    assert late.json()["by"]["username"] == "chi"
    assert chi.act(alert_id, "claim", claimed.json()["version"]).status_code == 200
    take_shift(desk)
    given = chi.act(alert_id, "hand_over", claimed.json()["version"], to="an", note="về ăn cơm")
    assert (given.status_code, given.json()["owner"]["username"]) == (200, "an")
    full = desk.get(f"/api/v1/alerts/{alert_id}").json()
    assert [entry["action"] for entry in full["log"]][-2:] == ["claim", "hand_over"]
    assert full["log"][-1]["note"] == "về ăn cơm"


def test_to_whom_an_alert_cannot_be_given(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    alert_id = centre.raise_alert("cam-1")
    version = desk.act(alert_id, "acknowledge").json()["version"]
    desk_of("chi", Role.OPERATOR)
    elsewhere = desk_of("xa", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    take_shift(elsewhere)
    centre.add_user("xem", Role.VIEWER)

    def give(to: str) -> tuple[int, str]:
        answer = desk.act(alert_id, "hand_over", version, to=to)
        return answer.status_code, answer.json()["error"]

    assert give("chi") == (409, "receiver_off_duty")
    assert {give(to) for to in ("xa", "xem", "nobody", "an")} == {(422, "person_unknown")}
    missing = desk.act(alert_id, "hand_over", version)
    assert (missing.json()["error"], missing.json()["field"]) == ("to_missing", "body.to")
    other = desk_of("binh", Role.OPERATOR)
    refused = other.act(alert_id, "hand_over", version, to="an")
    assert (refused.status_code, refused.json()["error"]) == (409, "not_mine")
    assert refused.json()["by"]["username"] == "an"


@pytest.mark.parametrize("note", [None, "  "])
def test_a_note_needs_words(standing_centre: Centre, standing_desk: Desk, note: str | None) -> None:
    answer = standing_desk.act(standing_centre.raise_alert(), "note", 1, note=note)
    assert (answer.status_code, answer.json()["error"]) == (422, "note_missing")
    assert answer.json()["field"] == "body.note"


def test_a_note_is_added_to_a_closed_alert_too(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    alert_id = centre.raise_alert()
    for version, action in enumerate(("acknowledge", "confirm", "close"), 1):
        assert desk.act(alert_id, action, version).status_code == 200
    noted = desk_of("chi", Role.OPERATOR).act(alert_id, "note", 1, note="114 báo đã dập")
    assert (noted.status_code, noted.json()["state"]) == (200, "closed")
    assert desk.get("/api/v1/alerts?q=dap").json()["items"][0]["id"] == alert_id
