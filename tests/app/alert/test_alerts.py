"""The list and the single alert: filters, pages, scopes, times, and what was drawn when."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role

LIST = "/api/v1/alerts"
ITEM = {
    "id", "number", "kind", "state", "condition", "priority", "version", "raised_at",
    "last_seen_at", "cleared_at", "camera", "camera_name", "place", "area", "agency", "lat", "lon",
    "label", "confidence", "box", "detections", "reason", "owner", "acknowledged_at",
    "lease_until", "verdict_by", "reject_reason", "closed_at", "snapshot", "snapshot_boxed",
    "clip", "unchecked",
}  # fmt: skip


def _ids(desk: Desk, **query: Any) -> list[str]:
    answer = desk.get(LIST, params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_an_item_has_what_others_rely_on(desk: Desk, centre: Centre) -> None:
    evidence = (
        centre.file("e1/snapshot.jpg", b"jpeg", EvidenceKind.SNAPSHOT),
        centre.file("e1/boxed.jpg", b"jpeg", EvidenceKind.SNAPSHOT_BOXED),
        centre.file("e1/clip.mp4", b"mp4", EvidenceKind.CLIP),
    )
    centre.raise_alert("cam-1", evidence=evidence)
    item = desk.get(LIST).json()["items"][0]
    assert item.keys() >= ITEM
    assert item["number"] == "CB-20261125-000001"
    assert item["raised_at"] == "2026-11-25T01:26:38.001Z"
    assert (item["camera"], item["camera_name"], item["area"]) == (
        "cam-1",
        "Camera cam-1",
        "hoan-kiem",
    )
    assert item["box"] == [0.1, 0.2, 0.3, 0.4]
    for name in ("snapshot", "snapshot_boxed", "clip"):
        assert desk.get(item[name]).status_code == 200


def test_the_newest_comes_first_and_pages_do_not_overlap(desk: Desk, centre: Centre) -> None:
    made = [centre.raise_alert() for _ in range(7)]
    first = desk.get(LIST, params={"limit": 3}).json()
    second = desk.get(LIST, params={"limit": 3, "cursor": first["next"]}).json()
    newer = centre.raise_alert()  # what comes meanwhile disturbs no page
    third = desk.get(LIST, params={"limit": 3, "cursor": second["next"]}).json()
    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == made[::-1]
    assert third["next"] is None
    assert _ids(desk, limit=1) == [newer]


def test_the_list_is_filtered(desk: Desk, centre: Centre) -> None:
    fire = centre.raise_alert("cam-1", "fire")
    person = centre.raise_alert("cam-2", "intrusion")
    lonely = centre.raise_alert("cam-3", "fire")
    desk.act(fire, "acknowledge")
    assert _ids(desk, state="acknowledged") == [fire]
    assert _ids(desk, state="new,acknowledged") == [lonely, person, fire]
    assert _ids(desk, state=["new", "closed"]) == [lonely, person]
    assert _ids(desk, kind="fire") == [lonely, fire]
    assert _ids(desk, camera=["cam-2", "cam-3"]) == [lonely, person]
    assert _ids(desk, kind="fire", camera="cam-1", state="new") == []
    assert _ids(desk, kind="crowd") == []
    assert _ids(desk, state="") == [lonely, person, fire]


def test_since_and_until_bound_the_time_of_raising(desk: Desk, centre: Centre) -> None:
    early = centre.raise_alert(captured_at=NOW - 3600)
    late = centre.raise_alert(captured_at=NOW - 60)
    assert _ids(desk, since="2026-11-25T01:00:00Z") == [late]
    assert _ids(desk, since="2026-11-25T08:00:00+07:00") == [late]
    assert _ids(desk, since=NOW - 600) == [late]
    assert _ids(desk, until="2026-11-25T01:00:00Z") == [early]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "burning"}, "query.state.0"),
        ({"limit": 0}, "query.limit"),
        ({"limit": 201}, "query.limit"),
        ({"limit": "many"}, "query.limit"),
        ({"cursor": "nonsense"}, "query.cursor"),
        ({"cursor": "WzFlMzA5LCAieCJd"}, "query.cursor"),
        ({"cursor": "eyJhIjoxLCJiIjoyfQ=="}, "query.cursor"),
        ({"cursor": "x" * 301}, "query.cursor"),
        ({"cursor": "a\x00b"}, "query.cursor"),
        ({"cursor": "ệệệệ"}, "query.cursor"),
        ({"cursor": "WzEuMCwgImFcdTAwMDBiIl0="}, "query.cursor"),
        ({"since": "yesterday"}, "query.since"),
        ({"since": "2026-11-25T01:00:00"}, "query.since"),
        ({"since": "nan"}, "query.since"),
        ({"since": "-1"}, "query.since"),
        ({"since": "1e400"}, "query.since"),
        ({"kind": "x" * 65}, "query.kind.0"),
        ({"kind": "a\x00b"}, "query.kind.0"),
        ({"camera": "'; drop table alert"}, "query.camera.0"),
        ({"camera": ",".join(["c"] * 101)}, "query.camera"),
    ],
)
def test_a_query_that_makes_no_sense_is_named(
    standing_desk: Desk, query: dict[str, Any], field: str
) -> None:
    answer = standing_desk.get(LIST, params=query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


def test_everybody_sees_only_their_areas_and_agencies(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    one, two, lonely = (centre.raise_alert(name) for name in ("cam-1", "cam-2", "cam-3"))
    city = desk_of("city", Role.VIEWER, DataFilter(areas=frozenset({"hanoi"})))
    ward = desk_of("ward", Role.VIEWER, DataFilter(areas=frozenset({"tay-ho"})))
    firemen = desk_of("pc07", Role.AGENCY, DataFilter(agencies=frozenset({"pc07"})))
    both = desk_of(
        "both", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"}), areas=frozenset({"tay-ho"}))
    )
    guest = desk_of("guest", Role.AGENCY)
    everybody = desk_of("an", Role.OPERATOR)
    expected = {
        city: [two, one], ward: [two], firemen: [one], both: [], guest: [],
        everybody: [lonely, two, one],
    }  # fmt: skip
    for desk, visible in expected.items():
        assert _ids(desk) == visible
        for alert_id in (one, two, lonely):
            answer = desk.get(f"{LIST}/{alert_id}")
            assert answer.status_code == (200 if alert_id in visible else 404)
        cameras = desk.get("/api/v1/cameras").json()["items"]
        assert len(cameras) == len(visible)


@pytest.mark.parametrize(
    "alert_id", ["nothing", "x" * 64, "..%2F..%2Fetc", "%00", "%F0%9F%94%A5", "1'--"]
)
def test_an_alert_that_is_not_there(standing_desk: Desk, alert_id: str) -> None:
    answer = standing_desk.get(f"{LIST}/{alert_id}")
    assert answer.status_code == 404
    assert answer.json()["error"] in ("alert_not_found", "not_found")


def test_one_alert_comes_with_its_files_log_and_times(desk: Desk, centre: Centre) -> None:
    evidence = (
        centre.file("e1/snapshot.jpg", b"jpeg", EvidenceKind.SNAPSHOT),
        centre.file("e1/manifest.json", b"{}", EvidenceKind.MANIFEST),
    )
    alert_id = centre.raise_alert(evidence=evidence)
    answer = desk.get(f"{LIST}/{alert_id}")
    full = answer.json()
    assert answer.headers["etag"] == f'"{full["version"]}"'
    assert {file["kind"] for file in full["evidence"]} == {"snapshot", "manifest"}
    assert full["evidence"][0].keys() == {"id", "kind", "sha256", "bytes", "url"}
    assert full["log"][0].keys() >= {"at", "actor", "action", "reason", "note", "details"}
    assert list(full["steps"]) == [
        "captured", "inferred", "spooled", "queued", "stored", "pushed", "rendered",
        "acknowledged", "verified", "closed",
    ]  # fmt: skip
    assert full["steps"]["queued"] == "2026-11-25T01:26:39.000Z"


def _rendered(desk: Desk, alert_id: str, at: Any) -> int:
    return desk.post(
        f"{LIST}/{alert_id}/rendered",
        json={"seq": 1, "rendered_at": at},
        headers={"X-CSRF-Token": desk.csrf},
    ).status_code


def test_the_first_drawing_is_kept(desk: Desk, centre: Centre) -> None:
    alert_id = centre.raise_alert()
    centre.clock.at += 5
    assert _rendered(desk, alert_id, "2026-11-25T01:26:41.500Z") == 204
    assert _rendered(desk, alert_id, "2026-11-25T01:26:44.000Z") == 204
    steps = desk.get(f"{LIST}/{alert_id}").json()["steps"]
    assert steps["rendered"] == "2026-11-25T01:26:41.500Z"


def test_what_is_drawn_after_somebody_took_it_was_not_shown_then(
    desk: Desk, centre: Centre
) -> None:
    alert_id = centre.raise_alert()
    centre.clock.at += 5
    assert desk.act(alert_id, "acknowledge").status_code == 200
    centre.clock.at += 1100  # another desk scrolls to it
    assert _rendered(desk, alert_id, centre.clock.at) == 204
    assert desk.get(f"{LIST}/{alert_id}").json()["steps"]["rendered"] is None
    assert _rendered(desk, alert_id, "2026-11-25T01:26:42.000Z") == 204  # told late, drawn before
    steps = desk.get(f"{LIST}/{alert_id}").json()["steps"]
    assert steps["rendered"] == "2026-11-25T01:26:42.000Z"


@pytest.mark.parametrize(
    ("said", "kept"),
    [(0, "2026-11-25T01:26:40.000Z"), (4e9, "2026-11-25T01:26:45.000Z")],
)
def test_a_desk_whose_clock_is_wrong_does_not_falsify_the_time(
    desk: Desk, centre: Centre, said: float, kept: str
) -> None:
    alert_id = centre.raise_alert()
    centre.clock.at += 5
    assert _rendered(desk, alert_id, said) == 204
    assert desk.get(f"{LIST}/{alert_id}").json()["steps"]["rendered"] == kept


def test_drawing_what_one_may_not_see(desk_of: Callable[..., Desk], centre: Centre) -> None:
    elsewhere = desk_of("an", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    assert _rendered(elsewhere, centre.raise_alert("cam-1"), NOW) == 404
    assert _rendered(elsewhere, "nothing", NOW) == 404
    assert _rendered(elsewhere, centre.raise_alert("cam-2"), "soon") == 422


def _rejected_then_grown(desk: Desk, centre: Centre, *, event_id: str) -> tuple[str, str]:
    """An alert with a picture and a film, and the one that a larger sighting opens after it."""
    place: dict[str, Any] = {"rule_id": "fire", "zone_id": None, "event_id": "goes-on"}
    evidence = (
        centre.file("e1/snapshot.jpg", b"jpeg", EvidenceKind.SNAPSHOT),
        centre.file("e1/clip.mp4", b"mp4", EvidenceKind.CLIP),
    )
    first = centre.raise_alert(**place, evidence=evidence)
    assert desk.act(first, "acknowledge").status_code == 200
    assert desk.act(first, "reject", 2, reason="steam").status_code == 200
    grown: dict[str, Any] = {"event_id": event_id, "box": (0.1, 0.2, 0.6, 0.8)}
    return first, centre.raise_alert(**(place | grown))


@pytest.mark.parametrize(("event_id", "goes_on"), [("goes-on", True), ("another", False)])
def test_an_alert_tells_of_the_one_before_and_whether_it_is_the_same_event(
    desk: Desk, centre: Centre, event_id: str, *, goes_on: bool
) -> None:
    first, second = _rejected_then_grown(desk, centre, event_id=event_id)
    assert desk.get(f"{LIST}/{first}").json()["earlier"] is None
    shown = desk.get(f"{LIST}/{second}").json()
    assert (shown["recurrence_of"], shown["snapshot"]) == (first, None)
    earlier = shown["earlier"]
    assert (earlier["id"], earlier["same_event"]) == (first, goes_on)
    assert earlier["number"] == "CB-20261125-000001"
    assert desk.get(earlier["snapshot"]).content == b"jpeg"
    assert desk.get(earlier["film"]).content == b"mp4"


def test_what_was_deleted_of_the_alert_before_is_not_named(desk: Desk, centre: Centre) -> None:
    first, second = _rejected_then_grown(desk, centre, event_id="goes-on")
    assert desk.act(first, "close", 3).status_code == 200
    (case,) = RetentionRepository(centre.archive.database).closed_cases(10)
    RetentionRepository(centre.archive.database).delete_case(case, "age", NOW)
    earlier = desk.get(f"{LIST}/{second}").json()["earlier"]
    assert (earlier["snapshot"], earlier["film"]) == (None, None)
