"""Bodies on their way: strangers and slow senders take no place of a session in force."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.app.web_api.centre import PASSWORD, Centre, Desk, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.process.admission import YOUNG_S

API = "/api/v1"
ADDRESSES, OF_EACH = 11, 24


def _begun(cookie: str = "") -> bytes:
    shown = f"Cookie: {cookie}\r\n" if cookie else ""
    return (
        f"POST {API}/session HTTP/1.1\r\nHost: localhost\r\n{shown}"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
    ).encode()


@contextmanager
def _slow_bodies(address: str, count: int, begun: bytes) -> Iterator[list[socket.socket]]:
    """Bodies that have begun and never go on, from eleven addresses of this machine."""
    host, port = address.removeprefix("http://").split(":")
    with ExitStack() as stack:
        lines = []
        for number in range(count):
            line = stack.enter_context(socket.socket())
            line.settimeout(20)
            line.bind((f"127.0.0.{1 + number % ADDRESSES}", 0))
            line.connect((host, int(port)))
            line.sendall(begun)
            lines.append(line)
        time.sleep(YOUNG_S + 0.1)  # they are not young any more
        yield lines


def _acknowledge(desk: Desk, alert_id: str) -> int:
    return desk.act(alert_id, "acknowledge", note="tôi nhận").status_code


def test_slow_bodies_of_eleven_addresses_refuse_no_officers_answer(
    centre: Centre, officer: tuple[Desk, str]
) -> None:
    desk, address = officer
    alerts = [centre.raise_alert() for _ in range(11)]
    assert desk.get(f"{API}/alerts").status_code == 200
    with _slow_bodies(address, ADDRESSES * OF_EACH, _begun()):
        got = [_acknowledge(desk, alert) for alert in alerts]
    assert got == [200] * len(alerts)


def test_slow_bodies_keep_nobody_from_logging_in(centre: Centre, officer: tuple[Desk, str]) -> None:
    """Also from an address that has all of its places taken."""
    _, address = officer
    with _slow_bodies(address, ADDRESSES * OF_EACH, _begun()), Desk(address) as other:
        given = {"username": "an", "password": PASSWORD}
        end = time.monotonic() + PATIENCE_S
        while other.post(f"{API}/session", json=given).status_code == 503:
            assert time.monotonic() < end  # until a slow centre has found the others slow


def test_slow_bodies_of_one_account_refuse_nobody_else(centre: Centre) -> None:
    agency = DataFilter(agencies=frozenset({"pc07"}))
    centre.add_user("an", Role.OPERATOR, scope=agency)
    centre.add_user("binh", Role.OPERATOR, scope=agency)
    alert = centre.raise_alert()
    with serving(centre) as served, Desk(served.address) as slow, Desk(served.address) as other:
        for desk, name in ((slow, "an"), (other, "binh")):
            assert desk.log_in(name).get(f"{API}/alerts").status_code == 200
        cookie = "; ".join(f"{name}={value}" for name, value in slow.cookies.items())
        with _slow_bodies(served.address, 40, _begun(cookie)) as lines:
            assert lines[0].recv(64).startswith(b"HTTP/1.1 408")  # gave way to the newer ones
            assert _acknowledge(other, alert) == 200
            assert _acknowledge(slow, alert) in (200, 409, 412)  # its own newest is served too


def test_files_of_one_account_are_taken_in_one_at_a_time(centre: Centre) -> None:
    centre.add_user("ky", Role.TECHNICIAN)
    path = f"{API}/registry/cameras/import"
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("ky").get(f"{API}/alerts")
        cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
        begun = _begun(cookie).replace(f"{API}/session".encode(), path.encode())
        with _slow_bodies(served.address, 1, begun):
            headers = {"X-CSRF-Token": desk.csrf}
            second = desk.post(f"{path}?format=csv", content=b"id\n" * 100, headers=headers)
            assert (second.status_code, second.json()["error"]) == (503, "busy")
