"""Accounts kept over HTTP: what an admin may do, whom it ends, and what no admin can do."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import CHEAP, PASSWORD, Centre, Desk, paired_wall
from tests.patience import PATIENCE_S
from thapcanh.alerts.accounts import account_rules
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_rules import AccountEditor, AccountRefusal, AccountRefused
from thapcanh.alerts.accounts.second_factors import SecondFactorRepository, StoredFactor
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.accounts.account_service import AccountFields, AccountService, fields_of

API = "/api/v1/accounts"
MakeDesk = Callable[..., Desk]
PC07 = DataFilter(agencies=frozenset({"pc07"}))


def _send(desk: Desk, method: str, path: str = "", body: Any = None) -> httpx.Response:
    return desk.request(method, f"{API}{path}", json=body, headers={"X-CSRF-Token": desk.csrf})


def _fields(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Nguyễn Văn An", "roles": ["operator"], "agencies": None, "areas": None,
    } | changed  # fmt: skip


def _add(desk: Desk, username: str, **changed: Any) -> httpx.Response:
    return _send(desk, "POST", body=_fields(username=username, **changed))


def _account(desk: Desk, username: str) -> dict[str, Any]:
    items = _send(desk, "GET").json()["items"]
    return next(one for one in items if one["username"] == username)


def _change(desk: Desk, username: str, **changed: Any) -> httpx.Response:
    account = _account(desk, username)
    names = ("name", "roles", "agencies", "areas", "disabled", "version")
    body = {name: account[name] for name in names} | changed
    return _send(desk, "PUT", f"/{username}", body)


@pytest.fixture
def admin(desk_of: MakeDesk) -> Desk:
    return desk_of("quan-tri", Role.ADMIN)


@pytest.fixture
def local_admin(desk_of: MakeDesk, admin: Desk) -> Desk:
    return desk_of("quan-tri-pc07", Role.ADMIN, PC07)


def test_a_new_officer_logs_in_with_the_password_that_is_told_once(
    admin: Desk, address: str, centre: Centre
) -> None:
    made = _add(admin, "An", agencies=["pc07"])
    assert made.status_code == 201, made.text
    password = made.json()["password"]
    assert len(password) >= 16
    with Desk(address) as desk:
        user = desk.log_in("an", password, PASSWORD).get("/api/v1/session").json()["user"]
    assert (user["name"], user["roles"]) == ("Nguyễn Văn An", ["operator"])
    listed = _send(admin, "GET")
    assert password not in listed.text
    assert _account(admin, "an")["agencies"] == ["pc07"]
    assert password not in json.dumps([one.details for one in centre.archive.log_of("an")])


def test_every_change_stands_in_the_sealed_log_with_who_made_it(
    admin: Desk, centre: Centre
) -> None:
    _add(admin, "an")
    assert _change(admin, "an", roles=["leader", "operator"], areas=["tay-ho"]).status_code == 200
    assert _send(admin, "POST", "/an/password").status_code == 200
    assert _change(admin, "an", disabled=True).status_code == 200
    entries = centre.archive.log_of("an")
    assert [(one.action, one.actor) for one in entries] == [
        ("account_add", "quan-tri"), ("account_change", "quan-tri"),
        ("account_password", "quan-tri"), ("account_change", "quan-tri"),
    ]  # fmt: skip
    assert entries[1].details["roles"] == ["leader", "operator"]
    assert entries[1].details["areas"] == ["tay-ho"]
    assert entries[-1].details["disabled"] is True
    assert centre.archive.verify_chain().ok


def test_a_change_is_taken_back_unless_somebody_changed_it_again(admin: Desk) -> None:
    before = _add(admin, "an").json()["account"]
    changed = _change(admin, "an", roles=["leader"]).json()
    names = ("name", "roles", "agencies", "areas", "disabled")
    undo = {name: before[name] for name in names} | {"version": changed["version"]}
    assert _send(admin, "PUT", "/an", undo).json()["roles"] == ["operator"]
    late = _send(admin, "PUT", "/an", undo)
    assert (late.status_code, late.json()["error"]) == (409, "account_changed")


def test_disabling_ends_sessions_and_walls_at_once(
    admin: Desk, desk_of: MakeDesk, address: str, centre: Centre
) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    with closing(paired_wall(leader, address)) as wall:
        with leader.stream("GET", "/api/v1/stream") as stream:
            pieces = stream.iter_raw()
            next(pieces)
            assert _change(admin, "chi-huy", disabled=True).status_code == 200
            deadline = time.monotonic() + PATIENCE_S
            for _ in pieces:  # the centre itself ends the stream
                assert time.monotonic() < deadline
        for desk in (leader, wall):
            assert desk.get("/api/v1/alerts").status_code == 401
        assert _change(admin, "chi-huy", disabled=False).status_code == 200
        for desk in (leader, wall):  # what ended stays ended
            assert desk.get("/api/v1/alerts").status_code == 401
    assert _walls_in_force(centre.archive) == []


def _walls_in_force(archive: Archive) -> list[str]:
    return [one.username for one in archive.users() if one.made_by and not one.disabled]


def test_a_new_password_ends_the_sessions_of_who_knew_the_old_one(
    admin: Desk, desk_of: MakeDesk, address: str
) -> None:
    officer = desk_of("an", Role.OPERATOR)
    made = _send(admin, "POST", "/an/password").json()
    assert officer.get("/api/v1/alerts").status_code == 401
    with Desk(address) as desk:
        desk.log_in("an", made["password"], "another of her own")


def test_a_lost_phone_is_forgotten_and_its_sessions_end(
    admin: Desk, desk_of: MakeDesk, centre: Centre
) -> None:
    officer = desk_of("an", Role.LEADER)
    kept = SecondFactorRepository(centre.archive.database)
    kept.add(StoredFactor(id="f", username="an", kind="totp", name="x", secret="s", created_at=1))
    assert _account(admin, "an")["factors"] == 1
    assert _send(admin, "DELETE", "/an/factors").json()["factors"] == 0
    assert kept.of("an") == []
    assert officer.get("/api/v1/alerts").status_code == 401
    assert [(one.action, one.actor) for one in centre.archive.log_of("an")][-1] == (
        "second_factor_removed", "quan-tri",
    )  # fmt: skip


def test_nobody_changes_their_own_account(admin: Desk) -> None:
    own = _change(admin, "quan-tri", roles=["viewer"])
    assert (own.status_code, own.json()["error"]) == (409, "account_own")
    assert _send(admin, "POST", "/quan-tri/password").status_code == 409


def _edited(changed: dict[str, Any], user: User) -> AccountFields:
    return replace(fields_of(user), **changed)


def test_two_admins_who_remove_each_other_leave_one(admin: Desk, centre: Centre) -> None:
    """The second order was admitted before the first was carried out."""
    centre.add_user("hai", Role.ADMIN)
    centre.add_user("ba", Role.ADMIN, scope=PC07)  # keeps only a part
    assert _change(admin, "hai", disabled=True).status_code == 200
    hai = AccountEditor(username="hai", role="admin")
    service = AccountService(centre.archive, CHEAP, centre.clock.utc)
    lost: tuple[dict[str, Any], ...] = (
        {"disabled": True}, {"roles": frozenset({Role.VIEWER})}, {"scope": PC07},
    )  # fmt: skip
    for changed in lost:
        with pytest.raises(AccountRefused) as refused:
            service.change(hai, "quan-tri", partial(_edited, changed))
        assert refused.value.why is AccountRefusal.LAST_ADMIN


def test_a_scoped_admin_neither_sees_nor_gives_more_than_his_own(
    local_admin: Desk, centre: Centre
) -> None:
    centre.add_user("cua-csgt", Role.OPERATOR, scope=DataFilter(agencies=frozenset({"csgt"})))
    listed = [one["username"] for one in _send(local_admin, "GET").json()["items"]]
    assert listed == ["quan-tri-pc07"]
    for wider in ({}, {"agencies": ["csgt"]}, {"agencies": ["csgt", "pc07"]}, {"areas": ["hanoi"]}):
        refused = _add(local_admin, "an", **wider)
        assert (refused.status_code, refused.json()["error"]) == (403, "account_beyond_scope")
    assert _add(local_admin, "an", agencies=["pc07"]).status_code == 201
    widened = _change(local_admin, "an", agencies=None)
    assert (widened.status_code, widened.json()["error"]) == (403, "account_beyond_scope")
    for other in ("quan-tri", "cua-csgt", "nobody"):
        body = _fields(version="x", agencies=["pc07"])
        for method, path in (("PUT", ""), ("POST", "/password"), ("DELETE", "/factors")):
            answer = _send(
                local_admin, method, f"/{other}{path}", body if method == "PUT" else None
            )
            assert (answer.status_code, answer.json()["error"]) == (404, "account_unknown")


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ((), {"admin", "leader", "auditor"}),
        ((), {"admin"}),
        ((), {"auditor"}),
        (("leader",), {"leader", "auditor"}),
        (("leader",), {"admin", "leader"}),
        (("admin",), {"admin", "leader"}),
        (("auditor",), {"auditor", "operator"}),
    ],
)
def test_an_agencys_admin_made_an_account_that_keeps_leads_and_audits(
    local_admin: Desk, admin: Desk, centre: Centre, held: tuple[str, ...], wanted: set[str]
) -> None:
    """Who can change the watch does not sign off what it saw, nor read who looked."""
    if held:
        centre.add_user("an", *map(Role, held), scope=PC07)
        refused = _change(local_admin, "an", roles=sorted(wanted))
    else:
        refused = _add(local_admin, "an", roles=sorted(wanted), agencies=["pc07"])
    assert (refused.status_code, refused.json()["error"]) == (403, "account_role_of_site")
    if held:
        assert _change(local_admin, "an", disabled=True).status_code == 200
        assert _change(admin, "an", roles=sorted(wanted)).status_code == 200


def test_the_accounts_of_an_agency_are_bounded(
    local_admin: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_rules, "MOST_OF_AGENCY", 2)  # the admin is one of them
    assert _add(local_admin, "hai", agencies=["pc07"]).status_code == 201
    full = _add(local_admin, "an", agencies=["pc07"])
    assert (full.status_code, full.json()["error"]) == (409, "account_too_many")


def test_what_is_no_account_is_refused(admin: Desk) -> None:
    for changed, status, error in (
        ({"username": "a b"}, 422, "invalid_input"),
        ({"username": "oidc:an"}, 422, "invalid_input"),
        ({"username": "quan-tri"}, 409, "account_exists"),
        ({"agencies": ["fbi"]}, 422, "account_unknown_place"),
        ({"areas": []}, 422, "invalid_input"),
        ({"roles": []}, 422, "invalid_input"),
        ({"roles": ["king"]}, 422, "invalid_input"),
        ({"name": " "}, 422, "invalid_input"),
        ({"name": "An\nBình"}, 422, "invalid_input"),
        ({"password": "mật khẩu của tôi"}, 422, "invalid_input"),
    ):
        refused = _send(admin, "POST", body=_fields(username="an") | changed)
        assert (refused.status_code, refused.json()["error"]) == (status, error), changed


def test_walls_are_no_accounts_here(admin: Desk, address: str) -> None:
    with closing(paired_wall(admin, address)):
        assert [one["username"] for one in _send(admin, "GET").json()["items"]] == ["quan-tri"]
