"""The second factor: enrolled, asked for at the login, and every way in which it is not shown."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from alerts.lifecycle.roles import Role
from app.api.auth.second_factor_routes import FRESH_S
from app.api.auth.second_factors import TICKET_S, TRIES
from tests.app.api.centre import PASSWORD, Centre, Desk

API = "/api/v1"
MakeDesk = Callable[..., Desk]


def _post(desk: Desk, path: str, **body: Any) -> Any:
    return desk.post(f"{API}/{path}", json=body, headers={"X-CSRF-Token": desk.csrf})


def _enrolled(desk: Desk, centre: Centre) -> str:
    begun = _post(desk, "second-factors/code").json()
    code = pyotp.TOTP(begun["secret"]).at(int(centre.clock.at))
    made = _post(
        desk, "second-factors/code/confirm", ticket=begun["ticket"], code=code, name="phone"
    )
    assert made.status_code == 201, made.text
    return str(begun["secret"])


def _asked(address: str, name: str) -> dict[str, Any]:
    with Desk(address) as other:
        answer = _post(other, "session", username=name, password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (401, "second_factor_needed")
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def leader(desk_of: MakeDesk) -> Desk:
    return desk_of("le", Role.LEADER)


def test_a_leader_logs_in_with_password_and_code(
    leader: Desk, centre: Centre, address: str
) -> None:
    secret = _enrolled(leader, centre)
    asked = _asked(address, "le")
    assert asked["methods"] == ["totp"]
    centre.clock.at += 60
    code = pyotp.TOTP(secret).at(int(centre.clock.at))
    with Desk(address) as other:
        answer = _post(other, "session/second-factor", ticket=asked["ticket"], code=code)
        assert answer.status_code == 200, answer.text
        assert other.get(f"{API}/session").json()["user"]["username"] == "le"
        again = _asked(address, "le")
        replay = _post(other, "session/second-factor", ticket=again["ticket"], code=code)
        assert replay.json()["error"] == "wrong_second_factor"  # a code opens once
    entries = [entry.action for entry in centre.archive.log_of("le")]
    assert entries.count("second_factor_added") == 1
    assert "secret" not in str(centre.archive.log_of("le"))
    listed = leader.get(f"{API}/second-factors")
    assert listed.json()["items"][0]["name"] == "phone"
    assert secret not in listed.text


def test_the_password_alone_opens_nothing(leader: Desk, centre: Centre, address: str) -> None:
    _enrolled(leader, centre)
    asked = _asked(address, "le")
    with Desk(address) as other:
        wrongs: tuple[dict[str, Any], ...] = (
            {"code": "000000"},
            {"assertion": {}},
            {"assertion": {"id": "x"}},
            {},
        )
        for wrong in wrongs:
            answer = _post(other, "session/second-factor", ticket=asked["ticket"], **wrong)
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert _post(other, "session/second-factor", ticket="invented", code="123456").json()[
            "error"
        ] == "login_again"  # fmt: skip


def test_a_ticket_is_good_for_few_tries_and_minutes(
    leader: Desk, centre: Centre, address: str
) -> None:
    secret = _enrolled(leader, centre)
    centre.clock.at += 60
    right = pyotp.TOTP(secret).at(int(centre.clock.at))
    with Desk(address) as other:
        asked = _asked(address, "le")
        for _ in range(TRIES):
            _post(other, "session/second-factor", ticket=asked["ticket"], code="000000")
        tried = _post(other, "session/second-factor", ticket=asked["ticket"], code=right)
        assert tried.json()["error"] == "login_again"
        asked = _asked(address, "le")
        centre.clock.at += TICKET_S + 1
        late = pyotp.TOTP(secret).at(int(centre.clock.at))
        tried = _post(other, "session/second-factor", ticket=asked["ticket"], code=late)
        assert tried.json()["error"] == "login_again"


def test_factors_are_changed_only_soon_after_the_login_and_by_their_owner(
    leader: Desk, centre: Centre, desk_of: MakeDesk
) -> None:
    _enrolled(leader, centre)
    factor = leader.get(f"{API}/second-factors").json()["items"][0]["id"]
    other = desk_of("ad", Role.ADMIN)
    headers = {"X-CSRF-Token": other.csrf}
    assert other.delete(f"{API}/second-factors/{factor}", headers=headers).status_code == 404
    begun = _post(leader, "second-factors/code").json()
    stolen = _post(
        other, "second-factors/code/confirm", ticket=begun["ticket"], code="123456", name="x"
    )
    assert stolen.json()["error"] == "login_again"
    centre.clock.at += FRESH_S + 1
    headers = {"X-CSRF-Token": leader.csrf}
    refused = leader.delete(f"{API}/second-factors/{factor}", headers=headers)
    assert refused.json()["error"] == "login_again"
    assert _post(leader, "second-factors/code").status_code == 403
    operator = desk_of("an", Role.OPERATOR)
    assert operator.get(f"{API}/second-factors").status_code == 403
