"""Legal hold over the web API: placed and ended with a reason, shown on the alert, by few."""

from collections.abc import Callable

import httpx

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import Role


def ask(desk: Desk, path: str, reason: str) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"/api/v1/alerts/{path}", headers=headers, json={"reason": reason})


def test_a_leader_holds_and_releases_evidence(centre: Centre, desk_of: Callable[..., Desk]) -> None:
    leader, officer = desk_of("le", Role.LEADER), desk_of("an", Role.OPERATOR)
    alert = centre.raise_alert("cam-1")
    before = leader.get(f"/api/v1/alerts/{alert}").json()
    assert before["hold"] is None
    assert ask(officer, f"{alert}/hold", "no").status_code == 403
    assert ask(leader, f"{alert}/hold", "  ").status_code == 422
    held = ask(leader, f"{alert}/hold", "Vụ án 12/2026").json()
    assert ask(leader, f"{alert}/hold", "again").json() == held
    shown = officer.get(f"/api/v1/alerts/{alert}").json()
    assert (shown["hold"], shown["version"]) == (held, before["version"])
    (listed,) = leader.get("/api/v1/holds").json()["items"]
    assert (listed["hold"], listed["number"]) == (held, before["number"])
    ended = ask(leader, f"{alert}/release", "Đã xử xong").json()
    assert (ended["ended_by"]["username"], ended["end_reason"]) == ("le", "Đã xử xong")
    again = ask(leader, f"{alert}/release", "again")
    assert (again.status_code, again.json()["error"]) == (404, "not_held")
    actions = [line["action"] for line in officer.get(f"/api/v1/alerts/{alert}").json()["log"]]
    assert actions[-2:] == ["evidence_held", "evidence_released"]


def test_there_is_nothing_to_hold_at_an_unknown_alert(desk_of: Callable[..., Desk]) -> None:
    leader = desk_of("le", Role.LEADER)
    for path in ("nothing/hold", "nothing/release", "a%00b/hold"):
        assert ask(leader, path, "why").status_code == 404
