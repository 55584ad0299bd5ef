"""Every door has a budget: each operation of the API document, each port, each kind of work."""

import ast
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.provider import SECRET, running_provider
from tests.patience import PATIENCE_S
from tests.source_trees import ROOT, modules_of
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process import admission
from thapcanh.app.process.admission import STREAMS, DoorBudget
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.oidc_client import OidcClient
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.middleware import body_size_limit, concurrency_limit
from thapcanh.app.web_api.middleware.concurrency_limit import STREAM_PATH, RequestLimit
from thapcanh.app.web_api.middleware.fair_places import RequestOwner
from thapcanh.config.servers.login_providers import OidcConfig

API = "/api/v1"
DOORS = {name: each for name, each in vars(admission).items() if isinstance(each, DoorBudget)}
CLOSED = DoorBudget(places=0, shares=(0,))
OF_REQUESTS = ("officers", "accounts", "strangers", "health", "streams")


@contextmanager
def _closed(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, FastAPI, str]]:
    """A centre that has no place for any request, and an officer's session that it knows."""
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.0))
    monkeypatch.setattr(concurrency_limit, "REFUSED_WITHIN_S", 0.0)
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served:
        here: AppState = served.app.state.here
        user = centre.archive.user("an")
        assert user is not None
        token = here.part(LoginService).admit(user, "127.0.0.1").token
        for name in OF_REQUESTS:
            admission = getattr(here.crowd, name)
            admission.budget = replace(admission.budget, places=0)
        yield served.address, served.app, f"thapcanh_session={token}"


def _operations(app: FastAPI) -> Iterator[tuple[str, str]]:
    paths: dict[str, Any] = app.openapi()["paths"]
    for path, methods in paths.items():
        for method in methods:
            yield method.upper(), re.sub(r"\{[^}]*\}", "x", path)


