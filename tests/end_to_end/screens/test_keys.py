"""No key of an officer is lost: to a slow centre, a list that still loads, or a new sighting."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.end_to_end.drill import Drill, drilling, seat
from tests.end_to_end.live_page import WITHIN_MS
from tests.patience import PATIENCE_S
from thapcanh.detection.event import EventPhase

pytestmark = pytest.mark.end_to_end

ACKNOWLEDGE = "**/acknowledge"


class Gate:
    """Holds a page's requests of one kind back until it is opened."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.is_open = False
        self.held: list[Route] = []
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def wait_for(self, count: int) -> None:
        """Until so many requests stand before it."""
        for _ in range(round(WITHIN_MS / 20)):
            if len(self.held) >= count:
                return
            self.page.wait_for_timeout(20)
        pytest.fail(f"{len(self.held)} requests of {count}")

    def open(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path_factory.mktemp("drill"), screens) as running:
        yield running


def test_a_key_pressed_while_the_list_loads_still_counts(browser: Browser, drill: Drill) -> None:
    drill.raise_alert()
    with seat(browser, drill) as officer:
        page = officer.page
        gate = Gate(page, "**/api/v1/alerts?*")
        page.goto(drill.address)
        officer.log_in("an").take_shift()
        page.keyboard.press("l")
        page.keyboard.press("a")  # nobody answers what he has not seen, but he is told
        expect(page.get_by_text("Danh sách đang tải")).to_be_visible()
        gate.open()
        expect(page.locator("[data-liveness]").first).to_be_visible()
        expect(page.locator("[data-alert][data-state=new]").first).to_be_visible()


def test_an_answer_that_crosses_a_new_sighting_stands(browser: Browser, drill: Drill) -> None:
    facts = {"event_id": "crossing", "rule_id": "fire-x", "zone_id": "zx"}
    alert = drill.raise_alert("cam-3", **facts)
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        row = page.locator(f"[data-alert='{alert}']")
        row.click()

        def grow() -> None:  # it speaks again
            drill.raise_alert("cam-3", **facts, phase=EventPhase.UPDATED, box=(0.0, 0.0, 0.9, 0.9))

        def cross(route: Route) -> None:
            thread = threading.Thread(target=grow)
            thread.start()
            thread.join(PATIENCE_S)
            route.continue_()

        page.route(ACKNOWLEDGE, cross)
        page.keyboard.press("a")
        expect(page.locator(f"[data-alert='{alert}'][data-state=acknowledged]")).to_be_visible()
    stored = drill.centre.archive.alert(alert)
    assert stored is not None
    assert (stored.owner, stored.version) == ("an", 3)


def test_quick_hands_before_a_slow_centre_do_everything(browser: Browser, drill: Drill) -> None:
    wishes = {"": "acknowledged", "c": "confirmed", "r2": "rejected"}
    alerts = [drill.raise_alert("cam-2", "intrusion", priority=2) for _ in wishes]
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        gate = Gate(page, ACKNOWLEDGE)
        for alert, keys in zip(alerts, wishes, strict=True):
            page.locator(f"[data-alert='{alert}']").click()
            page.keyboard.press("a")
            for key in keys:  # before the answer to A
                page.keyboard.press(key)
        page.keyboard.press("k")  # the last one's answers come while one looks elsewhere
        gate.wait_for(len(alerts))
        gate.open()
        for alert, state in zip(alerts, wishes.values(), strict=True):
            expect(page.locator(f"[data-alert='{alert}'][data-state={state}]")).to_be_visible()
    rejected = drill.centre.archive.alert(alerts[-1])
    assert rejected is not None
    assert rejected.reject_reason == "dust"


def test_a_typed_note_outlives_a_failure_and_the_end_of_the_session(
    browser: Browser, drill: Drill
) -> None:
    alert = drill.raise_alert("cam-2", "intrusion", priority=2)
    said = "Khói ở tầng 3, cửa sau khoá"
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        field = page.locator("#menu-note")

        def open_note() -> None:
            page.locator(f"[data-alert='{alert}']").click()
            page.keyboard.press("m")

        open_note()
        field.fill(said)
        page.context.clear_cookies()  # the session ended: the centre knows this page no more
        field.press("Enter")
        officer.log_in("an")
        open_note()
        expect(field).to_have_value(said)
        field.press("Enter")
        page.get_by_text("Quanh đây, diễn biến").click()
        expect(page.get_by_text(said).first).to_be_visible()
        open_note()
        expect(field).to_have_value("")  # it was sent
