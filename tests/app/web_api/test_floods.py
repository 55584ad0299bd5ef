"""Strangers who flood the doors: officers go on, health answers, the refused hear at once."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import httpx
import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk, serving
from tests.patience import PATIENCE_S, patient
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process.admission import DoorBudget
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.app.web_api.bounded_executor import BoundedExecutor
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware import body_size_limit, concurrency_limit, http_protocol
from thapcanh.app.web_api.middleware.fair_places import RequestOwner
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions

API = "/api/v1"
POST_HEAD = (
    b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
)


class HeldPasswords(Passwords):
    """Checks of passwords that last until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.at_once = 0
        self.most = 0
        self._lock = threading.Lock()

    def is_right(self, password_hash: str | None, password: str) -> bool:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.begun.release()
        assert self.let_go.wait(PATIENCE_S)
        with self._lock:
            self.at_once -= 1
        return False


@contextmanager
def _sockets(address: str, count: int, begun: bytes) -> Iterator[list[socket.socket]]:
    host, port = address.removeprefix("http://").split(":")
    with ExitStack() as stack:
        lines = []
        for _ in range(count):
            line = stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
            line.sendall(begun)
            lines.append(line)
        yield lines


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + patient(20)
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_sixty_parallel_logins_leave_officers_served(
    centre: Centre, officer: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, address = officer
    held = HeldPasswords()
    monkeypatch.setattr(centre.passwords, "is_right", held.is_right)

    def log_in(number: int) -> int:
        given = {"username": f"nobody-{number}", "password": "x"}
        url = f"{address}{API}/session"
        return httpx.post(url, json=given, trust_env=False, timeout=60).status_code

    with ThreadPoolExecutor(60) as crowd:
        answers = [crowd.submit(log_in, number) for number in range(60)]
        try:
            assert held.begun.acquire(timeout=PATIENCE_S)
            _until(lambda: sum(one.done() for one in answers) >= 50)  # the others are refused
            for _ in range(5):
                assert desk.get(f"{API}/alerts", timeout=PATIENCE_S).status_code == 200
            assert anonymous_get(f"{address}/healthz").status_code == 200
        finally:
            held.let_go.set()
        got = [one.result() for one in answers]
    assert held.most == 1
    assert sorted(set(got)) == [401, 503]
    assert got.count(401) == 8  # of one address


def test_the_right_password_still_opens_after_a_flood(officer: tuple[Desk, str]) -> None:
    _, address = officer
    with ThreadPoolExecutor(30) as crowd, Desk(address) as other:
        given = {"username": "somebody", "password": "x"}
        list(crowd.map(lambda _: other.post(f"{API}/session", json=given), range(30)))
        assert other.log_in("an").get(f"{API}/alerts").status_code == 200


def test_a_stranger_takes_no_place_of_another_address() -> None:
    async def tried() -> None:
        budget = DoorBudget(places=4, shares=(2,))
        executor, let_go = BoundedExecutor("test", 1, budget), threading.Event()
        flood = [asyncio.create_task(executor.run("10.0.0.1", let_go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ApiError):
            await executor.run("10.0.0.1", let_go.wait)
        officer = asyncio.create_task(executor.run("10.0.0.2", lambda: "in"))
        flood[1].cancel()  # who gives up frees no place while the work is not done
        await asyncio.sleep(0)
        other = asyncio.create_task(executor.run("10.0.0.3", lambda: "in"))
        await asyncio.sleep(0)
        let_go.set()
        assert [await officer, await other] == ["in", "in"]
        executor.close()
        with pytest.raises(ApiError):
            await executor.run("10.0.0.2", lambda: "in")

    asyncio.run(tried())


def test_two_hundred_trickled_bodies_leave_everybody_served(officer: tuple[Desk, str]) -> None:
    desk, address = officer
    with _sockets(address, 200, POST_HEAD + b"{"):
        assert desk.get(f"{API}/alerts").status_code == 200
        assert anonymous_get(f"{address}/healthz").status_code == 200
        assert anonymous_get(f"{address}{API}/oidc").status_code == 200
        answer = anonymous_get(f"{address}/login")
        assert answer.status_code == 503
        assert "chưa được cài" in answer.text  # the screens are not built here


def test_a_body_that_trickles_has_one_deadline_for_all_of_it(
    officer: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_size_limit, "BODY_WITHIN_S", 0.3)
    with _sockets(officer[1], 1, POST_HEAD) as (line,):
        answer = _trickled(line)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()


def test_a_head_that_trickles_has_one_deadline_for_all_of_it(
    officer: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_WITHIN_S", 0.3)
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with _sockets(officer[1], 1, b"GET /healthz HTTP/1.1\r\nX-A: ") as (line,):
        assert _trickled(line) == b""
    with _sockets(officer[1], 1, whole) as (line,):  # the second request of a connection too
        answer = b""
        while not answer.endswith(b"}"):
            answer += line.recv(4096)
        assert answer.startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /healthz HTTP/1.1\r\nX-A: ")
        assert _trickled(line) == b""
    with _sockets(officer[1], 1, b"") as (line,):  # and one that says nothing at all
        assert line.recv(4096) == b""


def _trickled(line: socket.socket) -> bytes:
    """Send a byte again and again until an answer, or the end, comes."""
    line.settimeout(0.05)
    for _ in range(400):
        try:
            return line.recv(4096)
        except TimeoutError:
            line.sendall(b"x")
        except ConnectionError:
            return b""
    raise AssertionError("held for ever")


def test_who_does_not_read_is_cut_off(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "READ_WITHIN_S", 0.2)
    centre.web_dist.mkdir(exist_ok=True)
    (centre.web_dist / "large.bin").write_bytes(bytes(32 << 20))
    asked = b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(centre) as served, _sockets(served.address, 1, asked) as (line,):
        strangers = served.app.state.here.crowd.strangers
        assert line.recv(16).startswith(b"HTTP/1.1 200")
        _until(lambda: not len(strangers))  # its place is free again
        assert _read_all(line) < 32 << 20
        answer = anonymous_get(f"{served.address}/large.bin")
        assert len(answer.content) == 32 << 20  # who reads has all of it


def _read_all(line: socket.socket) -> int:
    got = 0
    try:
        while piece := line.recv(1 << 16):
            got += len(piece)
    except ConnectionError:
        pass
    return got


def test_strangers_take_no_place_of_a_session_in_force(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.1))
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk:
        address = served.address
        desk.log_in("an")
        strangers = served.app.state.here.crowd.strangers
        strangers.budget = replace(strangers.budget, places=0)
        assert anonymous_get(f"{address}{API}/oidc").status_code == 503
        forged = {"Cookie": "thapcanh_session=invented"}
        assert anonymous_get(f"{address}{API}/alerts", headers=forged).status_code == 503
        assert desk.get(f"{API}/alerts").status_code == 200
        headers = {"X-CSRF-Token": desk.csrf}
        assert desk.delete(f"{API}/session", headers=headers).status_code == 204
        assert desk.get(f"{API}/oidc").status_code == 503  # a stranger again


@pytest.mark.parametrize(
    ("name", "value", "is_known"),
    [
        (b"cookie", b"thapcanh_session=abc", True),
        (b"cookie", b"a=b; thapcanh_session=abc; c=d", True),
        (b"cookie", b"thapcanh_session=abcd", False),
        (b"cookie", b"thapcanh_session=\xff\xfe", False),
        (b"cookie", b"thapcanh_session=" + b"x" * 9000, False),
        (b"authorization", b"Bearer abc", True),
        (b"authorization", b"Bearer  ", False),
        (b"host", b"abc", False),
    ],
)
def test_a_session_in_force_is_known_by_what_it_shows(
    name: bytes, value: bytes, is_known: bool
) -> None:
    known = VerifiedSessions()
    of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    owner = RequestOwner(account="an", agency="of alpha")
    known.note(of_abc, owner)
    assert known.knows([(name, value)]) == is_known
    assert known.owner([(name, value)]) == (owner if is_known else None)
