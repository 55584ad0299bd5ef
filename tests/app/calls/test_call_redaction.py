"""Who called is removed from a call and every copy of it; the log's chain stays whole."""

import sqlite3
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.app.calls.test_calls import HERE, nearby, taken
from tests.app.calls.test_incoming_calls import Exchange, waiting
from tests.app.incidents.test_incidents import act, searched_incidents
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.call_redaction import redact_older
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]
NUMBER, NAME = "0912345678", "Nguyễn Văn Quýt"
REASON = "Người gọi đề nghị"


def redact(desk: Desk, call_id: str, reason: str = REASON) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"/api/v1/calls/{call_id}/redact", headers=headers, json={"reason": reason})


def stored(centre: Centre) -> str:
    """Everything that the archive holds, as text."""
    with sqlite3.connect(centre.folder / "archive.sqlite") as database:
        return "\n".join(database.iterdump()).lower()


@pytest.fixture
def leader(desk_of: MakeDesk) -> Desk:
    return desk_of("chi-huy", Role.LEADER)


def test_a_leader_removes_who_called(
    centre: Centre, address: str, desk: Desk, leader: Desk
) -> None:
    Exchange(centre, address).tell("began")
    (rings,) = waiting(desk)
    told = taken(desk, place=HERE, words=f"{NAME} báo cháy", incoming=rings["id"]).json()
    assert NUMBER in stored(centre)
    refused = redact(desk, told["id"])
    assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
    assert redact(leader, told["id"]).status_code == 204
    assert redact(leader, told["id"]).status_code == 204
    left = stored(centre)
    for word in (NUMBER, "quýt", "quyt"):
        assert word not in left
    detail = leader.get(f"/api/v1/incidents/{told['incident']}/detail").json()
    (call,) = detail["calls"]
    assert (call["number"], call["caller"], call["words"]) == (told["number"], None, None)
    lines = [one for one in detail["log"] if one["action"] == "call_redacted"]
    assert [(one["note"], one["by"]["username"]) for one in lines] == [(REASON, "chi-huy")]
    found = searched_incidents(leader, told["number"]).json()["items"]
    assert [one["id"] for one in found] == [told["incident"]]
    assert nearby(leader, caller=NUMBER).json()["earlier"] == []
    assert centre.archive.verify_chain().ok


def test_old_calls_lose_who_called_unless_their_incident_is_open(
    centre: Centre, leader: Desk
) -> None:
    def callers() -> list[Any]:
        return [one["caller"] for one in leader.get("/api/v1/calls").json()["items"]]

    database, now = centre.archive.database, centre.clock.at
    told = taken(leader, place=HERE).json()
    taken(leader, kind="enquiry", caller="0987654321")
    assert redact_older(database, now, now) == 0
    centre.clock.at += 86_400
    later = centre.clock.at
    assert redact_older(database, later, later) == 1
    assert callers() == [None, NUMBER]
    opened = leader.get(f"/api/v1/incidents/{told['incident']}").json()
    assert act(leader, opened, "close", disposition="false_alarm").status_code == 200
    assert redact_older(database, later, later) == 1
    assert redact_older(database, later, later) == 0
    assert callers() == [None, None]
    assert centre.archive.verify_chain().ok


def test_who_may_not_is_refused(leader: Desk, desk_of: MakeDesk) -> None:
    told = taken(leader).json()
    other = desk_of("gt", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    assert redact(other, told["id"]).status_code == 404
    assert redact(leader, "no-such-call").status_code == 404
    assert redact(leader, told["id"], reason="    ").json()["error"] == "redact_reason_missing"
    assert redact(leader, told["id"], reason="").status_code == 422
