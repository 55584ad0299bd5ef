"""Shifts do not cross agencies: who is on, what is handed over, and who may end it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.web_api.access.permissions import EVERYONE

MakeDesk = Callable[..., Desk]
ALPHA, BRAVO = (DataFilter(agencies=frozenset({name})) for name in ("pc07", "csgt"))


def _press(desk: Desk, path: str, **body: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    return desk.post(f"/api/v1/shift/{path}", json=body or None, headers=headers)


def _names(desk: Desk, path: str = "") -> set[str]:
    found = desk.get(f"/api/v1/shift{path}").json()
    return {each["person"]["username"] for each in found["on_duty" if not path else "items"]}


@pytest.fixture
def bravo(desk_of: MakeDesk) -> tuple[Desk, str, str]:
    """Bravo's operator on duty, who has offered a hand-over: the desk, the shift, the offer."""
    desk = desk_of("bravo", Role.OPERATOR, BRAVO)
    shift = _press(desk, "take", sound_heard=True).json()["id"]
    offer = _press(desk, "handover", note="secret of bravo").json()["id"]
    return desk, shift, offer


def test_another_agencys_leader_ends_no_shift_of_ours(
    centre: Centre, desk_of: MakeDesk, bravo: tuple[Desk, str, str]
) -> None:
    alpha = desk_of("alpha", Role.LEADER, ALPHA)
    refused = _press(alpha, f"{bravo[1]}/end", reason="x")
    assert (refused.status_code, refused.json()["error"]) == (404, "no_such_shift")
    assert bravo[0].get("/api/v1/shift").json()["mine"] is not None
    everywhere = desk_of("city", Role.LEADER)
    assert _press(everywhere, f"{bravo[1]}/end", reason="forgotten").status_code == 204


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEADER])
def test_another_agencys_handover_is_neither_read_nor_accepted(
    desk_of: MakeDesk, bravo: tuple[Desk, str, str], role: Role
) -> None:
    alpha = desk_of("alpha", role, ALPHA)
    assert alpha.get("/api/v1/shift").json()["offered"] == []
    for step in ("accept", "withdraw"):
        refused = _press(alpha, f"handover/{bravo[2]}/{step}")
        assert refused.status_code in (404, 409)
        assert "secret of bravo" not in refused.text
    refused = _press(alpha, f"handover/{bravo[2]}/accept")
    assert (refused.status_code, refused.json()["error"]) == (404, "no_such_handover")
    assert bravo[0].get("/api/v1/shift").json()["mine"] is not None
    same = desk_of("second", Role.OPERATOR, BRAVO)
    assert _press(same, f"handover/{bravo[2]}/accept").status_code == 200


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_no_role_of_another_agency_learns_who_is_on_duty(
    desk_of: MakeDesk, bravo: tuple[Desk, str, str], role: Role
) -> None:
    alpha = desk_of("alpha", role, ALPHA)
    city = desk_of("city", Role.OPERATOR)
    _press(city, "take", sound_heard=True)
    assert _names(alpha) == set()
    assert _names(alpha, "/recent") == set()
    assert _names(bravo[0]) == {"bravo"}
    assert _names(city) == {"bravo", "city"}
    assert _names(city, "/recent") == {"bravo", "city"}


def test_who_sees_less_relieves_nobody_who_sees_more(desk_of: MakeDesk) -> None:
    city = desk_of("city", Role.OPERATOR)
    _press(city, "take", sound_heard=True)
    alpha = desk_of("alpha", Role.OPERATOR, ALPHA)
    colleagues = city.get("/api/v1/shift/sheet").json()["colleagues"]
    assert colleagues == []
    assert _press(city, "handover", to="alpha").json()["error"] == "person_unknown"
    offer = _press(city, "handover", note="x").json()["id"]
    assert _press(alpha, f"handover/{offer}/accept").status_code == 404
    assert alpha.get("/api/v1/shift/sheet").json()["colleagues"][0]["username"] == "city"


EMPTY = DataFilter(agencies=frozenset())
WARD = DataFilter(areas=frozenset({"hoan-kiem"}))
BOTH = DataFilter(agencies=frozenset({"pc07", "csgt"}))


@pytest.mark.parametrize(
    ("mine", "theirs", "covers"),
    [
        (EVERYTHING, ALPHA, True),
        (ALPHA, EVERYTHING, False),
        (ALPHA, ALPHA, True),
        (ALPHA, BRAVO, False),
        (BOTH, ALPHA, True),
        (ALPHA, BOTH, False),
        (WARD, ALPHA, False),
        (ALPHA, WARD, False),
        (ALPHA, EMPTY, False),
        (EVERYTHING, EMPTY, True),
    ],
)
def test_a_sight_within_anothers(mine: DataFilter, theirs: DataFilter, covers: bool) -> None:
    assert mine.covers(theirs) is covers
