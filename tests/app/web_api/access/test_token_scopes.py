"""Programs with a token: what the table of rights gives their roles, less by powers and scope."""

import itertools
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from tests.app.web_api.endpoints import ENDPOINTS, GUARDED
from tests.app.web_api.heard import events_of, is_beat, until
from tests.patience import PATIENCE_S
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.store.roles import (
    EVERYTHING,
    AlertAction,
    DataFilter,
    Role,
    may,
    roles_within,
)
from thapcanh.app.web_api.access.login_service import session_key
from thapcanh.app.web_api.access.scope_in_force import within_owner
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.app.web_api.prefix import PREFIX

SECRET = "tc_" + "s" * 43
PC07 = DataFilter(agencies=frozenset({"pc07"}))


def _add(
    centre: Centre, *powers: TokenScope, role: Role = Role.OPERATOR, scope: DataFilter = EVERYTHING
) -> ApiToken:
    token = _token(*powers, role=role, scope=scope)
    ApiTokenRepository(centre.archive.database).add(token)
    return token


def _token(
    *powers: TokenScope, role: Role = Role.OPERATOR, scope: DataFilter = EVERYTHING
) -> ApiToken:
    return ApiToken(
        id="t1",
        name="cad",
        token_sha256=token_sha256(SECRET),
        roles=frozenset({role}),
        powers=frozenset(powers),
        scope=scope,
        created_at=NOW,
        expires_at=NOW + 86_400,
    )


def _areas(*names: str) -> DataFilter:
    return DataFilter(areas=frozenset(names))


def _program(address: str, secret: str = SECRET) -> httpx.Client:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_S)


def test_no_public_endpoint_asks_for_a_scope_and_links_are_not_for_programs() -> None:
    public = [access for key, access in ENDPOINTS.items() if key not in GUARDED]
    assert {access.token for access in public} == {None}
    assert ENDPOINTS["POST", f"{PREFIX}/walls"].token is None


def test_a_power_opens_its_endpoints_and_no_other(centre: Centre, address: str) -> None:
    _add(centre, TokenScope.READ, role=Role.LEADER)
    with _program(address) as program:
        for (method, path), access in GUARDED.items():
            if path.endswith("/stream"):
                continue
            answer = program.request(method, re.sub(r"{\w+}", "nothing", path))
            expected = Role.LEADER in access and ENDPOINTS[method, path].token is TokenScope.READ
            assert (answer.status_code != 403) == expected, f"{method} {path}"


def test_a_power_gives_no_right_that_the_role_has_not(centre: Centre, address: str) -> None:
    _add(centre, *TokenScope, role=Role.VIEWER)
    alert_id = centre.raise_alert()
    with _program(address) as program:
        refused = program.post(f"{PREFIX}/alerts/{alert_id}/acknowledge")
        assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
        assert program.get(f"{PREFIX}/workers").json()["error"] == "not_allowed"


