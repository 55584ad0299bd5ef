"""Phone links over HTTP: who makes them, who sees them, and what a code alone may do."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cameras.camera_board import CameraReport
from thapcanh.app.cameras.camera_schemas import phone_link_response
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.whip.phone_links import PhoneLinkOptions, PhoneLinks

SDP = {"Content-Type": "application/sdp"}
PC07 = DataFilter(agencies=frozenset({"pc07"}), areas=None)
CSGT = DataFilter(agencies=frozenset({"csgt"}), areas=None)


def make(desk: Desk, **order: Any) -> httpx.Response:
    body = {"name": "Tổ 3", "minutes": 30, "agency": "pc07", **order}
    return desk.post("/api/v1/phone-links", json=body, headers={"X-CSRF-Token": desk.csrf})


def test_a_link_is_made_for_a_while_and_its_code_is_shown_once(desk: Desk) -> None:
    made = make(desk)
    assert made.status_code == 201
    link = made.json()
    assert link["made_by"] == "an"
    assert link["ends_at"].startswith("2026-11-2")
    assert link["is_sending"] is False
    assert link["path"].startswith("/phone/")
    (listed,) = desk.get("/api/v1/phone-links").json()["items"]
    assert link["address"]["url"].endswith(link["path"])
    assert link["address"]["problem"] == "this_machine"
    assert listed == {key: value for key, value in link.items() if key not in ("path", "address")}


def test_links_are_made_and_seen_within_ones_scope(desk_of: Callable[..., Desk]) -> None:
    ours, theirs = desk_of("bao", Role.OPERATOR, PC07), desk_of("chi", Role.LEADER, CSGT)
    assert make(ours, agency="csgt").status_code == 403
    link = make(ours).json()
    assert theirs.get("/api/v1/phone-links").json() == {"items": []}
    path = f"/api/v1/phone-links/{link['id']}"
    assert theirs.delete(path, headers={"X-CSRF-Token": theirs.csrf}).status_code == 404
    still = f"/api/v1/cameras/{link['camera']}/still.jpg"
    assert theirs.get(still).json()["error"] == "camera_not_found"
    assert ours.delete(path, headers={"X-CSRF-Token": ours.csrf}).status_code == 204
    assert ours.get("/api/v1/phone-links").json() == {"items": []}
    assert ours.get(still).status_code == 404


def test_a_phone_that_sends_is_asked_for_as_the_list_has_it(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`GET /cameras/phone-…` answered 404 while the list had it."""
    ours, theirs = desk_of("bao", Role.OPERATOR, PC07), desk_of("chi", Role.LEADER, CSGT)
    camera = f"/api/v1/cameras/{make(ours).json()['camera']}"
    assert ours.get(camera).status_code == 404, "it does not send yet"
    monkeypatch.setattr(LiveView, "is_sending", lambda *_: True)
    listed = {one["id"]: one for one in ours.get("/api/v1/cameras").json()["items"]}
    one = ours.get(camera)
    assert one.status_code == 200, one.text
    assert one.json() == listed[camera.rpartition("/")[2]]
    assert theirs.get(camera).status_code == 404


@pytest.mark.parametrize(
    "order", [{"name": ""}, {"name": "a\nb"}, {"minutes": 0}, {"minutes": 481}, {"until": 1}]
)
def test_what_is_no_order_is_refused(desk: Desk, order: dict[str, Any]) -> None:
    assert make(desk, **order).status_code == 422


def test_a_code_works_until_its_time_ends_and_for_nothing_else(centre: Centre, desk: Desk) -> None:
    link = make(desk, minutes=1).json()
    with httpx.Client(base_url=desk.base_url, trust_env=False, timeout=PATIENCE_S) as phone:
        whip = f"/api/v1{link['path']}/whip"
        for _ in range(2):  # an offer that is refused does not use the link up
            answer = phone.post(whip, content="v=0", headers=SDP)
            assert (answer.status_code, answer.json()["error"]) == (422, "bad_offer")
        assert phone.post(whip, json={}).status_code == 415
        assert phone.delete(f"{whip}/0123").status_code == 404
        assert phone.get("/api/v1/cameras").status_code == 401
        centre.clock.at = NOW + 61
        answer = phone.post(whip, content="v=0", headers=SDP)
        assert (answer.status_code, answer.json()["error"]) == (404, "link_over")
        guessed = phone.post("/api/v1/phone/guessed/whip", content="v=0", headers=SDP)
        assert guessed.status_code == 404
    assert desk.get("/api/v1/phone-links").json() == {"items": []}


def test_a_phones_pictures_are_for_who_has_the_centres_key(centre: Centre, desk: Desk) -> None:
    camera = make(desk).json()["camera"]
    for key in ("", "guessed", "khoá"):
        answer = desk.get(f"/api/v1/phone-feeds/{camera}", params={"key": key})
        assert (answer.status_code, answer.json()["error"]) == (404, "camera_not_found")


def test_a_phone_that_no_worker_watches_yet_is_a_camera_like_others(centre: Centre) -> None:
    links = PhoneLinks(centre.clock.utc)
    order = PhoneLinkOptions(
        name="Tổ 3", made_by="an", agency="pc07", area=None, ends_at=NOW + 60.0
    )
    link = links.make(order)[0]
    shown = phone_link_response(link, CameraReport(at=NOW, is_known=True, workers=(), cameras={}))
    assert '"turns":false' in shown.model_dump_json()
    assert (shown.state, shown.reason, shown.sees, shown.turns) == ("online", None, True, False)
    assert shown.ends_at == NOW + 60.0
