"""Many alerts answered in one request: each by itself, with what stands against it in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import sqlalchemy as sa
from uuid6 import uuid7

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import Role

MakeDesk = Callable[..., Desk]
ALL = ["acknowledge", "reject", "close"]


def command(desk: Desk, alerts: list[str], actions: list[str], **said: Any) -> httpx.Response:
    keys = said.pop("keys", None) or [str(uuid7()) for _ in alerts]
    version = said.pop("version", 1)
    commands = [
        {"alert": alert, "version": version, "key": key, "actions": actions}
        for alert, key in zip(alerts, keys, strict=True)
    ]
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(
        "/api/v1/alerts/commands", headers=headers, json={"commands": commands, **said}
    )


def test_a_hundred_are_taken_rejected_and_closed_in_one_pass(centre: Centre, desk: Desk) -> None:
    """734 took 38 s for each of the passes that an officer pressed."""
    alerts = [centre.raise_alert("cam-1", kind="smoke") for _ in range(100)]
    answer = command(desk, alerts, ALL, reason="steam")
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [one["alert_id"] for one in results] == alerts
    assert {one["error"] for one in results} == {None}
    assert {(one["alert"]["state"], one["alert"]["reject_reason"]) for one in results} == {
        ("closed", "steam")
    }
    log = desk.get(f"/api/v1/alerts/{alerts[0]}").json()["log"]
    assert [line["action"] for line in log][-3:] == ALL
    assert centre.archive.verify_chain().ok


def test_one_that_is_refused_stops_no_other_and_says_why(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    held, free = (centre.raise_alert("cam-1", kind="smoke") for _ in range(2))
    desk_of("binh", Role.OPERATOR).act(held, "acknowledge")
    results = command(desk, [held, "nowhere", free], ALL, reason="steam").json()["results"]
    assert [one["error"] for one in results] == ["held", "alert_not_found", None]
    assert "binh" in results[0]["detail"]
    assert results[0]["alert"]["state"] == "acknowledged"
    assert results[2]["alert"]["state"] == "closed"


def test_a_p1_waits_for_a_leader_and_is_not_closed(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    alert = centre.raise_alert("cam-1", priority=1)
    (one,) = command(desk, [alert], ALL, reason="steam").json()["results"]
    assert (one["error"], one["alert"]["state"]) == (None, "acknowledged")
    assert one["alert"]["cosign_wanted_by"]["username"] == "an"
    leader = desk_of("chi-huy", Role.LEADER)
    signed = command(leader, [alert], ["reject", "close"], version=one["alert"]["version"])
    assert signed.json()["results"][0]["alert"]["state"] == "closed"
    (incident,) = leader.get("/api/v1/incidents").json()["items"]
    assert incident["state"] == "closed"  # its incident follows
    assert centre.archive.verify_chain().ok


def test_the_same_request_again_changes_nothing(centre: Centre, desk: Desk) -> None:
    alert, key = centre.raise_alert("cam-1", kind="smoke"), str(uuid7())
    first = command(desk, [alert], ALL, reason="steam", keys=[key]).json()
    again = command(desk, [alert], ALL, reason="steam", keys=[key]).json()
    assert again == first
    other = command(desk, [alert], ["note"], note="x", keys=[key])
    assert (other.status_code, other.json()["error"]) == (422, "key_reused")


def test_what_is_wrong_is_refused_as_a_whole(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert("cam-1", kind="smoke")
    for alerts, actions in (([alert, alert], ALL), ([], ALL), ([alert], ["reopen"]), ([alert], [])):
        assert command(desk, alerts, actions, reason="steam").status_code == 422
    assert command(desk, [f"a{n}" for n in range(101)], ALL, reason="x").status_code == 422
    assert desk.get(f"/api/v1/alerts/{alert}").json()["state"] == "new"


def test_a_verdict_costs_the_same_however_many_alerts_its_incident_has(
    centre: Centre, desk_of: MakeDesk
) -> None:
    """Each verdict named all alerts of the flood to the archive: 734 took 14 s."""
    leader = desk_of("ld", Role.LEADER)
    longest = []
    for camera, count in (("cam-1", 2), ("cam-2", 60)):
        alerts = [centre.raise_alert(camera, priority=1, zone_id=f"z{n}") for n in range(count)]
        assert leader.act(alerts[0], "acknowledge").status_code == 200
        with _values_asked() as asked:
            assert leader.act(alerts[0], "reject", 2, reason="steam").status_code == 200
        longest.append(max(asked))
    assert longest[0] == longest[1]


@contextmanager
def _values_asked() -> Iterator[list[int]]:
    """How many values each statement carried to the archive."""
    asked: list[int] = []

    def note(_connection: object, _cursor: object, _text: str, values: Any, *_: object) -> None:
        asked.append(len(values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_one_key_for_two_alerts_is_refused(centre: Centre, desk: Desk) -> None:
    """The first was answered as done, and nothing was done to it."""
    alerts, key = [centre.raise_alert("cam-1", kind="smoke") for _ in range(2)], str(uuid7())
    answer = command(desk, alerts, ALL, reason="steam", keys=[key, key])
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_input")
    assert {one.state.value for one in centre.archive.alerts().items} == {"new"}
