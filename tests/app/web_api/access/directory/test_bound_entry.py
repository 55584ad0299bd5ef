"""An account of the directory belongs to one entry, by whatever attribute identifies entries."""

import subprocess
import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.app.web_api.access.directory.slapd import BASE, CONFIG, Slapd, needs_slapd
from tests.app.web_api.access.directory.test_directory import (
    GUID,
    asked,
    configured,
    impatient,
    mocked,
    slapd,
)
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.accounts.external_accounts import ExternalLoginRefused
from thapcanh.alerts.store.roles import Role
from thapcanh.app.accounts.directory_tasks import DirectoryTask
from thapcanh.app.web_api.access.directory import Directory, EntryUnidentified
from thapcanh.config.servers.login_providers import LdapConfig

__all__ = ["slapd"]
pytest.importorskip("ldap3")
LOGIN = {"username": "an", "password": "right password"}
_ANOTHER_AN = f"""dn: uid=an,ou=people,{BASE}
objectClass: inetOrgPerson
uid: an
cn: an
sn: An
displayName: Tran Thi An
userPassword: right password

dn: cn=chi-huy,ou=groups,{BASE}
objectClass: groupOfNames
cn: chi-huy
member: uid=an,ou=people,{BASE}
"""


def _account(centre: Centre) -> User:
    found = centre.archive.user("ldap:an")
    assert found is not None
    return found


def _another_an(slapd: Slapd) -> None:
    """An left, and another of this name came: admin by another group."""
    login = ["-x", "-H", f"ldap://127.0.0.1:{slapd.plain}", "-D", f"cn=admin,{BASE}", "-w", "admin"]
    person = f"uid=an,ou=people,{BASE}"
    subprocess.run(["ldapdelete", *login, person], check=True, capture_output=True)
    subprocess.run(
        ["ldapadd", *login], input=_ANOTHER_AN, text=True, check=True, capture_output=True
    )


@needs_slapd
def test_the_next_person_of_a_name_had_the_account_and_session_of_the_one_who_left(
    centre: Centre, slapd: Slapd, address: str
) -> None:
    configured(centre, slapd.config())
    asked(impatient(centre), "an")
    before = _account(centre)
    assert before.identity is not None
    assert (before.identity.issuer, len(before.identity.subject)) == ("entryUUID", 36)
    with (
        Desk(address) as first,
        Desk(
            address,
        ) as second,
    ):
        assert first.post("/api/v1/session", json=LOGIN).status_code == 200
        _another_an(slapd)
        for name in ("an", "AN", "ldap:an", "ａｎ"):
            answer = second.post("/api/v1/session", json=LOGIN | {"username": name})
            assert (answer.status_code, answer.json()["error"]) == (403, "account_of_another")
        assert (_account(centre), first.get("/api/v1/session").status_code) == (before, 200)
        acts = [one.action for one in centre.archive.log_of("ldap:an")]
        assert acts.count("identity_refused") == 1
        DirectoryTask(impatient(centre), centre.archive, utc=centre.clock.utc).run()
        assert first.get("/api/v1/session").status_code == 401, "its own entry is there no more"
    found = _account(centre)
    assert (found.roles, found.name, found.identity) == (frozenset(), before.name, before.identity)


@needs_slapd
def test_an_account_of_before_is_bound_by_its_next_login(centre: Centre, slapd: Slapd) -> None:
    configured(centre, slapd.config())
    directory = impatient(centre)
    asked(directory, "an")
    bound = _account(centre)
    centre.archive.save_user(replace(bound, identity=None))
    centre.archive.add_session("f" * 64, "ldap:an", "", centre.clock.utc(), centre.clock.utc() + 60)
    DirectoryTask(directory, centre.archive, utc=centre.clock.utc).run()
    assert _account(centre).identity is None, "nobody proved who it is"
    assert directory.account("an", "right password") == bound
    assert centre.archive.log_of("ldap:an")[-1].action == "account_bound"


