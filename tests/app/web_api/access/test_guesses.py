"""Guesses at one account from many addresses: limited by account, logged, and told as an alert."""

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from tests.app.web_api.centre import PASSWORD, Centre, Desk
from thapcanh.alerts.accounts.users import SECOND_STEP
from thapcanh.alerts.store.roles import Role
from thapcanh.app.accounts.guess_alarm import GUESSED, GuessFindings
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.web_api.access.guessing_limits import (
    SHOWN_FOR_S,
    WINDOW_S,
    WRONG_CODES,
    WRONG_PASSWORDS,
    AccountGuesses,
)
from thapcanh.app.web_api.access.second_factors import TRIES
from thapcanh.app.web_api.errors import ApiError

API = "/api/v1"


def _post(desk: Desk, path: str, **body: Any) -> Any:
    return desk.post(f"{API}/{path}", json=body, headers={"X-CSRF-Token": desk.csrf})


def _tried(address: str, *codes: str) -> list[Any]:
    """One login with the right password, and these codes after each other."""
    with Desk(address) as other:
        ticket = _post(other, "session", username="le", password=PASSWORD).json()["ticket"]
        return [
            _post(other, "session/second-factor", ticket=ticket, code=code).json() for code in codes
        ]


def test_codes_are_guessed_no_further_than_the_accounts_limit(
    desk_of: Callable[..., Desk], centre: Centre, address: str
) -> None:
    leader = desk_of("le", Role.LEADER)
    begun = _post(leader, "second-factors/code").json()
    secret = pyotp.TOTP(begun["secret"])
    shown = {"code": secret.at(int(centre.clock.at)), "name": "phone"}
    assert _post(leader, "second-factors/code/confirm", ticket=begun["ticket"], **shown)
    centre.clock.at += 60
    findings = GuessFindings(centre.archive.database)
    assert findings.findings(centre.clock.at) == []
    right = secret.at(int(centre.clock.at))
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(WRONG_CODES // TRIES):
        for answer in _tried(address, *[wrong] * TRIES):
            assert answer["error"] == "wrong_second_factor"
    for refused in _tried(address, wrong, right, wrong):
        assert refused["error"] == "account_waits"
        assert "quản trị" in refused["detail"]
    noted = [one for one in centre.archive.log_of("le") if one.action == "account_guessed"]
    assert [one.details for one in noted] == [{"what": SECOND_STEP}]
    (sign,) = findings.findings(centre.clock.at)
    assert (sign.trouble, sign.subject, sign.verdict) == (GUESSED, "le", HealthVerdict.FAULT)
    assert leader.get(f"{API}/alerts").status_code == 200  # a session in force goes on
    centre.clock.at += WINDOW_S + 1
    (answer,) = _tried(address, secret.at(int(centre.clock.at)))
    assert answer["user"]["username"] == "le"
    assert answer["guessed"]["what"] == "codes"
    (sign,) = findings.findings(centre.clock.at)
    assert sign.verdict is HealthVerdict.FINE


def test_a_restart_does_not_forget_wrong_codes(centre: Centre) -> None:
    centre.add_user("le", Role.LEADER)
    guesses = AccountGuesses(centre.archive, centre.clock)
    for _ in range(WRONG_CODES):
        guesses.begin_code("le")
        guesses.checked_code("le", right=False)
    with pytest.raises(ApiError, match="account_waits"):
        AccountGuesses(centre.archive, centre.clock).begin_code("le")


def test_passwords_from_many_addresses_wait_but_not_at_the_owners_desk(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    guesses, archive = AccountGuesses(centre.archive, centre.clock), centre.archive
    archive.note_login("an", "10.0.0.1", centre.clock.at, succeeded=True)
    centre.clock.at += 1.0
    for number in range(WRONG_PASSWORDS):
        guesses.begin_password("an", f"10.1.0.{number}")
        archive.note_login("an", f"10.1.0.{number}", centre.clock.at, succeeded=False)
    for _ in range(2):
        with pytest.raises(ApiError, match="account_waits"):
            guesses.begin_password("an", "10.1.1.1")
    guesses.begin_password("an", "10.0.0.1")
    noted = [one for one in archive.log_of("an") if one.action == "account_guessed"]
    assert [one.details for one in noted] == [{"what": "password"}]
    (sign,) = GuessFindings(archive.database).findings(centre.clock.at)
    assert (sign.subject, sign.reason) == ("an", "too many wrong answers: password")


def test_names_that_do_not_exist_raise_no_alert(centre: Centre) -> None:
    for number in range(WRONG_PASSWORDS * 2):
        centre.archive.note_login("nobody", f"10.1.0.{number}", time.time(), succeeded=False)
    assert GuessFindings(centre.archive.database).findings(time.time()) == []


def test_the_owner_of_an_account_is_told_that_somebody_guessed_at_it(
    desk_of: Callable[..., Desk], centre: Centre
) -> None:
    """Only leaders saw the alert; the owner, who knows whether it was he, was told nothing."""
    desk = desk_of("an", Role.OPERATOR)
    assert desk.get(f"{API}/session").json()["guessed"] is None
    guesses = AccountGuesses(centre.archive, centre.clock)
    for number in range(WRONG_PASSWORDS):
        guesses.begin_password("an", f"10.9.0.{number}")
    with pytest.raises(ApiError, match="account_waits"):
        guesses.begin_password("an", "10.9.1.1")
    told = desk.get(f"{API}/session").json()["guessed"]
    assert told["what"] == "password"
    assert desk_of("ba", Role.OPERATOR).get(f"{API}/session").json()["guessed"] is None
    again = _post(desk, "session", username="an", password=PASSWORD).json()
    assert again["guessed"] == told
    assert AccountGuesses(centre.archive, centre.clock).told("an") is not None
    centre.clock.at += SHOWN_FOR_S + 1
    assert AccountGuesses(centre.archive, centre.clock).told("an") is None
