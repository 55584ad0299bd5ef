"""What every request passes: headers, hosts, origins, bounds; and that no fault of ours shows."""

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.errors import ArchiveRefused, ArchiveUnreachable
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process.admission import DoorBudget
from thapcanh.app.web_api.errors import MAX_BODY_BYTES
from thapcanh.app.web_api.middleware import body_size_limit, concurrency_limit


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/alerts", "/api/v1/nothing"])
def test_every_answer_carries_the_safe_headers(standing_address: str, path: str) -> None:
    headers = anonymous_get(standing_address + path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    assert "strict-transport-security" not in headers
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


def test_health_needs_no_login_and_tells_nothing_of_the_site(standing_address: str) -> None:
    answer = anonymous_get(standing_address + "/healthz").json()
    assert answer["status"] == "starting"
    assert answer.keys() <= {"status", "report_age_s"}


def test_health_is_bad_without_the_archive(
    address: str, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise ArchiveUnreachable("archive postgresql://u:topsecret@db: connection refused")

    monkeypatch.setattr(centre.archive.database, "is_written_here", fail)
    answer = anonymous_get(address + "/healthz")
    assert (answer.status_code, answer.json()["error"]) == (503, "archive_unavailable")
    assert answer.headers["retry-after"] == "2"
    assert "topsecret" not in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:1", 200), ("localhost", 200), ("LOCALHOST:8080", 200), ("[::1]:8080", 200),
        ("192.168.1.20", 200), ("canh.example", 200), ("canh.example:443", 200),
        ("evil.example", 421), ("canh.example.evil.example", 421), ("", 421), ("[::1", 421),
        ("127.0.0.1.evil.example", 421),
    ],
)  # fmt: skip
def test_only_known_names_are_answered(standing_address: str, host: str, status: int) -> None:
    answer = anonymous_get(standing_address + "/healthz", headers={"Host": host})
    assert answer.status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_mutation_from_another_site_is_refused(
    standing_desk: Desk, standing_centre: Centre, origin: str
) -> None:
    refused = standing_desk.act(
        standing_centre.raise_alert(), "acknowledge", headers={"Origin": origin}
    )
    assert (refused.status_code, refused.json()["error"]) == (403, "wrong_origin")


def test_a_mutation_from_this_site_passes(
    standing_desk: Desk, standing_centre: Centre, standing_address: str
) -> None:
    answer = standing_desk.act(
        standing_centre.raise_alert(), "acknowledge", headers={"Origin": standing_address}
    )
    assert answer.status_code == 200


def _pieces(size: int) -> Any:
    yield from (b"x" * 1024 for _ in range(size // 1024))


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_refused(standing_address: str, told: bool) -> None:
    size = 2 * MAX_BODY_BYTES
    content = b"x" * size if told else _pieces(size)
    answer = httpx.post(
        standing_address + "/api/v1/session",
        content=content,
        headers={"Content-Type": "application/json"},
        trust_env=False,
        timeout=PATIENCE_S,
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_body_that_never_comes_does_not_hold_its_place(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_size_limit, "BODY_WITHIN_S", 0.05)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
        line.sendall(
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
        )
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_crash_is_logged_and_not_shown(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("topsecret")

    monkeypatch.setattr(centre.archive, "alerts", crash)
    with caplog.at_level(logging.ERROR):
        answer = desk.get("/api/v1/alerts")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "topsecret" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError: topsecret" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_refusing_archive_is_not_shown_either(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ArchiveRefused("archive: syntax error at or near topsecret")

    monkeypatch.setattr(centre.archive, "alerts", refuse)
    answer = desk.get("/api/v1/alerts")
    assert answer.status_code == 503
    assert "topsecret" not in answer.text


def test_a_crowd_is_turned_away_at_once(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    few = DoorBudget(places=6, shares=(6, 6), leaves_free=True)
    monkeypatch.setattr(concurrency_limit, "OFFICERS", few)
    inside, let_go = threading.Semaphore(0), threading.Event()
    alerts = centre.archive.alerts
    centre.add_user("an", Role.OPERATOR)

    def slow(*arguments: Any, **options: Any) -> Any:
        inside.release()
        assert let_go.wait(PATIENCE_S)
        return alerts(*arguments, **options)

    with serving(centre) as served, ThreadPoolExecutor(3) as crowd, Desk(served.address) as desk:
        desk.log_in("an")
        assert desk.get("/api/v1/session").status_code == 200
        monkeypatch.setattr(centre.archive, "alerts", slow)
        waiting = [crowd.submit(desk.get, "/api/v1/alerts") for _ in range(3)]
        for _ in waiting:
            assert inside.acquire(timeout=PATIENCE_S)
        answer = desk.get("/api/v1/session")
        assert anonymous_get(served.address + "/healthz").status_code == 200
        let_go.set()
        assert (answer.status_code, answer.json()["error"]) == (503, "busy")
        assert [each.result().status_code for each in waiting] == [200, 200, 200]
        assert served.app.state.here.crowd.turned_away == 1


def test_a_method_that_is_not_known_here(standing_desk: Desk) -> None:
    answer = standing_desk.request("PATCH", "/api/v1/alerts")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
    assert "PATCH" in answer.json()["detail"]
