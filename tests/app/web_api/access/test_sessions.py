"""Logging in and out: cookie, CSRF code, lockout, ends of sessions; nothing that tells too much."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import PASSWORD, Centre, Desk, serving
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.credentials import ensure_first_admin
from thapcanh.app.web_api.access.guessing_limits import TRIES, WINDOW_S, Lockout, wait_s
from thapcanh.app.web_api.access.login_service import SESSION_S
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.config.site import CentreConfig as CentreSettings

SESSION = "/api/v1/session"


def test_a_login_gives_who_one_is_and_a_strict_cookie(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk:
        answer = desk.post(SESSION, json={"username": " AN ", "password": PASSWORD})
        assert answer.status_code == 200
        body = answer.json()
        assert body["user"] == {
            "username": "an", "name": "Đồng chí an", "role": "operator", "roles": ["operator"],
            "locale": "vi",
        }  # fmt: skip
        cookie = answer.headers["set-cookie"]
        for part in (f"{COOKIE}=", "HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie
        assert "Max-Age" not in cookie
        assert desk.get(SESSION).json() == body


def test_the_first_account_leads_the_shift_and_keeps_the_system(
    centre: Centre, address: str
) -> None:
    ensure_first_admin(centre.archive, PASSWORD)
    with Desk(address) as desk:
        desk.log_in("admin")
        user = desk.get(SESSION).json()["user"]
        assert (user["role"], user["roles"]) == ("leader", ["admin", "leader"])
        assert desk.act(centre.raise_alert(), "acknowledge").status_code == 200
        assert desk.get("/api/v1/workers").status_code == 200


def test_behind_tls_the_cookie_is_secure(centre: Centre) -> None:
    site = centre.site()
    settings = CentreSettings(behind_tls=True)
    centre.site.replace(site.model_copy(update={"centre": settings}))
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk:
        answer = desk.post(SESSION, json={"username": "an", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_neither_token_nor_csrf_code_lies_in_the_archive(desk: Desk, centre: Centre) -> None:
    token = desk.cookies[COOKIE]
    stored = b"".join(path.read_bytes() for path in centre.folder.glob("archive.sqlite*"))
    assert b"operator" in stored
    assert token.encode() not in stored


def test_a_wrong_password_and_an_unknown_user_look_the_same(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("gone", Role.OPERATOR)
    account = centre.archive.user("gone")
    assert account is not None
    centre.archive.save_user(replace(account, disabled=True))
    with Desk(address) as desk:
        wrong = desk.post(SESSION, json={"username": "an", "password": "không đúng"})
        unknown = desk.post(SESSION, json={"username": "nobody", "password": "không đúng"})
        disabled = desk.post(SESSION, json={"username": "gone", "password": PASSWORD})
    assert {answer.status_code for answer in (wrong, unknown, disabled)} == {401}
    assert wrong.json() == unknown.json() == disabled.json()
    assert wrong.json()["error"] == "wrong_login"


def test_an_unknown_user_costs_as_much_time_as_a_wrong_password() -> None:
    passwords = Passwords()
    known = passwords.hashed(PASSWORD)
    passwords.is_right(None, "warm up")

    def cost_s(password_hash: str | None) -> float:
        begun = time.process_time()
        assert not passwords.is_right(password_hash, "không đúng")
        return time.process_time() - begun

    known_s = min(cost_s(known) for _ in range(3))
    unknown_s = min(cost_s(None) for _ in range(3))
    assert unknown_s > known_s / 3
    assert known_s > unknown_s / 3


def test_five_wrong_passwords_lock_out_for_fifteen_minutes(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    centre.add_user("binh", Role.OPERATOR)
    with Desk(address) as desk:
        for _ in range(TRIES):
            wrong = desk.post(SESSION, json={"username": "an", "password": "không đúng"})
            assert wrong.status_code == 401
        locked = desk.post(SESSION, json={"username": "an", "password": PASSWORD})
        assert locked.status_code == 429
        assert locked.json()["error"] == "locked_out"
        assert "15 phút" in locked.json()["detail"]
        assert 0 < int(locked.headers["retry-after"]) <= WINDOW_S + 1
        other = desk.post(SESSION, json={"username": "binh", "password": PASSWORD})
        assert other.status_code == 200
        centre.clock.at += WINDOW_S + 1
        assert desk.log_in("an").csrf


def test_a_lockout_survives_a_restart_of_the_centre(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    for tries in ([401] * (TRIES - 1), [401, 429], [429]):
        with serving(centre) as served, Desk(served.address) as desk:  # each with a new memory
            for expected in tries:
                answer = desk.post(SESSION, json={"username": "an", "password": "không đúng"})
                assert answer.status_code == expected
    centre.clock.at += WINDOW_S + 1
    with serving(centre) as served, Desk(served.address) as desk:
        assert desk.log_in("an").csrf


def test_a_right_password_forgets_the_wrong_ones(centre: Centre, address: str) -> None:
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk:
        for _ in range(2):
            for _ in range(TRIES - 1):
                desk.post(SESSION, json={"username": "an", "password": "không đúng"})
            desk.log_in("an")


@pytest.mark.parametrize(
    ("failed_at", "now", "expected"),
    [
        ((), 0.0, 0.0),
        ((0.0,) * 4, 1.0, 0.0),
        ((0.0, 1.0, 2.0, 3.0, 4.0), 5.0, WINDOW_S - 5.0),
        ((0.0, 1.0, 2.0, 3.0, 4.0), WINDOW_S, 0.0),
    ],
)
def test_how_long_one_waits(failed_at: tuple[float, ...], now: float, expected: float) -> None:
    assert wait_s(failed_at, now) == expected


def test_lockouts_are_of_one_name_and_one_address() -> None:
    lockout = Lockout(lambda _pair, _since: ())
    for _ in range(TRIES):
        assert lockout.begin(("an", "10.0.0.1"), 0.0) == 0.0
    assert lockout.begin(("an", "10.0.0.1"), 1.0) > 0
    assert lockout.begin(("an", "10.0.0.2"), 1.0) == 0.0
    assert lockout.begin(("binh", "10.0.0.1"), 1.0) == 0.0


def test_a_wrong_csrf_code_is_never_excused(desk: Desk, centre: Centre) -> None:
    alert_id = centre.raise_alert()
    for code in ("", "0" * 64, "é"):
        refused = desk.act(alert_id, "acknowledge", headers={"X-CSRF-Token": code.encode()})
        assert refused.status_code == 403
        assert refused.json()["error"] == "csrf"
    assert desk.act(alert_id, "acknowledge").status_code == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 204),  # no page: a program that logged in
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 204),  # our own page
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),  # another port or name of this machine
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_without_a_code_a_mutation_must_come_from_our_own_pages_or_from_none(
    desk: Desk, headers: dict[str, str], expected: int
) -> None:
    headers = {
        name: value.replace("testserver", desk.base_url.netloc.decode())
        for name, value in headers.items()
    }
    assert desk.delete(SESSION, headers=headers).status_code == expected


def test_another_persons_csrf_code_does_not_do(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    other = desk_of("binh", Role.OPERATOR)
    refused = desk.act(centre.raise_alert(), "acknowledge", headers={"X-CSRF-Token": other.csrf})
    assert refused.status_code == 403


def test_logging_out_ends_the_session(desk: Desk) -> None:
    token = desk.cookies[COOKIE]
    answer = desk.delete(SESSION, headers={"X-CSRF-Token": desk.csrf})
    assert answer.status_code == 204
    assert COOKIE not in desk.cookies
    desk.cookies.set(COOKIE, token)
    assert desk.get(SESSION).status_code == 401


def test_a_session_ends_by_itself(desk: Desk, centre: Centre) -> None:
    centre.clock.at += SESSION_S - 1
    assert desk.get(SESSION).status_code == 200
    centre.clock.at += 2
    assert desk.get(SESSION).status_code == 401


def test_a_disabled_account_is_out_at_once(desk: Desk, centre: Centre) -> None:
    account = centre.archive.user("an")
    assert account is not None
    centre.archive.save_user(replace(account, disabled=True))
    assert desk.get(SESSION).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "é", "a b", "' OR 1=1 --", "\x7f"])
def test_a_made_up_cookie_is_nobody(standing_address: str, token: str) -> None:
    headers = {b"Cookie": f"{COOKIE}={token}".encode()}
    assert anonymous_get(standing_address + SESSION, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.username"),
        ({"username": "an"}, "body.password"),
        ({"username": "", "password": "x"}, "body.username"),
        ({"username": "an", "password": "x" * 257}, "body.password"),
        ({"username": "a\x00n", "password": "x"}, "body.username"),
        ({"username": ["an"], "password": "x"}, "body.username"),
        ({"username": "an", "password": "x", "role": "admin"}, "body.role"),
        ([], "body"),
    ],
)
def test_an_incomplete_login_names_the_field(
    standing_address: str, body: object, field: str
) -> None:
    with Desk(standing_address) as standing_desk:
        answer = standing_desk.post(SESSION, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid_input"
    assert answer.json()["field"] == field
    assert "topsecret" not in answer.text


def test_a_rejected_login_never_repeats_the_password(standing_address: str) -> None:
    with Desk(standing_address) as standing_desk:
        answer = standing_desk.post(SESSION, json={"username": "an", "password": "bí mật" * 60})
    assert answer.status_code == 422
    assert "bí mật" not in answer.text


def test_a_login_form_of_another_kind_is_refused(centre: Centre, address: str) -> None:
    """A page of another site can post a form, but not JSON."""
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk:
        form = desk.post(SESSION, data={"username": "an", "password": PASSWORD})
        text = desk.post(
            SESSION,
            content=f'{{"username": "an", "password": "{PASSWORD}"}}'.encode(),
            headers={"Content-Type": "text/plain"},
        )
    assert form.status_code == text.status_code == 422
