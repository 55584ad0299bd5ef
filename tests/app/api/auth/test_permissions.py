"""The table of rights: every route has a row, every row a route, each role gets what it says."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from alerts.lifecycle.roles import AlertAction, Role, may
from app.api.auth.access import CurrentUserDep
from app.api.auth.permissions import PERMISSIONS, PublicEndpoint, access_of, acting_role, main_role
from app.api.prefix import PREFIX
from tests.app.api.centre import Centre, Desk, serving

GUARDED = [
    (method, path, access) for (method, path), access in PERMISSIONS.items()
    if not isinstance(access, PublicEndpoint)
]  # fmt: skip


FORGOTTEN = f"{PREFIX}/forgotten"


def _routes(app: FastAPI) -> set[tuple[str, str | None]]:
    return {
        (method, context.path)
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if method != "HEAD"
    }


def _forgotten_route() -> APIRoute:
    """An endpoint as somebody adds it who forgets the table."""

    def forgotten(_: CurrentUserDep) -> str:
        return "secret"

    return APIRoute(FORGOTTEN, forgotten, methods=["GET"])


def test_every_route_has_a_row_and_every_row_a_route(centre: Centre) -> None:
    assert _routes(centre.app()) == set(PERMISSIONS)


def test_an_endpoint_that_is_added_without_a_row_is_found_and_refused(centre: Centre) -> None:
    app = centre.app()
    app.router.routes.insert(0, _forgotten_route())
    assert _routes(app) - set(PERMISSIONS) == {("GET", FORGOTTEN)}
    centre.add_user("an", *Role)
    with serving(centre, app=app) as served, Desk(served.address) as desk:
        assert desk.log_in("an").get(FORGOTTEN).status_code == 403


def test_a_route_without_a_row_is_nobodys() -> None:
    assert access_of("GET", f"{PREFIX}/secrets") == frozenset()


def test_an_admin_alone_does_not_act_on_alerts() -> None:
    for action in AlertAction:
        access = access_of("POST", f"{PREFIX}/alerts/{{alert_id}}/{action}")
        assert not isinstance(access, PublicEndpoint)
        assert Role.ADMIN not in access
        assert all(may(role, action, system=True) for role in access)
        assert all(may(role, action) for role in access - {Role.TECHNICIAN})


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Role | None, Desk]]:
    """One desk a role, and one where nobody is logged in."""
    from alerts.archive import Archive, sqlite_url

    folder = tmp_path_factory.mktemp("roles")
    archive = Archive(sqlite_url(folder / "archive.sqlite"))
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


def _ask(desk: Desk, method: str, path: str) -> httpx.Response:
    """Call an endpoint with ids that do not exist: what matters is whether one is let in."""
    address = re.sub(r"{\w+}", "nothing", path)
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": "k", "If-Match": "1"}
    if path.endswith("/stream"):
        with desk.stream(method, address) as answer:
            if answer.status_code != 200:
                answer.read()
            return answer
    return desk.request(method, address, headers=headers)


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in GUARDED])
def test_nobody_is_let_in_without_login(
    desks: dict[Role | None, Desk], method: str, path: str
) -> None:
    answer = _ask(desks[None], method, path)
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_logged_in"


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_the_table_says(desks: dict[Role | None, Desk], role: Role) -> None:
    for method, path, access in GUARDED:
        if (method, path) == ("DELETE", f"{PREFIX}/session"):
            continue  # would end the login that the others need
        answer = _ask(desks[role], method, path)
        refused = answer.status_code == 403
        assert refused == (role not in access), f"{role} {method} {path}: {answer.status_code}"


def test_no_mutation_is_taken_from_another_sites_page(desks: dict[Role | None, Desk]) -> None:
    desk = desks[Role.LEADER]
    for method, path, _ in GUARDED:
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