def test_every_operation_of_the_api_document_has_a_budget(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream had none, and asked for the officers' look-ups before it was bounded."""
    with _closed(centre, monkeypatch) as (address, app, cookie):
        operations = [*_operations(app), ("GET", "/"), ("GET", "/healthz"), ("GET", "/readyz")]
        assert len(operations) > 200
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
            for headers in ({}, {"Cookie": cookie}):
                got = {
                    operation: client.request(*operation, headers=headers).status_code
                    for operation in operations
                }
                assert {one for one, status in got.items() if status != 503} == set()


def test_every_body_has_a_budget_before_it_is_read(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_size_limit, "BODIES_OF_STRANGERS", CLOSED)
    monkeypatch.setattr(body_size_limit, "let_wait", _at_once)
    with serving(centre) as served:
        writes = [one for one in _operations(served.app) if one[0] not in ("GET", "HEAD")]
        with httpx.Client(base_url=served.address, trust_env=False, timeout=PATIENCE_S) as client:
            got = {one: client.request(*one, content=b"{}").status_code for one in writes}
        assert {one for one, status in got.items() if status != 503} == set()


async def _at_once() -> None:
    pass


def _calls(path: Any) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = (one.func for one in ast.walk(tree) if isinstance(one, ast.Call))
    return {
        one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in called
    }


def test_every_port_has_a_budget() -> None:
    """A new port is opened by `ListeningPort`, or is named here with the budget before it."""
    opens = {
        "start_server", "create_server", "create_datagram_endpoint", "start_unix_server",
        "create_unix_server", "listen", "HTTPServer", "ThreadingHTTPServer", "TCPServer",
    }  # fmt: skip
    found = {str(path.relative_to(ROOT)) for path in modules_of("app") if _calls(path) & opens} - {
        "app/centre/web/server.py",  # HEADS, then every budget of requests
        "app/process/listening_ports.py",  # NEW_CONNECTIONS, DEVICE_CONNECTIONS, DATAGRAMS
    }
    known = {
        "app/delivery/service.py",  # `listen` of a bell
        "app/stream/change_feed.py",
        "app/telephone/service.py",  # of an exchange to which we connect
    }
    assert found == known


def test_the_table_of_doors_is_the_one_in_force() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    told = {
        match[1]: match[2]
        for match in re.finditer(r"^\| `([A-Z_]+)` \|[^|]*\|[^|]*\| ([^|]*) \|", text, re.M)
    }
    assert told == {name: figures(budget) for name, budget in DOORS.items()}


def figures(budget: DoorBudget) -> str:
    """A budget as its row says it."""
    parts = [f"{budget.places}: {', '.join(map(str, budget.shares))}"]
    parts += ["leaves free"] * budget.leaves_free + ["gives way"] * budget.gives_way
    if budget.seconds:
        spent = ", ".join(f"{one:g}" for one in budget.seconds)
        parts.append(f"{spent} s in {budget.within_s:g} s")
    return "; ".join(parts)


@pytest.mark.parametrize("name", DOORS)
def test_every_budget_stands_before_a_door(name: str) -> None:
    users = [
        path
        for path in modules_of("app")
        if path.name != "admission.py" and re.search(rf"\b{name}\b", path.read_text("utf-8"))
    ]
    assert users


def test_invented_sessions_never_wait_before_an_officers_look_up(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request waited first come, first served for the six threads that look up who asks."""
    let_go, find = threading.Event(), Sessions.find
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk, ExitStack() as stack:
        stack.callback(let_go.set)
        desk.log_in("an")
        cookie = desk.cookies["thapcanh_session"]
        owner = served.app.state.here.known.owner(
            [(b"cookie", f"thapcanh_session={cookie}".encode())]
        )
        assert owner is not None, "known from its login on, not from its first request"

        def held(sessions: Sessions, key: str, now: float) -> Any:
            if not key.startswith(owner.session):
                assert let_go.wait(PATIENCE_S)
            return find(sessions, key, now)

        monkeypatch.setattr(Sessions, "find", held)
        flood = [
            stack.enter_context(_requested(served.address, f"{API}/stream", f"invented-{number}"))
            for number in range(12)
        ]
        for _ in range(5):
            assert desk.get(f"{API}/alerts", timeout=PATIENCE_S).status_code == 200
        assert anonymous_get(f"{served.address}{API}/stream").status_code == 401
        let_go.set()
        assert {answer.recv(12)[9:12] for answer in flood} == {b"401"}


@contextmanager
def _requested(address: str, path: str, token: str) -> Iterator[Any]:
    import socket

    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: thapcanh_session={token}\r\n\r\n"
        line.sendall(head.encode())
        yield line


def test_streams_of_one_agency_leave_room_for_another() -> None:
    """Nine accounts of one agency filled the city's 2,000 streams."""
    limit = RequestLimit()

    def opened(account: str, agency: str, session: str) -> bool:
        owner = RequestOwner(account=account, agency=agency, session=session)
        return limit.entered(STREAM_PATH, owner) is not None

    for account in range(25):
        for session in range(20):
            for _ in range(15):
                opened(f"a{account}", "of alpha", f"{account}-{session}")
    agency, of_account, of_session = STREAMS.shares
    assert len(limit.streams) == agency <= STREAMS.places // 2
    assert opened("b", "of bravo", "b")
    mine = [opened("c", "of charlie", f"c-{number // 20}") for number in range(400)]
    assert mine.count(True) == of_account
    assert [opened("d", "of delta", "d") for _ in range(20)].count(True) == of_session


def test_sessions_in_force_are_known_to_a_centre_that_begins(centre: Centre) -> None:
    """After a restart every officer was a stranger, and waited among them."""
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk:
        shown = desk.log_in("an").cookies["thapcanh_session"]
    with serving(centre) as served:
        known = served.app.state.here.known
        owner = known.owner([(b"cookie", f"thapcanh_session={shown}".encode())])
        assert owner is not None
        assert owner.is_officer


def test_begun_logins_put_out_no_officer_who_is_at_the_provider(centre: Centre) -> None:
    """620 of them did: the centre remembered the newest 500."""
    with running_provider() as provider:
        oidc = OidcConfig(
            issuer=provider.issuer, client_id="thapcanh", client_secret=SecretStr(SECRET),
            public_url="http://localhost:8080", roles={"truc-ban": ("operator",)},
        )  # fmt: skip
        centre.site.replace(centre.site().model_copy(update={"oidc": oidc}))
        client = OidcClient(centre.site, centre.archive)
        officer = client.begin()
        for _ in range(620):
            client.begin()
        state, code = provider.code_for(officer.url)
        assert client.begun(officer.kept, state)
        assert not client.begun(client.begin().kept, state)
        assert client.finish(officer.kept, code).username == "sso:binh"