def test_a_program_answers_under_its_own_name_and_needs_no_code(
    centre: Centre, address: str
) -> None:
    _add(centre, TokenScope.READ, TokenScope.ANSWER)
    alert_id = centre.raise_alert()
    headers = {"If-Match": "1", "Idempotency-Key": "one"}
    with _program(address) as program:
        answer = program.post(f"{PREFIX}/alerts/{alert_id}/acknowledge", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["owner"] == {"username": "token:cad", "name": "token:cad"}
        assert program.get(f"{PREFIX}/session").json()["user"]["roles"] == ["operator"]


def test_a_program_sees_its_agencys_alerts_only_in_the_stream_too(
    centre: Centre, address: str
) -> None:
    _add(centre, TokenScope.READ, scope=PC07)
    mine, other = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    with _program(address) as program:
        listed = [item["id"] for item in program.get(f"{PREFIX}/alerts").json()["items"]]
        assert listed == [mine]
        assert program.get(f"{PREFIX}/alerts/{other}").status_code == 404
        with program.stream("GET", f"{PREFIX}/stream", headers={"Last-Event-ID": "0"}) as stream:
            heard = until(events_of(stream), is_beat)
    assert mine in str(heard)
    assert other not in str(heard)


@pytest.mark.parametrize("secret", ["x", "tc_" + "x" * 43, "x" * 5000, "' OR 1=1 --"])
def test_a_made_up_token_is_nobody_even_with_a_good_cookie(desk: Desk, secret: str) -> None:
    answer = desk.get(f"{PREFIX}/alerts", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_token_is_no_cookie_and_a_sessions_token_no_bearer(
    centre: Centre, address: str, desk: Desk
) -> None:
    _add(centre, TokenScope.READ)
    cookie = desk.cookies["thapcanh_session"]
    with _program(address, cookie) as program:
        assert program.get(f"{PREFIX}/alerts").status_code == 401
    with Desk(address) as other:
        other.cookies.set("thapcanh_session", SECRET)
        assert other.get(f"{PREFIX}/alerts").status_code == 401
    assert session_key(SECRET) == token_sha256(SECRET)  # only the tables keep them apart


def test_a_token_ends_when_it_is_revoked_or_its_time_is_over(centre: Centre, address: str) -> None:
    token = _add(centre, TokenScope.READ)
    book = ApiTokenRepository(centre.archive.database)
    with _program(address) as program:
        assert program.get(f"{PREFIX}/alerts").status_code == 200
        book.revoke(token.id, NOW + 1)
        assert program.get(f"{PREFIX}/alerts").status_code == 401
        book.add(replace(token, id="t2", token_sha256=token_sha256(SECRET + "2")))
        program.headers["Authorization"] = f"Bearer {SECRET}2"
        assert program.get(f"{PREFIX}/alerts").status_code == 200
        centre.clock.at += 86_400
        assert program.get(f"{PREFIX}/alerts").status_code == 401


@pytest.mark.parametrize("action", list(AlertAction))
@pytest.mark.parametrize("system", [False, True])
def test_who_may_give_a_role_away_may_do_all_that_it_may(action: AlertAction, system: bool) -> None:
    for holder, role in itertools.product(Role, Role):
        if roles_within(frozenset({role}), frozenset({holder})):
            assert may(holder, action, system=system) or not may(role, action, system=system)
            beyond = {
                key
                for key, roles in GUARDED.items()
                if ENDPOINTS[key].token is not None and role in roles and holder not in roles
            }
            assert not beyond, f"{holder} may not do what {role} may"


def test_a_token_has_no_more_rights_than_its_maker_has_today(centre: Centre, address: str) -> None:
    """Its maker had lost the role, or the ward, and read and answered by it as before."""
    centre.add_user("le", Role.LEADER)
    le = centre.archive.user("le")
    assert le is not None
    token = replace(_token(TokenScope.READ, scope=_areas("hanoi")), made_by="le")
    ApiTokenRepository(centre.archive.database).add(token)

    def seen(program: httpx.Client, **now: Any) -> list[str] | int:
        centre.archive.save_user(replace(le, **now))
        answer = program.get(f"{PREFIX}/cameras")
        if answer.status_code != 200:
            return answer.status_code
        return [one["id"] for one in answer.json()["items"]]

    with _program(address) as program:
        assert seen(program) == ["cam-1", "cam-2"]
        assert seen(program, scope=_areas("tay-ho")) == ["cam-2"], "a ward of what it was made for"
        assert seen(program, scope=replace(_areas("hanoi"), agencies=PC07.agencies)) == ["cam-1"]
        guest = frozenset({Role.LEADER, Role.AGENCY})
        assert seen(program, roles=guest) == [], "a guest for whom nothing is named sees nothing"
        assert seen(program, roles=frozenset({Role.TECHNICIAN})) == 401
        assert seen(program, disabled=True) == 401
        assert seen(program) == ["cam-1", "cam-2"]


def test_of_several_roles_a_token_keeps_those_of_its_maker() -> None:
    le = User(
        username="le", name="Lê", roles=frozenset({Role.LEADER}), locale="vi", password_hash="",
    )  # fmt: skip
    both = frozenset({Role.OPERATOR, Role.ADMIN})
    shown = within_owner(replace(le, username="token:cad", roles=both, maker=le), ())
    assert shown.roles == {Role.OPERATOR}


def test_its_last_use_is_noted_to_ten_minutes(centre: Centre, address: str) -> None:
    _add(centre, TokenScope.READ)
    book = ApiTokenRepository(centre.archive.database)
    with _program(address) as program:
        for step, expected in ((0.0, NOW), (500.0, NOW), (700.0, NOW + 1200.0)):
            centre.clock.at += step
            program.get(f"{PREFIX}/alerts")
            assert book.all()[0].used_at == expected
