"""An account of the provider belongs to one subject, whatever name another subject goes by."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from tests.app.web_api.access.oidc.test_oidc import configure, is_refused, log_in, provider
from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.provider import Provider
from tests.source_trees import ROOT, modules_of
from thapcanh.alerts.accounts.account_records import ExternalIdentity, LoginSession, User
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions
from thapcanh.app.web_api.prefix import PREFIX as API

__all__ = ["provider"]
HOA = {"sub": "hoa-1", "preferred_username": "hoa", "name": "Hoa", "roles": ["truc-ban"]}
OTHER = "another-2"


@pytest.fixture
def desk(centre: Centre, provider: Provider) -> Iterator[Desk]:
    """Hoa's open session, opened by the subject `hoa-1` of agency pc07."""
    centre.clock.at = time.time()  # the provider's tokens are of today
    configure(centre, provider, agencies_claim="agencies")
    provider.person = HOA | {"agencies": ["pc07"]}
    with serving(centre) as served, Desk(served.address) as browser:
        assert log_in(browser, provider).headers["location"] == "/"
        yield browser


def _account(centre: Centre) -> User:
    found = centre.archive.user("sso:hoa")
    assert found is not None
    return found


@contextmanager
def _other(desk: Desk, provider: Provider, **claims: object) -> Iterator[httpx.Response]:
    """Another person comes back from the provider, in another browser."""
    provider.person = HOA | {"sub": OTHER, "agencies": ["csgt"]} | claims
    with Desk(str(desk.base_url)) as browser:
        yield log_in(browser, provider)


def _sees(desk: Desk) -> int:
    return desk.get(f"{API}/session").status_code


@pytest.mark.parametrize("name", ["hoa", "Hoa", "HOA ", "ＨＯＡ", "ｈoa", "\u2095oa"])
def test_a_look_alike_name_raised_the_open_session_of_another_person(
    centre: Centre, desk: Desk, provider: Provider, name: str
) -> None:
    """It became admin of another agency's by somebody else's login."""
    before = _account(centre)
    assert before.identity == ExternalIdentity(issuer=provider.issuer, subject="hoa-1")
    with _other(desk, provider, preferred_username=name, roles=["chi-huy"]) as answer:
        is_refused(answer)
    assert _account(centre) == before
    user = desk.get(f"{API}/session").json()["user"]
    assert (user["name"], user["roles"]) == ("Hoa", ["operator"])


