"""One's own password: the one that somebody gave is replaced first, and nobody else changes it."""

from collections.abc import Callable

import httpx
import pytest

from tests.app.web_api.centre import PASSWORD, Centre, Desk
from thapcanh.alerts.accounts.second_factors import SecondFactorRepository, StoredFactor
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.guessing_limits import TRIES

SESSION = "/api/v1/session"
OWN = "mật khẩu của riêng tôi"

MakeDesk = Callable[..., Desk]


@pytest.fixture
def given(desk_of: MakeDesk) -> str:
    """The password that an admin read out to An."""
    body = {"username": "an", "name": "An", "roles": ["operator"], "agencies": None, "areas": None}
    made = desk_of("quan-tri", Role.ADMIN).post("/api/v1/accounts", json=body)
    assert made.status_code == 201, made.text
    password: str = made.json()["password"]
    return password


def _log_in(desk: Desk, password: str, new: str | None = None) -> httpx.Response:
    body = {"username": "an", "password": password} | ({"new_password": new} if new else {})
    return desk.post(SESSION, json=body)


def test_a_given_password_opens_nothing_before_it_is_replaced(
    given: str, address: str, centre: Centre
) -> None:
    with Desk(address) as desk:
        first = _log_in(desk, given)
        assert (first.status_code, first.json()["error"]) == (401, "new_password_needed")
        assert "set-cookie" not in first.headers
        same = _log_in(desk, given, given)
        assert (same.status_code, same.json()["error"]) == (422, "same_password")
        assert _log_in(desk, given, "ngắn").status_code == 422
        assert _log_in(desk, given, OWN).status_code == 200
    with Desk(address) as desk:
        assert _log_in(desk, given).json()["error"] == "wrong_login"
        assert _log_in(desk, OWN).status_code == 200
    log = [(one.action, one.actor) for one in centre.archive.log_of("an")]
    assert ("account_own_password", "an") in log
    assert centre.archive.verify_chain().ok


def test_a_wrong_password_replaces_nothing_and_counts(given: str, address: str) -> None:
    with Desk(address) as desk:
        for _ in range(TRIES):
            assert _log_in(desk, "không đúng", OWN).json()["error"] == "wrong_login"
        assert _log_in(desk, given, OWN).json()["error"] == "locked_out"


def test_a_second_factor_is_asked_for_after_the_new_password(
    given: str, address: str, centre: Centre
) -> None:
    phone = StoredFactor(
        id="1", username="an", kind="totp", name="phone", secret="f1:x", created_at=1.0
    )
    SecondFactorRepository(centre.archive.database).add(phone)
    with Desk(address) as desk:
        assert _log_in(desk, given).json()["error"] == "new_password_needed"
        asked = _log_in(desk, given, OWN)
        assert asked.json()["error"] == "second_factor_needed"
        assert "set-cookie" not in asked.headers
        assert desk.get(SESSION).status_code == 401


def test_the_login_replaces_no_password_that_is_ones_own(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk, Desk(address) as stranger:
        desk.log_in("an")
        refused = _log_in(stranger, PASSWORD, OWN)
        assert (refused.status_code, refused.json()["error"]) == (409, "password_is_own")
        assert desk.get(SESSION).status_code == 200
        assert _log_in(stranger, PASSWORD).status_code == 200


def test_changing_it_ends_ones_other_sessions_and_no_other(
    centre: Centre, address: str, desk_of: MakeDesk
) -> None:
    centre.add_user("an", Role.OPERATOR)
    colleague = desk_of("binh", Role.OPERATOR)
    with Desk(address) as here, Desk(address) as elsewhere:
        here.log_in("an")
        elsewhere.log_in("an")
        body = {"password": PASSWORD, "new_password": OWN}
        wrong = here.post(f"{SESSION}/password", json=body | {"password": "không đúng"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "wrong_login")
        assert here.post(f"{SESSION}/password", json=body).status_code == 204
        assert here.get(SESSION).status_code == 200
        assert elsewhere.get(SESSION).status_code == 401
    assert colleague.get(SESSION).status_code == 200
    with Desk(address) as desk:
        assert _log_in(desk, OWN).status_code == 200


def test_whoever_stole_a_session_cannot_guess_the_password_there(
    centre: Centre, address: str
) -> None:
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk:
        desk.log_in("an")
        body = {"password": "không đúng", "new_password": OWN}
        tries = [desk.post(f"{SESSION}/password", json=body) for _ in range(TRIES + 1)]
    assert [one.status_code for one in tries] == [401] * TRIES + [429]
