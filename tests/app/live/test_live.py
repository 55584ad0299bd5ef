"""Who may watch what: rights, scope, and the protection of mutations; no camera is opened."""

from collections.abc import Callable

import httpx
import pytest

from tests.app.web_api.centre import Desk
from thapcanh.alerts.store.roles import DataFilter, Role

SDP = "application/sdp"
PC07 = DataFilter(agencies=frozenset({"pc07"}), areas=None)
TAY_HO = DataFilter(agencies=None, areas=frozenset({"tay-ho"}))


def offer(desk: Desk, camera: str, body: str = "v=0", **headers: str) -> httpx.Response:
    given = {"Content-Type": SDP, "X-CSRF-Token": desk.csrf, **headers}
    return desk.post(f"/api/v1/cameras/{camera}/whep", content=body, headers=given)


@pytest.mark.parametrize(
    ("scope", "hidden"), [(PC07, "cam-2"), (PC07, "cam-3"), (TAY_HO, "cam-1"), (PC07, "nothing")]
)
def test_a_camera_that_one_may_not_see_does_not_exist(
    desk_of: Callable[..., Desk], scope: DataFilter, hidden: str
) -> None:
    desk = desk_of("bao", Role.OPERATOR, scope)
    answers = [
        offer(desk, hidden),
        desk.get(f"/api/v1/cameras/{hidden}/still.jpg"),
        desk.get(f"/api/v1/cameras/{hidden}/mjpeg"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json()["error"] for answer in answers} == {"camera_not_found"}
    assert "topsecret" not in "".join(answer.text for answer in answers)


def test_an_offer_needs_the_sessions_code(desk: Desk) -> None:
    answer = offer(desk, "cam-1", **{"X-CSRF-Token": "wrong"})
    assert (answer.status_code, answer.json()["error"]) == (403, "csrf")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = desk.delete("/api/v1/cameras/cam-1/whep/abc", headers=foreign)
    assert (answer.status_code, answer.json()["error"]) == (403, "csrf")


def test_what_is_no_offer_is_refused(desk: Desk) -> None:
    wrong_type = offer(desk, "cam-1", **{"Content-Type": "application/json"})
    assert (wrong_type.status_code, wrong_type.json()["error"]) == (415, "not_sdp")
    for body in ("", "v=1", "v=0\r\nm=audio 9 X 0\r\n", "\x00" * 100):
        answer = offer(desk, "cam-1", body, **{"Content-Type": "application/sdp; charset=utf-8"})
        assert (answer.status_code, answer.json()["error"]) == (422, "bad_offer")


def test_an_offer_that_is_too_long_is_refused(desk: Desk) -> None:
    assert offer(desk, "cam-1", "v=0\r\n" * 20_000).status_code == 413


def test_a_viewer_that_does_not_exist_cannot_leave(desk: Desk) -> None:
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.delete("/api/v1/cameras/cam-1/whep/0123456789abcdef", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
