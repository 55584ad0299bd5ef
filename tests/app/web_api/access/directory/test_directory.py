"""Login by a directory: a real OpenLDAP by TLS and StartTLS, and Active Directory's own words."""

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.app.web_api.access.directory.slapd import (
    BASE,
    CONFIG,
    READER,
    READER_PASSWORD,
    Slapd,
    needs_slapd,
)
from tests.app.web_api.centre import PASSWORD, Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.store.roles import Role
from thapcanh.app.accounts.directory_tasks import DirectoryTask
from thapcanh.app.web_api.access.directory import Directory, DirectoryAway
from thapcanh.config.servers.login_providers import LdapConfig
from thapcanh.config.site import Agency

ldap3 = pytest.importorskip("ldap3")


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Slapd]:
    made = Slapd(tmp_path)
    yield made
    made.die()


def configured(centre: Centre, config: LdapConfig) -> None:
    site = centre.site()
    agencies = (Agency(id="pc07", name="PC07"), Agency(id="pc08", name="PC08"))
    centre.site.replace(site.model_copy(update={"ldap": config, "agencies": agencies}))


def asked(directory: Directory, name: str) -> User | None:
    """The answer, once the server has begun to listen."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return directory.account(name, "right password")
        except DirectoryAway:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def impatient(centre: Centre) -> Directory:
    """One that does not rest after failures."""
    steps = iter(range(0, 10**9, 1000))
    return Directory(centre.site, centre.archive, monotonic=lambda: float(next(steps)))


@needs_slapd
def test_a_real_directory_says_who_is_who(centre: Centre, slapd: Slapd) -> None:
    configured(centre, slapd.config())
    directory = impatient(centre)
    found = asked(directory, "an")
    assert found is not None
    assert (found.username, found.name) == ("ldap:an", "Nguyen Van An")
    assert found.roles == frozenset({Role.OPERATOR})
    assert found.scope.agencies == frozenset({"pc07"})
    assert centre.archive.user("ldap:an") == found
    assert asked(directory, "ldap:an") == found
    wrong = (("an", "wrong"), ("an", ""), ("an", "a\0"), ("khoa", "right password"),
             ("nobody", "right password"), ("an)(uid=*", "right password"),
             ("*", "right password"), ("a*", "right password"),
             ("a\u00adn", "right password"))  # fmt: skip
    for name, password in wrong:
        assert directory.account(name, password) is None, name
    centre.archive.save_user(replace(found, disabled=True))
    assert directory.account("an", "right password") is None  # disabled here
    centre.archive.save_user(found)
    configured(centre, slapd.config(url=f"ldap://127.0.0.1:{slapd.plain}"))
    assert directory.account("an", "right password") == found  # by StartTLS
    for change, expected in (
        ({"bind_password": "wrong password"}, "does not accept bind_dn"),
        ({"ca": None}, "no answer"),  # nobody vouches for its certificate
    ):
        configured(centre, slapd.config(**change))
        with pytest.raises(DirectoryAway, match=expected):
            directory.account("an", "right password")


@needs_slapd
def test_local_accounts_log_in_while_the_directory_is_away(
    centre: Centre, slapd: Slapd, address: str
) -> None:
    centre.add_user("binh", Role.LEADER)
    configured(centre, slapd.config())
    asked(impatient(centre), "an")

    def log_in(name: str, password: str) -> tuple[int, str]:
        with Desk(address) as desk:
            told = {"username": name, "password": password}
            answer = desk.post("/api/v1/session", json=told, headers={"accept-language": "en"})
            return answer.status_code, answer.json().get("error", "")

    with Desk(address) as desk:
        told = {"username": "an", "password": "right password"}
        body = desk.post("/api/v1/session", json=told).json()
        assert (body["user"]["username"], body["user"]["role"]) == ("ldap:an", "operator")
        desk.headers["X-CSRF-Token"] = body["csrf"]
        change = {"password": "right password", "new_password": "another password"}
        refused = desk.post("/api/v1/session/password", json=change)
        assert (refused.status_code, refused.json()["error"]) == (409, "password_elsewhere")
    assert [log_in(name, "right password")[0] for name in ("an", "ldap:an", "AN") * 3] == [200] * 9
    tried = [log_in(name, "wrong") for name in ("an", "ldap:an", "AN ", "an", "an")]
    assert tried == [(401, "wrong_login")] * 5
    assert log_in("an", "right password")[0] == 429  # counted as of a local account
    slapd.die()
    assert log_in("chi", "right password") == (503, "directory_away")
    assert log_in("binh", PASSWORD)[0] == 200
    slapd.begin()


@needs_slapd
def test_who_left_the_directory_is_logged_out_and_others_are_not(
    centre: Centre, slapd: Slapd, address: str
) -> None:
    """A session lived to its end, 26 hours later."""
    configured(centre, slapd.config())
    directory = impatient(centre)
    asked(directory, "an")
    centre.add_user("binh", Role.LEADER)
    rounds = DirectoryTask(directory, centre.archive, utc=centre.clock.utc)
    admin = {"dn": f"cn=admin,{BASE}", "people": f"ou=people,{BASE}"}

    def change(*words: str) -> None:
        login = ["-x", "-H", f"ldap://127.0.0.1:{slapd.plain}", "-D", admin["dn"], "-w", "admin"]
        subprocess.run([words[0], *login, *words[1:]], check=True, capture_output=True)

    with Desk(address) as desk, Desk(address) as local:
        told = {"username": "an", "password": "right password"}
        assert desk.post("/api/v1/session", json=told).status_code == 200
        local.post("/api/v1/session", json={"username": "binh", "password": PASSWORD})

        def are_in() -> tuple[bool, bool]:
            both = (one.get("/api/v1/session").status_code == 200 for one in (desk, local))
            return next(both), next(both)

        rounds.run()
        assert are_in() == (True, True)
        change("ldapdelete", f"cn=pc07,ou=groups,{BASE}")
        rounds.run()
        found = centre.archive.user("ldap:an")
        assert found is not None
        assert (are_in(), found.scope.agencies) == ((True, True), frozenset())
        slapd.die()
        rounds.run()
        assert are_in() == (True, True)  # nobody is sent away because another machine is down
        slapd.begin()
        asked(directory, "an")
        change("ldapdelete", f"uid=an,{admin['people']}")
        rounds.run()
        assert are_in() == (False, True)


GUID = bytes(range(0xF0, 0x100))


def mocked(**facts: Any) -> Callable[..., Any]:
    """A directory in memory with one account of Active Directory's form."""
    server = ldap3.Server("mock", get_info=ldap3.NONE)
    entry = {"objectClass": "user", "sAMAccountName": "an", "userPassword": "right password",
             "displayName": "An\u202e", "userAccountControl": "512", "objectGUID": GUID,
             **facts}  # fmt: skip

    def connect(_: LdapConfig, __: str, name: str, password: str) -> Any:
        made = ldap3.Connection(
            server, user=name, password=password, client_strategy=ldap3.MOCK_SYNC
        )
        made.strategy.add_entry(f"cn=An,ou=people,{BASE}", entry)
        made.strategy.add_entry(READER, {"cn": "reader", "userPassword": READER_PASSWORD})
        return made

    return connect


