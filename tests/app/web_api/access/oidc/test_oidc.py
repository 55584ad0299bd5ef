"""Login through a provider: who is let in, as whom, and every way in which nobody is."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.provider import CLIENT, OTHER_KEY, SECRET, Provider, running_provider
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.oidc_client import BEGUN_S
from thapcanh.app.web_api.access.oidc_routes import ON_ITS_WAY
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.config.servers.login_providers import OidcConfig

API = "/api/v1"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def desk(centre: Centre, provider: Provider) -> Iterator[Desk]:
    """A browser at a centre that asks this provider."""
    centre.clock.at = time.time()  # the provider's tokens are of today
    configure(centre, provider)
    with serving(centre) as served, Desk(served.address) as browser:
        yield browser


def configure(centre: Centre, provider: Provider, **changes: Any) -> None:
    settings = OidcConfig(
        issuer=provider.issuer,
        client_id=CLIENT,
        client_secret=SecretStr(SECRET),
        public_url="http://localhost:8080",
        roles={"truc-ban": ("operator",), "chi-huy": ("leader", "admin")},
    )
    oidc = settings.model_copy(update=changes)
    centre.site.replace(centre.site().model_copy(update={"oidc": oidc}))


def log_in(desk: Desk, provider: Provider) -> httpx.Response:
    """Out to the provider and back, as a browser does it."""
    out = desk.get(f"{API}/oidc/login")
    assert out.status_code == 303
    assert out.headers["location"].startswith(f"{provider.issuer}/authorize?")
    state, code = provider.code_for(out.headers["location"])
    return desk.get(f"{API}/oidc/callback", params={"state": state, "code": code})


def is_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/?sso=")
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_who_comes_back_is_let_in_with_the_roles_of_the_claims(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    back = log_in(desk, provider)
    assert (back.status_code, back.headers["location"]) == (303, "/")
    cookie = back.headers["set-cookie"]
    assert "SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    session = desk.get(f"{API}/session").json()
    assert session["user"]["username"] == "sso:binh"
    assert (session["user"]["name"], session["user"]["roles"]) == ("Trần Bình", ["operator"])
    desk.csrf = session["csrf"]
    assert desk.act(centre.raise_alert(), "acknowledge").status_code == 200
    asked = provider.asked[0]
    assert asked["redirect_uri"] == f"http://localhost:8080{API}/oidc/callback"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile"


def test_roles_agencies_and_areas_are_those_of_the_newest_login(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    log_in(desk, provider)
    configure(centre, provider, agencies_claim="agencies", areas_claim="areas")
    provider.person |= {"roles": "chi-huy", "agencies": ["pc07", "fbi"]}
    log_in(desk, provider)
    account = centre.archive.user("sso:binh")
    assert account is not None
    assert account.roles == {Role.LEADER, Role.ADMIN}
    assert account.scope == DataFilter(agencies=frozenset({"pc07"}), areas=frozenset())


def test_an_account_of_the_provider_has_no_password(desk: Desk, provider: Provider) -> None:
    log_in(desk, provider)
    for password in ("", " ", "x"):
        answer = desk.post(f"{API}/session", json={"username": "sso:binh", "password": password})
        assert answer.status_code in (401, 422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://evil.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"roles": []},
        {"roles": ["somebody"]},
        {"roles": {"truc-ban": True}},
        {"preferred_username": "a b"},
        {"preferred_username": None},
        {"preferred_username": "../admin"},
    ],
)
def test_a_token_that_is_not_right_lets_nobody_in(
    centre: Centre, desk: Desk, provider: Provider, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong
    is_refused(log_in(desk, provider))
    assert desk.get(f"{API}/session").status_code == 401
    assert centre.archive.users() == []


def test_who_has_no_role_any_more_by_the_providers_word_is_logged_out_everywhere(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    """An earlier session, and walls, went on."""
    log_in(desk, provider)
    assert desk.get(f"{API}/session").status_code == 200
    provider.wrong = {"roles": []}
    with Desk(str(desk.base_url)) as other:
        is_refused(log_in(other, provider))
    assert [one.may_come_in for one in centre.archive.users()] == [False]
    assert desk.get(f"{API}/session").status_code == 401


def test_a_token_of_another_key_lets_nobody_in(desk: Desk, provider: Provider) -> None:
    provider.key = OTHER_KEY
    is_refused(log_in(desk, provider))


def test_a_login_is_finished_once_in_time_and_by_the_browser_that_began(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    out = desk.get(f"{API}/oidc/login")
    state, code = provider.code_for(out.headers["location"])
    back = {"state": state, "code": code}
    with Desk(str(desk.base_url)) as other:
        is_refused(other.get(f"{API}/oidc/callback", params=back))
    centre.clock.at += BEGUN_S + 1
    is_refused(desk.get(f"{API}/oidc/callback", params=back))
    centre.clock.at -= BEGUN_S + 1
    is_refused(desk.get(f"{API}/oidc/callback", params=back))  # it was used up
    for params in ({}, {"state": ""}, {"state": "é", "code": "x"}, {"state": "x" * 2000}):
        is_refused(desk.get(f"{API}/oidc/callback", params=params))


def test_a_disabled_account_stays_out(centre: Centre, desk: Desk, provider: Provider) -> None:
    log_in(desk, provider)
    account = centre.archive.user("sso:binh")
    assert account is not None
    centre.archive.save_user(replace(account, disabled=True))
    is_refused(log_in(desk, provider))


def test_a_provider_that_does_not_answer_or_is_another_lets_nobody_in(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    configure(centre, provider, issuer=f"{provider.issuer}/")  # as it does not call itself
    is_refused(desk.get(f"{API}/oidc/login"))
    configure(centre, provider, issuer="http://127.0.0.1:9")
    is_refused(desk.get(f"{API}/oidc/login"))
    configure(centre, provider, client_secret=SecretStr("wrong"))
    is_refused(log_in(desk, provider))


def test_the_login_page_is_told_what_stands_on_the_button(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    assert desk.get(f"{API}/oidc").json() == {"label": "Đăng nhập một lần"}
    centre.site.replace(centre.site().model_copy(update={"oidc": OidcConfig()}))
    assert desk.get(f"{API}/oidc").json() == {"label": None}
    assert desk.get(f"{API}/oidc/login").status_code == 404
    is_refused(desk.get(f"{API}/oidc/callback", params={"state": "x", "code": "y"}))
    desk.cookies.set(ON_ITS_WAY, "x", path="/api/v1/oidc")
    is_refused(desk.get(f"{API}/oidc/callback", params={"state": "x", "code": "y"}))
