"""What officers do to alerts: once, at the version they saw, and never two for one alert."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.roles import DataFilter, Role


def test_an_alert_goes_through_its_life(desk: Desk, centre: Centre) -> None:
    alert_id = centre.raise_alert()
    taken = desk.act(alert_id, "acknowledge", 1)
    assert taken.status_code == 200
    assert taken.json()["state"] == "acknowledged"
    assert taken.json()["owner"] == {"username": "an", "name": "Đồng chí an"}
    assert taken.json()["lease_until"] is not None
    assert taken.headers["etag"] == '"2"'
    confirmed = desk.act(alert_id, "confirm", 2, note="lửa ở mái tôn")
    assert confirmed.json()["state"] == "confirmed"
    assert confirmed.json()["verdict_by"]["name"] == "Đồng chí an"
    closed = desk.act(alert_id, "close", 3)
    assert closed.json()["state"] == "closed"
    assert closed.json()["closed_at"] == "2026-11-25T01:26:40.000Z"
    full = desk.get(f"/api/v1/alerts/{alert_id}").json()
    acts = [(entry["action"], entry["actor_name"], entry["note"]) for entry in full["log"]]
    assert acts == [
        ("opened", "system", None),
        ("acknowledge", "Đồng chí an", None),
        ("confirm", "Đồng chí an", "lửa ở mái tôn"),
        ("close", "Đồng chí an", None),
    ]
    assert full["steps"]["acknowledged"] is not None
    assert full["steps"]["verified"] is not None
    assert full["steps"]["closed"] is not None


def test_of_two_officers_one_gets_the_alert(centre: Centre, desk_of: Callable[..., Desk]) -> None:
    desks = [desk_of(name, Role.OPERATOR) for name in ("an", "binh", "chi", "dung")]
    start = threading.Barrier(len(desks))

    def take(desk: Desk, alert_id: str) -> httpx.Response:
        start.wait(PATIENCE_S)
        return desk.act(alert_id, "acknowledge")

    for _ in range(5):
        alert_id = centre.raise_alert()
        with ThreadPoolExecutor(len(desks)) as officers:
            answers = list(officers.map(take, desks, repeat(alert_id)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        winner = next(answer for answer in answers if answer.status_code == 200).json()["owner"]
        for answer in answers:
            if answer.status_code == 409:
                body = answer.json()
                assert body["error"] == "held"
                assert body["by"] == winner
                assert body["at"] is not None
                assert body["alert"]["owner"] == winner
                assert winner["name"] in body["detail"]
                assert "08:26:40 25/11/2026" in body["detail"]  # local time, for people


def test_the_same_command_twice_is_done_once(desk: Desk, centre: Centre) -> None:
    alert_id = centre.raise_alert()
    first = desk.act(alert_id, "acknowledge", key="k1")
    again = desk.act(alert_id, "acknowledge", key="k1")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    log = desk.get(f"/api/v1/alerts/{alert_id}").json()["log"]
    assert [entry["action"] for entry in log] == ["opened", "acknowledge"]


def test_a_conflict_is_replayed_as_a_conflict(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    alert_id = centre.raise_alert()
    desk.act(alert_id, "acknowledge")
    other = desk_of("binh", Role.OPERATOR)
    first = other.act(alert_id, "acknowledge", key="k1")
    again = other.act(alert_id, "acknowledge", key="k1")
    assert first.status_code == again.status_code == 409
    assert first.json() == again.json()


def test_a_key_is_for_one_command(desk: Desk, centre: Centre) -> None:
    first, second = centre.raise_alert(), centre.raise_alert()
    desk.act(first, "acknowledge", key="k1")
    reused = desk.act(second, "acknowledge", key="k1")
    assert reused.status_code == 422
    assert reused.json()["error"] == "key_reused"
    assert desk.get(f"/api/v1/alerts/{second}").json()["state"] == "new"


def test_two_officers_may_choose_the_same_key(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    first, second = centre.raise_alert(), centre.raise_alert()
    assert desk.act(first, "acknowledge", key="k1").status_code == 200
    assert desk_of("binh", Role.OPERATOR).act(second, "acknowledge", key="k1").status_code == 200


def test_acknowledging_twice_by_one_person_is_fine(
    standing_desk: Desk, standing_centre: Centre
) -> None:
    alert_id = standing_centre.raise_alert()
    assert standing_desk.act(alert_id, "acknowledge").status_code == 200
    assert standing_desk.act(alert_id, "acknowledge").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({"If-Match": None}, 428, "version_required"),
        ({"Idempotency-Key": None}, 400, "key_required"),
        ({"If-Match": "*"}, 422, "invalid_input"),
        ({"If-Match": "two"}, 422, "invalid_input"),
        ({"If-Match": "9" * 30}, 422, "invalid_input"),
        ({"If-Match": "-1"}, 422, "invalid_input"),
        ({"Idempotency-Key": "x" * 129}, 422, "invalid_input"),
        ({"Idempotency-Key": ""}, 422, "invalid_input"),
        ({"Idempotency-Key": "a b"}, 422, "invalid_input"),
    ],
)
def test_the_headers_are_asked_for(
    standing_desk: Desk,
    standing_centre: Centre,
    headers: dict[str, str | None],
    status: int,
    error: str,
) -> None:
    alert_id = standing_centre.raise_alert()
    sent = {"X-CSRF-Token": standing_desk.csrf, "If-Match": "1", "Idempotency-Key": "k"} | headers
    kept = {name: value for name, value in sent.items() if value is not None}
    answer = standing_desk.post(f"/api/v1/alerts/{alert_id}/acknowledge", headers=kept)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("version", ['"1"', "1", 'W/"1"'])
def test_a_version_may_be_written_as_an_entity_tag(
    standing_desk: Desk, standing_centre: Centre, version: str
) -> None:
    answer = standing_desk.act(
        standing_centre.raise_alert(), "acknowledge", headers={"If-Match": version}
    )
    assert answer.status_code == 200


def test_a_verdict_on_what_one_did_not_see_is_stale(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    alert_id = centre.raise_alert()
    desk.act(alert_id, "acknowledge")
    leader = desk_of("truong-ca", Role.LEADER)
    stale = leader.act(alert_id, "confirm", 1)
    assert stale.status_code == 412
    assert stale.json()["error"] == "version"
    assert stale.json()["alert"]["version"] == 2
    assert leader.act(alert_id, "confirm", 2).status_code == 200


@pytest.mark.parametrize(
    ("action", "body", "error"),
    [
        ("confirm", {}, "not_acknowledged"),
        ("close", {}, "no_verdict"),
        ("reject", {"reason": "steam"}, "not_acknowledged"),
    ],
)
def test_steps_are_not_skipped(
    standing_desk: Desk, standing_centre: Centre, action: str, body: dict[str, Any], error: str
) -> None:
    answer = standing_desk.act(standing_centre.raise_alert(), action, **body)
    assert (answer.status_code, answer.json()["error"]) == (409, error)
    assert answer.json()["alert"]["state"] == "new"


def test_rejecting_needs_a_reason_of_the_list(standing_desk: Desk, standing_centre: Centre) -> None:
    alert_id = standing_centre.raise_alert()
    standing_desk.act(alert_id, "acknowledge")
    missing = standing_desk.act(alert_id, "reject", 2)
    unknown = standing_desk.act(alert_id, "reject", 2, reason="boredom")
    assert (missing.status_code, missing.json()["error"]) == (422, "reason_missing")
    assert (unknown.status_code, unknown.json()["error"]) == (422, "reason_unknown")
    assert missing.json()["field"] == "body.reason"
    done = standing_desk.act(alert_id, "reject", 2, reason="welding")
    assert done.json()["reject_reason"] == "welding"


def test_rejecting_a_p1_waits_for_a_leader(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    alert_id = centre.raise_alert(priority=1)
    desk.act(alert_id, "acknowledge")
    waits = desk.act(alert_id, "reject", 2, reason="steam")
    assert waits.status_code == 200
    assert waits.json()["state"] == "acknowledged"
    assert waits.json()["cosign_wanted_by"]["username"] == "an"
    cosigned = desk_of("truong-ca", Role.LEADER).act(alert_id, "reject", 3)
    assert cosigned.json()["state"] == "rejected"
    assert cosigned.json()["reject_reason"] == "steam"


@pytest.mark.parametrize(
    ("kind", "rule", "priority"),
    [("fire", "fire", 1), ("fire", "fire", 2), ("fire", "device", 3), ("smoke", "device", 2),
     ("worker_lost", "worker_lost", 1)],
)  # fmt: skip
def test_the_centre_tells_which_rejections_wait_for_a_leader(
    standing_desk: Desk, standing_centre: Centre, kind: str, rule: str, priority: int
) -> None:
    """The screen worked it out by itself, and said "no leader" of the watch's own P1."""
    alert_id = standing_centre.raise_alert(kind=kind, rule_id=rule, priority=priority)
    told = standing_desk.act(alert_id, "acknowledge").json()["takes_two"]
    answer = standing_desk.act(alert_id, "reject", 2, reason="steam").json()
    assert (answer["cosign_wanted_by"] is not None) == told