@pytest.fixture
def ad(centre: Centre) -> Centre:
    changes = {"username_attribute": "sAMAccountName"}
    configured(centre, LdapConfig.model_validate(CONFIG | changes))
    return centre


def _directory(centre: Centre, **facts: Any) -> Directory:
    return Directory(centre.site, centre.archive, mocked(**({"memberOf": ["cn=truc-ban"]} | facts)))


@pytest.mark.parametrize(
    ("facts", "bound_by", "subject"),
    [
        ({}, "objectGUID", str(uuid.UUID(bytes_le=GUID))),
        ({"objectGUID": b"abcdefghijklmnop"}, "objectGUID", "64636261-6665-6867-696a-6b6c6d6e6f70"),
        ({"objectGUID": [], "entryUUID": "{597AE2F6-16A6-1027-98F4-ABCDEFABCDEF}"}, "entryUUID",
         "597ae2f6-16a6-1027-98f4-abcdefabcdef"),
        ({"objectGUID": [], "nsuniqueid": "66446001-1dd211b2-66225011-2ee211db"}, "nsUniqueId",
         "66446001-1dd2-11b2-6622-50112ee211db"),
        ({"objectGUID": [], "GUID": b"\x01\xff"}, "GUID", "01ff"),
    ],
)  # fmt: skip
def test_each_directorys_own_attribute_identifies_its_entries(
    ad: Centre, facts: dict[str, Any], bound_by: str, subject: str
) -> None:
    found = _directory(ad, **facts).account("an", "right password")
    assert found is not None
    assert found.identity == ExternalIdentity(issuer=bound_by, subject=subject)


@pytest.mark.parametrize("facts", [{"objectGUID": []}, {"objectGUID": [b"1", b"2"]}])
def test_a_directory_that_identifies_no_entry_lets_nobody_in_and_ends_nobody(
    ad: Centre, facts: dict[str, Any]
) -> None:
    """A DN is a name too: it is given again."""
    directory = _directory(ad, **facts)
    with pytest.raises(EntryUnidentified, match="id_attribute"):
        directory.account("an", "right password")
    assert ad.archive.users() == []
    earlier = User(
        username="ldap:an", name="An", roles=frozenset({Role.LEADER}), locale="vi", password_hash=""
    )
    ad.archive.save_user(earlier)
    ad.archive.add_session("f" * 64, "ldap:an", "", ad.clock.utc(), ad.clock.utc() + 60)
    DirectoryTask(directory, ad.archive, utc=ad.clock.utc).run()
    assert _account(ad) == earlier


def test_the_administrator_names_the_attribute_where_there_is_no_usual_one(ad: Centre) -> None:
    config = ad.site().ldap.model_copy(update={"id_attribute": "employeeNumber"})
    configured(ad, config)
    found = _directory(ad, employeeNumber="CA-114").account("an", "right password")
    assert found is not None
    assert found.identity == ExternalIdentity(issuer="employeeNumber", subject="CA-114")


def test_an_account_stays_bound_by_the_attribute_that_bound_it(ad: Centre) -> None:
    """A server that is upgraded serves entryUUID as well, or serves what it served no more."""
    first = _directory(ad).account("an", "right password")
    more = {"entryUUID": "597ae2f6-16a6-1027-98f4-abcdefabcdef"}
    assert _directory(ad, **more).account("an", "right password") == first
    with pytest.raises(ExternalLoginRefused, match="unbind ldap:an"):
        _directory(ad, **more, objectGUID=[]).account("an", "right password")
    assert _account(ad) == first


@pytest.mark.parametrize("name", ["ａn", "a\u212a"])
def test_an_entry_whose_name_only_folds_to_an_account_is_not_it(ad: Centre, name: str) -> None:
    """KELVIN SIGN is `k` in small letters."""
    directory = _directory(ad, sAMAccountName=[name, "an", "ak"])
    assert directory.account("an", "right password") is None
    assert ad.archive.users() == []
