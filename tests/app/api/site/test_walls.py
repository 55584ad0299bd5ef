"""Walls: a link lets one in, once; what it then holds is a viewer's session and no more."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.lifecycle.roles import DataFilter, Role
from app.api.auth.sessions import Sessions
from app.api.errors import ApiError
from app.api.middleware.known_sessions import COOKIE
from app.api.site.walls import LINK_S, MOST_LINKS, Walls
from tests.app.api.centre import CHEAP, Centre, Desk

MakeDesk = Callable[..., Desk]


def _link(desk: Desk, name: str = "Phòng trực") -> str:
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.post("/api/v1/walls", json={"name": name}, headers=headers)
    assert answer.status_code == 201, answer.text
    path = str(answer.json()["path"])
    assert path.startswith("/wall#")
    return path.partition("#")[2]


def test_a_wall_without_login_sees_nothing(address: str) -> None:
    with Desk(address) as wall:
        for path in ("alerts", "cameras", "site", "stream", "session"):
            assert wall.get(f"/api/v1/{path}").status_code == 401


def test_a_link_lets_one_wall_in_and_no_second(desk_of: MakeDesk, address: str) -> None:
    code = _link(desk_of("chi-huy", Role.LEADER))
    with Desk(address) as wall, Desk(address) as second:
        answer = wall.post("/api/v1/walls/session", json={"code": code})
        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == "viewer"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Max-Age=34560000" in cookie
        assert code not in cookie
        assert wall.get("/api/v1/alerts").status_code == 200
        refused = second.post("/api/v1/walls/session", json={"code": code})
        assert (refused.status_code, refused.json()["error"]) == (401, "wall_link_used")
        assert COOKIE not in second.cookies


def test_a_wall_reads_and_does_nothing(desk_of: MakeDesk, address: str, centre: Centre) -> None:
    alert = centre.raise_alert()
    code = _link(desk_of("chi-huy", Role.LEADER))
    with Desk(address) as wall:
        wall.csrf = wall.post("/api/v1/walls/session", json={"code": code}).json()["csrf"]
        assert wall.act(alert, "acknowledge").status_code == 403
        headers = {"X-CSRF-Token": wall.csrf}
        assert wall.post("/api/v1/walls", json={"name": "x"}, headers=headers).status_code == 403
        assert wall.get("/api/v1/workers").status_code == 403


def test_a_wall_sees_what_its_maker_sees_and_ends_with_its_account(
    desk_of: MakeDesk, address: str, centre: Centre
) -> None:
    leader = desk_of("chi-huy", Role.LEADER, DataFilter(areas=frozenset({"tay-ho"})))
    with Desk(address) as wall:
        answer = wall.post("/api/v1/walls/session", json={"code": _link(leader, "Sảnh")})
        account = centre.archive.user(answer.json()["user"]["username"])
        assert [one["id"] for one in wall.get("/api/v1/cameras").json()["items"]] == ["cam-2"]
        assert account is not None
        assert account.name == "Sảnh"
        centre.archive.end_sessions(account.username)
        assert wall.get("/api/v1/cameras").status_code == 401


def test_a_link_gets_too_old(centre: Centre) -> None:
    walls = Walls(centre.archive, Sessions(centre.archive), CHEAP, centre.clock)
    centre.add_user("chi-huy", Role.LEADER)
    maker = centre.archive.user("chi-huy")
    assert maker is not None
    link = walls.link("Sảnh", maker)
    assert link.code not in repr(link)
    centre.clock.at += LINK_S
    with pytest.raises(ApiError, match="wall_link_used"):
        walls.open(link.code, "10.0.0.8")


def test_links_are_bounded(centre: Centre) -> None:
    walls = Walls(centre.archive, Sessions(centre.archive), CHEAP, centre.clock)
    centre.add_user("chi-huy", Role.LEADER)
    maker = centre.archive.user("chi-huy")
    assert maker is not None
    for number in range(MOST_LINKS):
        walls.link("Sảnh", replace(maker, username=f"chi-huy-{number % 4}"))
    with pytest.raises(ApiError, match="busy"):
        walls.link("Sảnh", maker)
    centre.clock.at += LINK_S
    assert walls.link("Sảnh", maker).expires_at == centre.clock.at + LINK_S
