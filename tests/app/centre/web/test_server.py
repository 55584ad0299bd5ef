"""Serving: the port, the signs of life, and a port that is taken."""

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.server import ServerState

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import PASSWORD, Centre, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.roles import Role
from thapcanh.app.centre.web import server
from thapcanh.app.centre.web.application import openapi
from thapcanh.app.centre.web.server import CannotListen, Listen, _Server, serve
from thapcanh.app.web_api.middleware.http_protocol import protocol_class
from thapcanh.config.site import CentreConfig as CentreSettings

WaitFor = Callable[..., None]


def test_a_port_that_is_taken_is_one_clear_error(centre: Centre) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}: Address already in use"):
            serve(centre.app(), Listen(host="127.0.0.1", port=port), threading.Event())


def test_it_ticks_until_it_is_told_to_stop(centre: Centre) -> None:
    stop = threading.Event()
    ticks: list[None] = []

    def tick() -> None:
        ticks.append(None)
        if len(ticks) > 5:
            stop.set()

    serve(centre.app(), Listen(host="127.0.0.1", port=0), stop, on_tick=tick)
    assert len(ticks) == 6


def test_it_stops_even_when_told_before_it_began(centre: Centre) -> None:
    stop = threading.Event()
    stop.set()
    serve(centre.app(), Listen(host="127.0.0.1", port=0), stop)


@pytest.mark.parametrize("ends", [True, False])
def test_a_request_in_work_at_the_end_is_answered_or_cut(
    centre: Centre, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    monkeypatch.setattr(server, "FINISH_WITHIN_S", PATIENCE_S if ends else 0.1)
    app, began, go_on = centre.app(), threading.Event(), threading.Event()

    async def slow(_: Request) -> Response:
        began.set()
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        return Response("whole")

    app.router.routes.insert(0, Route("/slow", slow))
    with serving(centre, app=app) as served, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(anonymous_get, f"{served.address}/slow")
        assert began.wait(PATIENCE_S)
        served.stop.set()
        if ends:
            port = int(served.address.rpartition(":")[2])
            wait_for(lambda: _is_closed(port), PATIENCE_S, "it takes no more connections")
            assert served.thread.is_alive()
            go_on.set()
            assert asked.result().text == "whole"
        else:
            with contextlib.suppress(httpx.TransportError):
                assert asked.result().status_code == 500
        served.thread.join(PATIENCE_S)
        assert not served.thread.is_alive()


def test_who_does_not_read_his_answer_is_cut_at_the_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FINISH_WITHIN_S", 0.1)
    app, began = centre.app(), threading.Event()

    async def large(_: Request) -> Response:
        began.set()
        return Response(b"x" * (32 << 20))

    app.router.routes.insert(0, Route("/large", large))
    with serving(centre, app=app) as served:
        host, port = served.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as deaf:
            deaf.sendall(f"GET /large HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            assert began.wait(PATIENCE_S)
            served.stop.set()
            served.thread.join(PATIENCE_S)
        assert not served.thread.is_alive()
    gc.collect()  # a connection that was left open is a warning here


@pytest.mark.parametrize("ends", [True, False])
def test_who_was_let_in_as_it_ended_is_closed(ends: bool) -> None:
    """What is taken from the listener in its last round is known only after all were closed."""
    protocol = protocol_class()
    server = _Server(uvicorn.Config(openapi), protocol, lambda: None)
    here, there = socket.socketpair()

    async def taken() -> None:
        if ends:
            server.end()
        options = {"config": server.config, "server_state": ServerState(), "app_state": {}}
        server.config.load()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(lambda: protocol(**options), here)
        await asyncio.sleep(0)
        assert transport.is_closing() is ends
        transport.abort()

    asyncio.run(taken())
    with there:
        assert there.recv(1) == b""


def _is_closed(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) != 0


def test_the_schema_needs_no_site_and_holds_the_contract() -> None:
    document = openapi()
    assert {
        "/healthz",
        "/api/v1/session",
        "/api/v1/alerts",
        "/api/v1/alerts/{alert_id}",
        "/api/v1/alerts/{alert_id}/acknowledge",
        "/api/v1/alerts/{alert_id}/confirm",
        "/api/v1/alerts/{alert_id}/reject",
        "/api/v1/alerts/{alert_id}/close",
        "/api/v1/alerts/{alert_id}/reopen",
        "/api/v1/alerts/{alert_id}/rendered",
        "/api/v1/stream",
        "/api/v1/evidence/{evidence_id}",
        "/api/v1/cameras",
        "/api/v1/workers",
    } <= set(document["paths"])
    alert = document["components"]["schemas"]["AlertResponse"]["properties"]
    assert alert["raised_at"] == {"type": "string", "format": "date-time", "title": "Raised At"}
    assert {"ChangeResponse", "HeartbeatResponse", "ProblemResponse"} <= set(
        document["components"]["schemas"]
    )


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


def test_with_a_certificate_of_our_own_it_speaks_tls(centre: Centre, tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    settings = CentreSettings(certificate=certificate, key=key)
    centre.site.replace(centre.site().model_copy(update={"centre": settings}))
    centre.add_user("an", Role.OPERATOR)
    listen = Listen(host="127.0.0.1", port=0, certificate=certificate, key=key)
    with serving(centre, listen) as served:
        port = served.address.rpartition(":")[2]
        trusting = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(verify=trusting, trust_env=False, timeout=PATIENCE_S) as browser:
            login = {"username": "an", "password": PASSWORD}
            answer = browser.post(f"https://localhost:{port}/api/v1/session", json=login)
            assert answer.status_code == 200
            assert "Secure" in answer.headers["set-cookie"]
            assert answer.headers["strict-transport-security"].startswith("max-age=")
            with pytest.raises(httpx.TransportError):
                browser.get(f"http://localhost:{port}/healthz")


@pytest.mark.parametrize("damaged", ["certificate.pem", "key.pem"])
def test_a_certificate_that_cannot_be_read_is_one_clear_error(
    centre: Centre, tmp_path: Path, damaged: str
) -> None:
    certificate, key = own_certificate(tmp_path)
    (tmp_path / damaged).write_text("nonsense")
    listen = Listen(host="127.0.0.1", port=0, certificate=certificate, key=key)
    with pytest.raises(CannotListen, match=r"certificate\.pem"):
        serve(centre.app(), listen, threading.Event())


def test_only_proxies_that_are_named_say_who_asks(centre: Centre) -> None:
    listen = Listen(host="127.0.0.1", port=0, behind_tls=True, proxies=("127.0.0.2/32",))
    for own, believed in (("127.0.0.2", "10.9.9.9"), ("127.0.0.3", "127.0.0.3")):
        with serving(centre, listen) as served:
            transport = httpx.HTTPTransport(local_address=own)
            with httpx.Client(transport=transport, headers={"X-Forwarded-For": "10.9.9.9"}) as it:
                it.post(
                    f"{served.address}/api/v1/session",
                    json={"username": own, "password": "sai sai sai"},
                )
        assert len(centre.archive.failed_logins(own, believed, 0.0, 5)) == 1
