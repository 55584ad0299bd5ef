"""A record that cannot be drawn says so in its own place; others stay, in lists and on maps."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, Seat, drilling, seat, violations

pytestmark = pytest.mark.end_to_end

BROKEN = "MÀN HÌNH NÀY BỊ LỖI"
ROW = "Có một mục không hiện được ở đây. Báo kỹ thuật."
ALERT = "Có một cảnh báo không hiện được ở đây. Báo kỹ thuật."
PIN = "1 mục không vẽ được trên bản đồ. Báo kỹ thuật."
WORDS = ("Khói ở tầng 1", "Khói ở tầng 2", "Khói ở tầng 3")


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path_factory.mktemp("drill"), screens) as running:
        for number in (1, 2, 3):
            running.raise_alert(f"cam-{number}", "fire")
        with Desk(running.address) as desk:
            desk.log_in("an")
            for text in WORDS:
                headers = {"X-CSRF-Token": desk.csrf}
                call = {"kind": "fire", "caller": "0912 345 678", "words": text}
                assert desk.post("/api/v1/calls", headers=headers, json=call).status_code == 201
        yield running


@pytest.fixture
def officer(browser: Browser, drill: Drill) -> Iterator[Seat]:
    """One who is logged in, at a screen that asks for little."""
    with seat(browser, drill) as taken:
        yield taken.log_in("an", "/settings")


def _spoil(page: Page, path: str, field: str, value: object) -> None:
    """Let the second record of the centre's answer at `path` have what no screen expects."""

    def changed(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if len(body["items"]) > 1:
            body["items"][1][field] = value
        route.fulfill(response=answer, body=json.dumps(body))

    page.route(f"**/api/v1{path}", changed)


def _stays_calm(page: Page) -> None:
    expect(page.get_by_text(BROKEN)).to_have_count(0)
    assert violations(page) == []


def _all_but_one(rows: Locator, count: int, page: Page) -> None:
    expect(rows.locator("a")).to_have_count(count - 1)
    expect(page.get_by_text(ROW)).to_have_count(1)
    expect(rows).to_have_count(count)
    _stays_calm(page)


def test_of_the_history(officer: Seat) -> None:
    page = officer.page
    _spoil(page, "/alerts?*", "place", 7)
    page.goto(f"{officer.address}/history")
    _all_but_one(page.locator("[aria-setsize]"), 3, page)


@pytest.mark.parametrize(("field", "value"), [("place", None), ("steps", None), ("members", 7)])
def test_of_the_incidents(officer: Seat, field: str, value: object) -> None:
    page = officer.page
    _spoil(page, "/incidents?*", field, value)
    page.goto(f"{officer.address}/incidents")
    _all_but_one(page.locator("main li"), 6, page)  # of three fires and three calls


def test_of_the_calls(officer: Seat) -> None:
    page = officer.page
    _spoil(page, "/calls?*", "place", None)
    page.goto(f"{officer.address}/calls")
    expect(page.locator("[data-call]")).to_have_count(2)
    expect(page.get_by_text(ROW)).to_have_count(1)
    _stays_calm(page)


@pytest.mark.parametrize(("field", "value"), [("rule", None), ("rule", 7), ("camera_name", None)])
def test_of_the_wall(officer: Seat, field: str, value: object) -> None:
    """An alert without a rule stopped the whole board."""
    page = officer.page
    _spoil(page, "/alerts?*", field, value)
    page.goto(f"{officer.address}/wall")
    drawn, lost = page.locator("aside li[data-alert]"), page.locator("aside li.broken")
    expect(drawn.or_(lost)).to_have_count(3)
    expect(lost).to_have_count(1 if field == "camera_name" else 0)
    expect(page.locator("main .pin")).to_have_count(3)
    expect(page.get_by_text(BROKEN)).to_have_count(0)


@pytest.mark.parametrize("screen", ["/map", "/wall"])
@pytest.mark.parametrize(("field", "value"), [("lat", "nonsense"), ("lon", 1e9)])
def test_of_the_pins(officer: Seat, screen: str, field: str, value: object) -> None:
    page = officer.page

    def changed(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        placed = [row["place"] for row in body["items"] if row["place"]["lat"] is not None]
        placed[1][field] = value
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/api/v1/worklist?*", changed)
    page.goto(officer.address + screen)
    expect(page.locator(".pin")).to_have_count(2)
    expect(page.get_by_text(PIN)).to_be_visible()
    _stays_calm(page)


@pytest.mark.parametrize(("field", "value"), [("sources", 7), ("place", None)])
def test_of_the_worklist(officer: Seat, field: str, value: object) -> None:
    """A row that cannot be read stops no other row of the desk."""
    page = officer.page
    _spoil(page, "/worklist?*", field, value)
    page.goto(officer.address)
    expect(page.locator("[aria-posinset]")).to_have_count(6)
    expect(page.get_by_text(BROKEN)).to_have_count(0)


def test_it_is_drawn_again_when_its_record_is_mended(officer: Seat) -> None:
    """It stood as one that cannot be shown until the page was loaded again."""
    page = officer.page
    _spoil(page, "/alerts?*", "camera_name", None)
    page.goto(officer.address)
    officer.take_shift()
    rows = page.get_by_role("option")
    lost = rows.filter(has_text=ALERT)
    expect(lost).to_have_count(1)
    lost.click()
    page.keyboard.press("a")
    expect(lost).to_have_count(0)
    expect(rows).to_have_count(6)  # three fires and three calls
    expect(page.locator("[role=option][data-state=acknowledged]")).to_have_count(1)
