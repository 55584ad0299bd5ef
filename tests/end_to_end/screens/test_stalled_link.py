"""A centre that stands still with its connections open: every screen says so."""

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.end_to_end.drill import Drill, Seat, drilling
from tests.patience import PATIENCE_S
from thapcanh.app.process.free_port import free_port

pytestmark = pytest.mark.end_to_end

LIVE = "Kết nối trực tiếp"
LOST = "MẤT KẾT NỐI"
TOLD_WITHIN_S = 5.0  # held by the screens' own test of the link's state


class Relay:
    """Stands before a centre; while `frozen` it carries nothing and keeps every socket open."""

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self.frozen = threading.Event()
        self._to = to
        self._stop = threading.Event()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)
        for one in (self._door, *self._pairs):
            one.close()

    def _carry(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._door, selectors.EVENT_READ)
            while not self._stop.is_set():
                if self.frozen.is_set():
                    self._stop.wait(0.01)
                    continue
                for key, _ in ready.select(0.05):
                    if key.fileobj is self._door:
                        self._take(ready)
                    elif isinstance(key.fileobj, socket.socket):
                        self._pass(ready, key.fileobj)

    def _take(self, ready: selectors.BaseSelector) -> None:
        near, _ = self._door.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        for one, other in ((near, far), (far, near)):
            self._pairs[one] = other
            ready.register(one, selectors.EVENT_READ)

    def _pass(self, ready: selectors.BaseSelector, one: socket.socket) -> None:
        other = self._pairs.get(one)
        if other is None:  # closed a moment ago, with its partner
            return
        try:
            piece = one.recv(65536)
            if piece:
                other.sendall(piece)
                return
        except OSError:
            pass
        for each in (one, other):
            ready.unregister(each)
            del self._pairs[each]
            each.close()


@contextmanager
def relayed(drill: Drill) -> Iterator[Relay]:
    relay = Relay(drill.port)
    try:
        yield relay
    finally:
        relay.frozen.clear()
        relay.close()


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


def test_a_frozen_centre_is_told(browser: Browser, drill: Drill) -> None:
    """It read `Kết nối trực tiếp` for 24 s, and a freeze of 20 s was never shown."""
    drill.raise_alert()
    with relayed(drill) as relay:
        seats = [Seat(browser, f"http://127.0.0.1:{relay.port}") for _ in range(2)]
        officer, leader = (
            one.log_in(name).page for one, name in zip(seats, ("an", "chi-huy"), strict=True)
        )
        for page in (officer, leader):
            expect(page.get_by_text(LIVE)).to_be_visible()
        until = time.monotonic() + 3 * TOLD_WITHIN_S
        while time.monotonic() < until:  # no false word of it meanwhile
            assert officer.get_by_text(LOST).count() == 0
            time.sleep(0.2)
        relay.frozen.set()
        for page in (officer, leader):
            expect(page.get_by_text(LOST).first).to_be_visible()
        expect(officer.get_by_text(LIVE)).to_have_count(0)
        relay.frozen.clear()
        for page in (officer, leader):
            expect(page.get_by_text(LIVE)).to_be_visible()
            expect(page.get_by_text(LOST)).to_have_count(0)
        for one in seats:
            one.context.close()


def test_a_command_whose_answer_is_lost_is_not_said_to_be_without_effect(
    browser: Browser, drill: Drill
) -> None:
    """A centre that died behind its commit: the screen said that the command had no effect."""

    def unheard(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    alert_id = drill.raise_alert()
    officer = Seat(browser, drill.address)
    page = officer.log_in("an").take_shift().page
    page.route("**/acknowledge", unheard)
    page.locator(f"[data-alert='{alert_id}']").click()
    page.keyboard.press("a")
    expect(page.get_by_text("chưa rõ lệnh đã có hiệu lực chưa")).to_be_visible()
    expect(page.locator(f"[data-alert='{alert_id}'][data-state=acknowledged]")).to_be_visible()
    officer.context.close()