_EARLIER = User(
    username="ldap:an", name="An", roles=frozenset({Role.VIEWER}), locale="vi", password_hash="",
    identity=ExternalIdentity(issuer="objectGUID", subject=str(uuid.UUID(bytes_le=GUID))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "roles"),
    [
        ({"memberOf": [f"CN=Truc-Ban,OU=x,{BASE}"]}, {"operator"}),
        ({"memberOf": [f"cn=chi-huy,ou=groups,{BASE}"]}, {"leader", "admin"}),
        ({"memberOf": ["CN=others"]}, None),
        ({}, None),
        ({"memberOf": ["cn=truc-ban"], "userAccountControl": "514"}, None),
        ({"memberOf": ["cn=truc-ban"], "nsAccountLock": "TRUE"}, None),
    ],
)
def test_groups_give_roles_and_disabled_accounts_stay_out(
    centre: Centre, facts: dict[str, Any], roles: set[str] | None
) -> None:
    configured(centre, LdapConfig.model_validate(CONFIG | {"username_attribute": "sAMAccountName"}))
    directory = Directory(centre.site, centre.archive, mocked(**facts))
    centre.archive.save_user(_EARLIER)
    assert directory.account("an", "wrong password") is None
    assert centre.archive.user("ldap:an") == _EARLIER, "nobody proved who it is"
    found = directory.account("an", "right password")
    assert (None if found is None else found.roles) == roles
    kept = centre.archive.user("ldap:an")
    assert kept is not None
    assert kept.roles == (roles or frozenset()), "its sessions and walls end with its right"
    if found is not None:
        assert (found.name, found.scope.agencies) == ("An", None)
    assert directory.account("an", "wrong password") is None
    assert directory.account("*", "right password") is None


def test_a_directory_that_is_away_is_left_alone_for_a_moment(centre: Centre) -> None:
    asked_at: list[float] = []
    now = [100.0]

    def connect(*_: Any) -> Any:
        asked_at.append(now[0])
        raise DirectoryAway("no answer")

    configured(centre, LdapConfig.model_validate(CONFIG))
    directory = Directory(centre.site, centre.archive, connect, monotonic=lambda: now[0])
    for _ in range(4):
        with pytest.raises(DirectoryAway):
            directory.account("an", "right password")
    now[0] = 200.0
    with pytest.raises(DirectoryAway):
        directory.account("an", "right password")
    assert asked_at == [100.0, 100.0, 200.0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"url": "http://dc"}, "expected ldaps://HOST"),
        ({"url": "ldaps://"}, "expected ldaps://HOST"),
        ({"base": ""}, "base is missing"),
        ({"roles": {}}, "roles is missing"),
        ({"bind_dn": ""}, "go together"),
        ({"roles": {"x": ["king"]}}, "operator"),
        ({"username_attribute": "uid)(x"}, "pattern"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        LdapConfig.model_validate(CONFIG | change)
    assert LdapConfig.model_validate(CONFIG).port == 636
    assert READER_PASSWORD not in repr(LdapConfig.model_validate(CONFIG))