def test_only_a_leader_reopens(desk: Desk, desk_of: Callable[..., Desk], centre: Centre) -> None:
    alert_id = centre.raise_alert()
    desk.act(alert_id, "acknowledge")
    desk.act(alert_id, "confirm", 2)
    desk.act(alert_id, "close", 3)
    assert desk.act(alert_id, "reopen", 4).status_code == 403
    reopened = desk_of("truong-ca", Role.LEADER).act(alert_id, "reopen", 4)
    assert reopened.json()["state"] == "acknowledged"


def test_what_one_may_not_see_does_not_exist(desk_of: Callable[..., Desk], centre: Centre) -> None:
    elsewhere = desk_of("an", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    alert_id = centre.raise_alert("cam-1")
    assert elsewhere.act(alert_id, "acknowledge").status_code == 404
    assert elsewhere.act("nothing", "acknowledge").status_code == 404
    assert centre.archive.alert(alert_id).state == "new"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"reason": 5}', "body.reason"),
        (b'{"reason": "' + b"x" * 65 + b'"}', "body.reason"),
        (b'{"note": "' + b"x" * 2001 + b'"}', "body.note"),
        (b'{"note": "a\\u0000b"}', "body.note"),
        (b'{"note": "\\ud800"}', "body.note"),
        (b'{"state": "closed"}', "body.state"),
        (b"[]", "body"),
        (b"{", "body"),
        (b'"text"', "body"),
        (b"\xff\xfe", "body"),
    ],
)
def test_what_is_said_is_checked(
    standing_desk: Desk, standing_centre: Centre, body: bytes, field: str
) -> None:
    answer = standing_desk.post(
        f"/api/v1/alerts/{standing_centre.raise_alert()}/acknowledge",
        content=body,
        headers={
            "X-CSRF-Token": standing_desk.csrf, "If-Match": "1", "Idempotency-Key": "k",
            "Content-Type": "application/json",
        },
    )  # fmt: skip
    assert answer.status_code in (400, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["field"] == field


def test_the_sentence_is_in_the_readers_language(
    standing_desk: Desk, standing_centre: Centre
) -> None:
    alert_id = standing_centre.raise_alert()
    english = standing_desk.act(alert_id, "confirm", headers={"Accept-Language": "en-GB,vi;q=0.5"})
    vietnamese = standing_desk.act(
        alert_id, "confirm", headers={"Accept-Language": "fr,vi-VN;q=0.8"}
    )
    assert english.json()["detail"] == "Acknowledge the alert before giving a verdict."
    assert vietnamese.json()["detail"] == "Hãy nhận cảnh báo trước khi kết luận."


def test_an_agency_reads_its_own_alerts_and_comments_on_them(
    centre: Centre, desk: Desk, desk_of: Callable[..., Desk]
) -> None:
    own, foreign = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    agency = desk_of("pc", Role.AGENCY, DataFilter(agencies=frozenset({"pc07"})))
    assert agency.act(own, "receipt").status_code == 200
    assert agency.act(own, "note", 2, note="Tổ tuần tra đang tới").status_code == 200
    assert agency.act(foreign, "receipt").status_code == 404
    assert agency.act(own, "acknowledge", 3).status_code == 403
    assert desk.act(own, "acknowledge", 1).status_code == 200  # the agency's words made none stale
    log = desk.get(f"/api/v1/alerts/{own}").json()["log"]
    said = [(line["actor"], line["action"]) for line in log if line["actor"] == "pc"]
    assert said == [("pc", "receipt"), ("pc", "note")]
