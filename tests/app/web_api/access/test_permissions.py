"""What endpoints declare: none is without, and each role and token gets what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.endpoints import ENDPOINTS, GUARDED
from tests.made_archives import archive_at
from thapcanh.alerts.store.roles import AlertAction, Role, may
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import NOBODY, PublicEndpoint, access_table
from thapcanh.app.web_api.access.permissions import EVERYONE, acting_role, main_role
from thapcanh.app.web_api.prefix import PREFIX

FORGOTTEN = f"{PREFIX}/forgotten"
PERMISSIONS_PAGE = Path(__file__).parents[4] / "docs" / "permissions.md"


def _rows() -> list[str]:
    """Every endpoint as a row of the documented table: method, path, roles, token's scope."""
    rows = []
    for (method, path), access in sorted(ENDPOINTS.items(), key=lambda item: item[0][::-1]):
        roles = "public" if isinstance(access.roles, PublicEndpoint) else _named(access.roles)
        rows.append(f"| `{method} {path}` | {roles} | {access.token or '–'} |")
    return rows


def _named(roles: frozenset[Role]) -> str:
    if roles >= EVERYONE:  # who sits at a desk; a crew's phone is named beside them
        return "everyone, crew" if Role.CREW in roles else "everyone"
    return ", ".join(r for r in Role if r in roles)


def _forgotten_route() -> APIRoute:
    """An endpoint as somebody adds it who forgets to declare who may call it."""

    def forgotten(_: CurrentUserDep) -> str:
        return "secret"

    return APIRoute(FORGOTTEN, forgotten, methods=["GET"])


def test_every_endpoint_declares_who_may_call_it(centre: Centre) -> None:
    table = access_table(centre.app())
    assert table == ENDPOINTS
    assert [key for key, access in table.items() if access is NOBODY] == []


def test_the_table_in_the_documents_is_that_of_the_code() -> None:
    documented = PERMISSIONS_PAGE.read_text(encoding="utf-8")
    missing = [row for row in _rows() if row not in documented]
    assert missing == [], "docs/permissions.md: put in these rows"
    assert documented.count("| `") == len(ENDPOINTS), "docs/permissions.md: rows without endpoint"


def test_an_endpoint_that_declares_nothing_is_refused_to_everybody(centre: Centre) -> None:
    app = centre.app()
    app.router.routes.insert(0, _forgotten_route())
    assert access_table(app)["GET", FORGOTTEN] is NOBODY
    centre.add_user("an", *Role)
    with serving(centre, app=app) as served, Desk(served.address) as desk:
        assert desk.log_in("an").get(FORGOTTEN).status_code == 403


def test_an_admin_alone_does_not_act_on_alerts() -> None:
    for action in AlertAction:
        access = GUARDED["POST", f"{PREFIX}/alerts/{{alert_id}}/{action}"]
        assert Role.ADMIN not in access
        assert all(may(role, action, system=True) for role in access)
        assert all(may(role, action) for role in access - {Role.TECHNICIAN})


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Role | None, Desk]]:
    """One desk a role, and one where nobody is logged in."""
    folder = tmp_path_factory.mktemp("roles")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder)
    with serving(centre) as served:
        made: dict[Role | None, Desk] = {None: Desk(served.address)}
        for role in Role:
            centre.add_user(role.value, role)
            made[role] = Desk(served.address).log_in(role.value)
        yield made
        for desk in made.values():
            desk.close()
    archive.close()


def _query(desk: Desk, method: str, path: str) -> httpx.Response:
    """Call an endpoint with ids that do not exist: what matters is whether one is let in."""
    address = re.sub(r"{\w+}", "nothing", path)
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": "k", "If-Match": "1"}
    if path.endswith("/stream"):
        with desk.stream(method, address) as answer:
            if answer.status_code != 200:
                answer.read()
            return answer
    return desk.request(method, address, headers=headers)


@pytest.mark.parametrize(("method", "path"), list(GUARDED))
def test_nobody_is_let_in_without_login(
    desks: dict[Role | None, Desk], method: str, path: str
) -> None:
    answer = _query(desks[None], method, path)
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_logged_in"


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_the_table_says(desks: dict[Role | None, Desk], role: Role) -> None:
    for (method, path), access in GUARDED.items():
        if (method, path) == ("DELETE", f"{PREFIX}/session"):
            continue  # would end the login that the others need
        answer = _query(desks[role], method, path)
        refused = answer.status_code == 403
        assert refused == (role not in access), f"{role} {method} {path}: {answer.status_code}"


def test_no_mutation_is_taken_from_another_sites_page(desks: dict[Role | None, Desk]) -> None:
    desk = desks[Role.LEADER]
    for method, path in GUARDED:
        if method == "GET":
            continue
        for forged in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"X-CSRF-Token": "0" * 64, "Sec-Fetch-Site": "same-origin"},
        ):
            answer = desk.request(method, re.sub(r"{\w+}", "nothing", path), headers=forged)
            assert (answer.status_code, answer.json()["error"]) == (403, "csrf"), f"{method} {path}"


def test_a_person_acts_in_the_role_that_may() -> None:
    both = frozenset({Role.ADMIN, Role.OPERATOR})
    assert acting_role(both, AlertAction.ACKNOWLEDGE) is Role.OPERATOR
    assert acting_role(frozenset({Role.ADMIN, Role.LEADER}), AlertAction.REOPEN) is Role.LEADER
    assert acting_role(frozenset({Role.VIEWER}), AlertAction.CLOSE) is Role.VIEWER


def test_the_most_telling_role_is_shown() -> None:
    assert main_role(frozenset({Role.ADMIN, Role.LEADER})) is Role.LEADER
    assert {main_role(frozenset({role})) for role in Role} == set(Role)
