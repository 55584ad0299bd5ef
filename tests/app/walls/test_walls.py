"""Walls: six digits let one in; what it then holds is a viewer's session and no more."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, repeat

import httpx
import pytest

from tests.app.web_api.centre import CHEAP, Centre, Desk, paired_wall
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.process.admission import PAIRINGS
from thapcanh.app.walls.walls import PAIRING_S, Walls
from thapcanh.app.web_api.access.guessing_limits import TRIES, WINDOW_S
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE, VerifiedSessions

MakeDesk = Callable[..., Desk]


def _approve(desk: Desk, code: str, name: str = "Phòng trực") -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post("/api/v1/walls", json={"code": code, "name": name}, headers=headers)


MOST_PAIRINGS, (MOST_OF_ADDRESS,) = PAIRINGS.places, PAIRINGS.shares


def _walls(centre: Centre, *drawn: int) -> Walls:
    """Walls that draw these numbers first, then one after the other."""
    numbers: Iterator[int] = chain(drawn, range(500_000, 600_000))
    sessions = Sessions(centre.archive, VerifiedSessions())
    return Walls(centre.archive, sessions, CHEAP, centre.clock, lambda _: next(numbers))


def _leader(centre: Centre, name: str = "chi-huy", scope: DataFilter = EVERYTHING) -> User:
    centre.add_user(name, Role.LEADER, scope=scope)
    maker = centre.archive.user(name)
    assert maker is not None
    return maker


def test_a_wall_without_login_sees_nothing(address: str) -> None:
    with Desk(address) as wall:
        for path in ("alerts", "cameras", "site", "stream", "session"):
            assert wall.get(f"/api/v1/{path}").status_code == 401


def test_six_digits_let_one_wall_in_and_no_second(desk_of: MakeDesk, address: str) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    with Desk(address) as wall, Desk(address) as second:
        asked = wall.post("/api/v1/walls/pairing").json()
        body = {"secret": asked["secret"]}
        assert wall.post("/api/v1/walls/session", json=body).status_code == 202
        assert COOKIE not in wall.cookies
        assert _approve(leader, asked["code"], "Sảnh").json() == {
            "name": "Sảnh",
            "address": "127.0.0.1",
        }
        answer = wall.post("/api/v1/walls/session", json=body)
        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == "viewer"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Max-Age=34560000" in cookie
        assert asked["secret"] not in cookie
        assert wall.get("/api/v1/alerts").status_code == 200
        refused = second.post("/api/v1/walls/session", json=body)
        assert (refused.status_code, refused.json()["error"]) == (401, "wall_code_over")
        used = _approve(leader, asked["code"])
        assert (used.status_code, used.json()["error"]) == (404, "wall_code_unknown")


def test_the_digits_alone_open_nothing(desk_of: MakeDesk, address: str) -> None:
    with Desk(address) as wall, Desk(address) as thief:
        asked = wall.post("/api/v1/walls/pairing").json()
        _approve(desk_of("chi-huy", Role.LEADER), asked["code"])
        stolen = thief.post("/api/v1/walls/session", json={"secret": asked["code"]})
        assert stolen.json()["error"] == "wall_code_over"


def test_a_wall_says_where_its_digits_are_typed(centre: Centre, address: str) -> None:
    with Desk(address) as wall:
        asked = wall.post("/api/v1/walls/pairing").json()
        here = {"url": f"{address}/settings/walls#{asked['code']}", "problem": "this_machine"}
        assert asked["approve"] == here
        by_name = wall.post("/api/v1/walls/pairing", headers={"Host": "canh.example"}).json()
        assert by_name["approve"]["problem"] == "plain_http"
        site = centre.site()
        public = site.centre.model_copy(update={"public_url": "https://canh.example"})
        centre.site.replace(site.model_copy(update={"centre": public}))
        asked = wall.post("/api/v1/walls/pairing").json()
        there = f"https://canh.example/settings/walls#{asked['code']}"
        assert asked["approve"] == {"url": there, "problem": None}


def test_a_wall_reads_and_does_nothing(desk_of: MakeDesk, address: str, centre: Centre) -> None:
    alert = centre.raise_alert()
    with closing(paired_wall(desk_of("chi-huy", Role.LEADER), address)) as wall:
        assert wall.act(alert, "acknowledge").status_code == 403
        assert _approve(wall, "000000").status_code == 403
        assert wall.get("/api/v1/workers").status_code == 403


def test_a_wall_sees_what_its_maker_sees_and_is_ended_in_the_list(
    desk_of: MakeDesk, address: str, centre: Centre
) -> None:
    leader = desk_of("chi-huy", Role.LEADER, DataFilter(areas=frozenset({"tay-ho"})))
    other = desk_of("khac", Role.LEADER, DataFilter(areas=frozenset({"hoan-kiem"})))
    with closing(paired_wall(leader, address, "Sảnh")) as wall:
        assert [one["id"] for one in wall.get("/api/v1/cameras").json()["items"]] == ["cam-2"]
        (listed,) = leader.get("/api/v1/walls").json()["items"]
        assert listed["name"] == "Sảnh"
        assert listed["made_by"] == {"username": "chi-huy", "name": "Đồng chí chi-huy"}
        assert other.get("/api/v1/walls").json() == {"items": []}
        path = f"/api/v1/walls/{listed['username']}"
        assert other.delete(path, headers={"X-CSRF-Token": other.csrf}).status_code == 404
        assert leader.delete(path, headers={"X-CSRF-Token": leader.csrf}).status_code == 204
        assert wall.get("/api/v1/cameras").status_code == 401
        assert leader.get("/api/v1/walls").json() == {"items": []}
        ended = centre.archive.log_of(listed["username"])[-1]
        assert (ended.action, ended.actor) == ("wall_ended", "chi-huy")
        gone = leader.delete("/api/v1/walls/chi-huy", headers={"X-CSRF-Token": leader.csrf})
        assert gone.status_code == 404  # a person's account is none


def test_digits_live_two_minutes(centre: Centre) -> None:
    walls, maker = _walls(centre), _leader(centre)
    asked = walls.ask("10.0.0.8")
    assert asked.secret not in repr(asked)
    centre.clock.at += PAIRING_S
    with pytest.raises(ApiError, match="wall_code_unknown"):
        walls.approve(asked.code, "Sảnh", maker)
    with pytest.raises(ApiError, match="wall_code_over"):
        walls.is_approved(asked.secret)
    late = walls.ask("10.0.0.8")
    walls.approve(late.code, "Sảnh", maker)
    centre.clock.at += PAIRING_S
    with pytest.raises(ApiError, match="wall_code_over"):
        walls.open(late.secret, "10.0.0.8")


def test_who_guesses_digits_is_locked_out_even_from_the_right_ones(centre: Centre) -> None:
    walls, guesser, other = _walls(centre, 7), _leader(centre), _leader(centre, "khac")
    assert walls.ask("10.0.0.8").code == "000007"
    for wrong in range(TRIES):
        with pytest.raises(ApiError, match="wall_code_unknown"):
            walls.approve(f"{900_000 + wrong}", "Sảnh", guesser)
    with pytest.raises(ApiError, match="wall_code_locked") as refused:
        walls.approve("000007", "Sảnh", guesser)
    assert refused.value.facts == {"minutes": 15}
    assert walls.approve("000007", "Sảnh", other) == "10.0.0.8"
    centre.clock.at += WINDOW_S
    asked = walls.ask("10.0.0.8")
    assert walls.approve(asked.code, "Sảnh", guesser) == "10.0.0.8"


def test_no_two_walls_show_the_same_digits(centre: Centre) -> None:
    walls = _walls(centre, *repeat(7, 2), 8)
    assert [walls.ask("10.0.0.8").code, walls.ask("10.0.0.9").code] == ["000007", "000008"]


def test_one_machine_takes_no_places_of_others(centre: Centre) -> None:
    walls, maker = _walls(centre), _leader(centre)
    mine = [walls.ask("10.0.0.8") for _ in range(MOST_OF_ADDRESS + 1)]
    with pytest.raises(ApiError, match="wall_code_unknown"):  # the oldest gave way
        walls.approve(mine[0].code, "Sảnh", maker)
    network = [walls.ask(f"2001:db8::{number:x}") for number in range(MOST_OF_ADDRESS + 1)]
    with pytest.raises(ApiError, match="wall_code_unknown"):  # a network of IPv6 is one sender
        walls.approve(network[0].code, "Sảnh", maker)
    assert walls.approve(mine[-1].code, "Sảnh", maker) == "10.0.0.8"


def test_many_addresses_that_ask_for_digits_leave_an_honest_wall_its_own(centre: Centre) -> None:
    """Fifteen addresses filled every place, and a wall was refused."""
    walls, maker = _walls(centre), _leader(centre)
    for number in range(MOST_PAIRINGS):
        walls.ask(f"10.0.1.{number // MOST_OF_ADDRESS}")
    honest = walls.ask("10.0.0.9")
    for number in range(MOST_PAIRINGS // 2):
        walls.ask(f"10.0.2.{number // MOST_OF_ADDRESS}")
    assert walls.approve(honest.code, "Sảnh", maker) == "10.0.0.9"
    for number in range(2 * MOST_PAIRINGS):
        walls.ask(f"10.1.{number // 200}.{number % 200}")
    assert walls.open(honest.secret, "10.0.0.9").session.user.name == "Sảnh"  # it was let in
