"""A page that is itself broken says so: what it still shows must not look calm."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.end_to_end.drill import Drill, drilling, seat, violations

pytestmark = pytest.mark.end_to_end

BROKEN = "MÀN HÌNH NÀY BỊ LỖI"
THROWS = "() => void setTimeout(() => { throw new Error('broken on purpose'); })"


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        for number in (1, 2, 3):
            running.raise_alert(f"cam-{number}", "fire")
        yield running


def _spoil(page: Page, camera: str, **wrong: object) -> None:
    """Let the centre's list have what no screen expects of the alert of one camera."""

    def changed(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for one in body["items"]:
            if one["camera"] == camera:
                one.update(wrong)
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/api/v1/alerts?*", changed)


def test_an_alert_that_cannot_be_drawn_hides_no_other(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.page
        _spoil(page, "cam-2", camera_name=None)
        officer.log_in("an").take_shift()
        rows = page.get_by_role("option")
        expect(rows).to_have_count(3)
        broken = rows.filter(has_text="Có một cảnh báo không hiện được ở đây.")
        expect(broken).to_have_count(1)
        assert violations(page) == []
        broken.click()
        parts = page.get_by_text("Không hiện được cảnh báo đang chọn ở đây.")
        expect(parts.first).to_be_visible()
        rows.filter(has_text="Hàng Bài").click()
        expect(parts).to_have_count(0)
        expect(page.get_by_role("heading", name="Nghi cháy")).to_be_visible()
        expect(page.get_by_text(BROKEN)).to_have_count(0)


def test_it_hides_none_on_the_wall_either(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as wall:
        wall.log_in("an")
        _spoil(wall.page, "cam-2", camera_name=None)
        wall.page.goto(f"{drill.address}/wall")
        rows = wall.page.get_by_role("listitem").filter(has_text="Nghi cháy")
        expect(rows).to_have_count(2)
        expect(wall.page.get_by_text("Có một cảnh báo không hiện được ở đây.")).to_be_visible()
        expect(wall.page.get_by_text(BROKEN)).to_have_count(0)


def test_a_time_that_is_none_empties_no_list(browser: Browser, drill: Drill) -> None:
    """The list said that it was empty, beside a green connection."""
    with seat(browser, drill) as officer:
        _spoil(officer.page, "cam-2", raised_at=None)
        page = officer.log_in("an").take_shift().page
        expect(page.get_by_role("option")).to_have_count(3)
        expect(page.get_by_text(BROKEN)).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/history", "/wall", "/field"])
def test_a_fault_that_nobody_caught_is_told_in_red(
    browser: Browser, drill: Drill, path: str
) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/" if path == "/wall" else path).page
        if path == "/wall":
            page.goto(drill.address + path)
        page.evaluate(THROWS)
        expect(page.get_by_text(BROKEN)).to_be_visible()
        assert violations(page) == []
        assert officer.troubles == ["broken on purpose"]
        officer.troubles.clear()
        page.get_by_role("button", name="Tải lại trang").click()
        expect(page.get_by_text(BROKEN)).to_have_count(0)
