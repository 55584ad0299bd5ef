"""The roster over HTTP: written, exchanged, imported, and what the desk's shift says of it."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import openpyxl

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.schemas import iso

MakeDesk = Callable[..., Desk]
H = 3600.0
SPAN = {"since": str(NOW - 24 * H), "until": str(NOW + 72 * H)}


def write(desk: Desk, username: str, begins: float, **more: Any) -> httpx.Response:
    body = {"username": username, "begins_at": NOW + begins * H} | more
    return desk.post("/api/v1/roster", headers={"X-CSRF-Token": desk.csrf}, json=body)


def roster(desk: Desk) -> dict[str, Any]:
    answer = desk.get("/api/v1/roster", params=SPAN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sent(desk: Desk, content: bytes, form: str = "csv", *, dry_run: bool = False) -> Any:
    params = {"format": form, "dry_run": str(dry_run).lower()}
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post("/api/v1/roster/import", params=params, headers=headers, content=content)


def test_duties_gaps_and_a_second_booking(centre: Centre, desk_of: MakeDesk) -> None:
    centre.add_user("an", Role.OPERATOR)
    leader = desk_of("hai", Role.LEADER)
    assert write(leader, "an", -1).status_code == 204
    assert write(leader, "an", -1).status_code == 204  # the same again changes nothing
    double = write(leader, "an", 5, duty="on_call")
    assert (double.status_code, double.json()["error"]) == (409, "double_booked")
    assert write(leader, "nobody", 30).json()["error"] == "person_unknown"
    assert write(leader, "an", 30, ends_at=NOW + 30.5 * H).json()["error"] == "duty_length"
    assert write(leader, "an", 1e8).json()["error"] == "invalid_input"
    found = roster(leader)
    (one,) = found["items"]
    assert (one["person"]["username"], one["begins_at"]) == ("an", iso(NOW - H))
    assert [(each["fault"], each["begins_at"]) for each in found["problems"]] == [
        ("gap", iso(NOW - 24 * H)),
        ("gap", iso(NOW + 23 * H)),
    ]
    path = f"/api/v1/roster/{one['id']}"
    assert leader.delete(path, headers={"X-CSRF-Token": leader.csrf}).status_code == 204
    assert roster(leader)["items"] == []


def test_two_people_change_places_and_both_are_named(centre: Centre, desk_of: MakeDesk) -> None:
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("chi", Role.OPERATOR)
    leader = desk_of("hai", Role.LEADER)
    for username, begins in (("an", 0), ("chi", 24), ("an", 48)):
        assert write(leader, username, begins).status_code == 204
    first, second, third = [one["id"] for one in roster(leader)["items"]]

    def swap(one: str, other: str) -> httpx.Response:
        body = {"first": one, "second": other, "reason": "việc gia đình"}
        headers = {"X-CSRF-Token": leader.csrf}
        return leader.post("/api/v1/roster/swaps", headers=headers, json=body)

    assert swap(first, third).json()["error"] == "swap_of_none"  # the same person
    assert swap(first, second).status_code == 204
    told = [
        (one["person"]["username"], (one["swapped_with"] or {}).get("username"))
        for one in roster(leader)["items"]
    ]
    assert told == [("chi", "an"), ("an", "chi"), ("an", None)]
    entry = centre.archive.log_of("roster")[-1]
    assert (entry.action, entry.actor) == ("roster_swapped", "hai")
    facts: Any = entry.details
    assert [each[0] for each in facts["duties"]] == ["an", "chi"]
    assert facts["reason"] == "việc gia đình"


def test_the_shift_is_taken_from_the_roster_and_another_may_still_take_it(
    centre: Centre, desk_of: MakeDesk
) -> None:
    centre.add_user("an", Role.OPERATOR)
    other, leader = desk_of("chi", Role.OPERATOR), desk_of("hai", Role.LEADER)
    assert other.get("/api/v1/shift").json()["rostered"] == []
    assert write(leader, "an", -1).status_code == 204
    assert [one["username"] for one in other.get("/api/v1/shift").json()["rostered"]] == ["an"]
    headers = {"X-CSRF-Token": other.csrf}
    assert other.post("/api/v1/shift/take", json={}, headers=headers).status_code == 200
    shift = other.get("/api/v1/shift").json()["mine"]
    (entry,) = centre.archive.log_of(shift["id"])
    assert entry.details["in_roster"] is False


def test_a_file_is_tried_first_and_each_wrong_line_told(centre: Centre, desk_of: MakeDesk) -> None:
    centre.add_user("an", Role.OPERATOR)
    leader = desk_of("hai", Role.LEADER)
    wrong = b"date;username\n2026-11-26;an\n31/11/2026;an\n2026-11-27;binh\n"
    answer = sent(leader, wrong).json()
    assert [one["line"] for one in answer["problems"]] == [3, 4]
    assert answer["problems"][0]["message"].startswith("Ngày “31/11/2026” không đúng")
    assert (answer["added"], roster(leader)["items"]) == (0, [])
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["date", "username", "duty"], ["26/11/2026", "Đồng chí an", "on_call"]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    tried = sent(leader, content.getvalue(), "xlsx", dry_run=True).json()
    assert (tried["duties"], tried["added"], tried["problems"]) == (1, 0, [])
    assert roster(leader)["items"] == []
    assert sent(leader, content.getvalue(), "xlsx").json()["added"] == 1
    assert sent(leader, content.getvalue(), "xlsx").json()["added"] == 0
    second = sent(leader, b"date,username\n2026-11-26,an\n").json()
    assert [one["line"] for one in second["problems"]] == [2]
    assert "an đã có trong lịch trực từ 07:00 26/11/2026" in second["problems"][0]["message"]
    long = sent(leader, b"date,username\n" + b"\n" * 10_000)
    assert (long.status_code, long.json()["error"]) == (422, "import_unreadable")
    assert long.json()["detail"].startswith("Không đọc được tệp: tệp có hơn ")
    assert sent(leader, b"\xff\xfe", "xlsx").json()["error"] == "import_unreadable"


def test_an_agency_sees_and_writes_its_own_people_only(centre: Centre, desk_of: MakeDesk) -> None:
    csgt = DataFilter(agencies=frozenset({"csgt"}))
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("tam", Role.OPERATOR, scope=csgt)
    leader, theirs = desk_of("hai", Role.LEADER), desk_of("sau", Role.LEADER, csgt)
    assert write(leader, "an", 0).status_code == 204
    assert write(leader, "tam", 24).status_code == 204
    found = roster(theirs)
    assert [one["person"]["username"] for one in found["items"]] == ["tam"]
    assert {one["username"] for one in found["people"]} == {"sau", "tam"}
    assert write(theirs, "an", 48).json()["error"] == "person_unknown"
    hidden = roster(leader)["items"][0]["id"]
    headers = {"X-CSRF-Token": theirs.csrf}
    gone = theirs.delete(f"/api/v1/roster/{hidden}", headers=headers)
    assert (gone.status_code, gone.json()["error"]) == (404, "no_such_duty")