def test_a_look_alike_without_a_role_logged_another_person_out(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    before = _account(centre)
    with _other(desk, provider, preferred_username="Hoa", roles=[]) as answer:
        is_refused(answer)
    assert (_account(centre), _sees(desk)) == (before, 200)


def test_the_refusal_is_told_to_the_person_and_once_an_hour_in_the_log(
    centre: Centre, desk: Desk, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        with _other(desk, provider) as answer:
            assert answer.headers["location"] == "/?sso=identity"
    lines = [one for one in centre.archive.log_of("sso:hoa") if one.action == "identity_refused"]
    assert [one.details for one in lines] == [
        {
            "issuer": provider.issuer, "subject": OTHER,
            "bound_issuer": provider.issuer, "bound_subject": "hoa-1",
        }
    ]  # fmt: skip
    assert "thapcanh user unbind sso:hoa" in caplog.text
    centre.clock.at += 3601
    provider.wrong = {"exp": int(centre.clock.at) + 60}
    with _other(desk, provider):
        acts = [one.action for one in centre.archive.log_of("sso:hoa")]
    assert acts.count("identity_refused") == 2


def test_another_provider_has_the_names_of_the_first_and_none_of_its_accounts(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    """The same `sub` of another issuer is another person."""
    account = _account(centre)
    earlier = ExternalIdentity(issuer="https://earlier.example", subject="hoa-1")
    centre.archive.save_user(replace(account, identity=earlier))
    with Desk(str(desk.base_url)) as browser:
        is_refused(log_in(browser, provider))
    assert _account(centre).identity == earlier


def test_an_account_of_before_is_bound_by_its_next_login_and_the_log_says_so(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    before = _account(centre)
    centre.archive.save_user(replace(before, identity=None))
    with Desk(str(desk.base_url)) as browser:
        assert log_in(browser, provider).headers["location"] == "/"
    assert _account(centre) == before
    line = next(one for one in centre.archive.log_of("sso:hoa")[::-1] if one.action != "logged_in")
    assert (line.action, line.details["subject"]) == ("account_bound", "hoa-1")
    with _other(desk, provider) as answer:
        is_refused(answer)


def test_an_account_of_before_in_use_gets_no_other_rights_by_the_login_that_would_bind_it(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    """Nobody knows which subject opened its session."""
    before = replace(_account(centre), identity=None)
    centre.archive.save_user(before)
    with _other(desk, provider, preferred_username="Hoa", roles=["chi-huy"]) as answer:
        assert answer.headers["location"] == "/?sso=identity"
    with _other(desk, provider, preferred_username="Hoa", roles=[]) as answer:
        is_refused(answer)
    assert (_account(centre), _sees(desk)) == (before, 200)
    centre.archive.end_sessions("sso:hoa")
    with _other(desk, provider, roles=["chi-huy"]) as answer:
        assert answer.headers["location"] == "/"
    assert Role.ADMIN in _account(centre).roles


def test_who_is_called_otherwise_at_the_provider_leaves_no_rights_under_the_earlier_name(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    """The account of the earlier name stays this subject's, and opens nothing."""
    provider.person |= {"preferred_username": "hoa.tran"}
    with Desk(str(desk.base_url)) as browser:
        assert log_in(browser, provider).headers["location"] == "/"
        assert _sees(browser) == 200
    assert (_account(centre).roles, _sees(desk)) == (frozenset(), 401)
    with _other(desk, provider) as answer:
        is_refused(answer)


@pytest.mark.parametrize("subject", ["", 7, ["hoa-1"], "x" * 256])
def test_a_subject_that_is_none_binds_nothing(
    centre: Centre, desk: Desk, provider: Provider, subject: object
) -> None:
    before = _account(centre)
    with _other(desk, provider, sub=subject, preferred_username="moi") as answer:
        is_refused(answer)
    assert centre.archive.users() == [before]


def test_an_unbound_account_takes_its_next_subject_and_its_open_sessions_end(
    centre: Centre, desk: Desk, provider: Provider
) -> None:
    """A person has a new entry at the provider, and the same name."""
    with _admin(centre, desk) as admin:
        unbound = admin.request(
            "DELETE", f"{API}/accounts/sso:hoa/identity", headers={"X-CSRF-Token": admin.csrf}
        )
        assert (unbound.status_code, unbound.json()["bound"]) == (200, False)
        assert _sees(desk) == 401
        again = admin.request(
            "DELETE", f"{API}/accounts/sso:hoa/identity", headers={"X-CSRF-Token": admin.csrf}
        )
        assert (again.status_code, again.json()["error"]) == (409, "account_not_bound")
    line = centre.archive.log_of("sso:hoa")[-1]
    assert (line.action, line.actor) == ("account_unbound", "quan-tri")
    assert (line.details["subject"], line.details["issuer"]) == ("hoa-1", provider.issuer)
    with _other(desk, provider, roles=["chi-huy"]) as answer:
        assert answer.headers["location"] == "/"
    found = _account(centre)
    assert found.identity == ExternalIdentity(issuer=provider.issuer, subject=OTHER)
    assert found.scope == DataFilter(agencies=frozenset({"csgt"}))


@contextmanager
def _admin(centre: Centre, desk: Desk) -> Iterator[Desk]:
    centre.add_user("quan-tri", Role.ADMIN)
    with Desk(str(desk.base_url)) as admin:
        admin.log_in("quan-tri")
        yield admin


def test_a_session_that_the_full_disk_had_not_taken_ends_when_its_account_is_unbound(
    centre: Centre, desk: Desk
) -> None:
    """It was found by the account's name alone."""

    class _Full:
        database = centre.archive.database

        def add_session(self, *_: object, **__: object) -> None:
            raise ArchiveUnreachable("full")

        def session(self, *_: object) -> None:
            return None

    now = centre.clock.utc()
    sessions = Sessions(_Full(), VerifiedSessions())  # type: ignore[arg-type]
    account = _account(centre)
    sessions.open("key", LoginSession(user=account, csrf="", created_at=now, expires_at=now + 60))
    assert sessions.find("key", now) is not None
    centre.archive.save_user(replace(account, identity=None))
    assert sessions.find("key", now) is None


def test_one_module_writes_what_a_provider_or_directory_states_of_an_account() -> None:
    """Whoever saves such an account elsewhere believes its name, or gives back what was ended."""
    saves = re.compile(r"\bsave_user\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules_of("alerts", "app")
        if saves.search(path.read_text("utf-8"))
    }
    assert found == {
        "alerts/accounts/account_changes.py", "alerts/accounts/external_accounts.py",
        "alerts/accounts/users.py", "alerts/lifecycle/archive.py",
        "app/walls/walls.py",  # accounts of walls alone
    }  # fmt: skip
