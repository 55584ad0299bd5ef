"""A list that did not come is asked for again: no screen is calm, or stuck, for want of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.app.drill_site import short_film, site_of
from tests.end_to_end.drill import Drill, drill_site, drilling, seat
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.alerts.store.roles import Role
from thapcanh.app.cli.demo import DRAWN_MAP
from thapcanh.app.stream import heartbeat
from thapcanh.config.site import DrillsConfig, Site

pytestmark = pytest.mark.end_to_end

NO_INTAKE = "KHÔNG NHẬN SỰ KIỆN"
NOT_LOADED = "Chưa tải được danh sách cảnh báo."


class Silence:
    """The centre does not answer these requests of a page, until it ends."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.pattern = pattern
        page.route(pattern, self._drop)

    def _drop(self, route: Route) -> None:
        route.abort()

    def end(self) -> None:
        self.page.unroute(self.pattern, self._drop)


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens, _site(tmp_path)) as running:
        yield running


def _site(folder: Path) -> Site:
    short_film(folder / "film.mp4")
    drills = DrillsConfig(scenarios=site_of(folder).drills.scenarios)
    return drill_site(DRAWN_MAP).model_copy(update={"drills": drills})


def test_a_wall_without_its_list_is_not_calm_and_gets_it(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as wall:
        page = wall.log_in("an").page
        alerts = Silence(page, "**/api/v1/alerts?*")
        page.goto(f"{drill.address}/wall")
        expect(page.get_by_text(NOT_LOADED)).to_be_visible()
        expect(page.get_by_text("Không có cảnh báo", exact=True)).to_have_count(0)
        alerts.end()
        expect(page.locator(f"aside [data-alert='{alert}']")).to_be_visible()
        expect(page.get_by_text(NOT_LOADED)).to_have_count(0)


def test_a_desk_that_knows_one_alert_says_that_its_list_is_missing(
    browser: Browser, drill: Drill
) -> None:
    before = drill.raise_alert()
    with seat(browser, drill) as officer:
        alerts = Silence(officer.page, "**/api/v1/alerts?*")
        page = officer.log_in("an").page
        expect(page.get_by_text(NOT_LOADED)).to_be_visible()
        expect(page.get_by_text("Kết nối trực tiếp")).to_be_visible()
        later = drill.raise_alert("cam-2")
        expect(page.locator(f"[data-alert='{later}']")).to_be_visible()
        expect(page.get_by_role("alert").get_by_text(NOT_LOADED)).to_be_visible()
        alerts.end()
        expect(page.locator(f"[data-alert='{before}']")).to_be_visible()
        expect(page.get_by_text(NOT_LOADED)).to_have_count(0)


def test_desk_and_wall_say_that_no_centre_takes_events(
    browser: Browser, drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "GRACE_S", 0.0)
    drill.centre.living = [LivingCentre(name="a", leads=False), LivingCentre(name="b", leads=False)]
    with seat(browser, drill) as wall, seat(browser, drill) as officer:
        pages = [wall.log_in("an").page, officer.log_in("chi-huy").page]
        pages[0].goto(f"{drill.address}/wall")
        for page in pages:
            expect(page.get_by_role("alert").get_by_text(NO_INTAKE)).to_be_visible()
            expect(page.get_by_text("Không có cảnh báo", exact=True)).to_have_count(0)
        drill.centre.living = [LivingCentre(name="a", leads=True)]
        for page in pages:
            expect(page.get_by_text(NO_INTAKE)).to_have_count(0)


def test_sheets_opened_before_their_lists_came_are_not_stuck(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as leader:
        page = leader.page
        silences = [
            Silence(page, f"**/api/v1/{path}") for path in ("cameras?*", "drills/**", "shift/sheet")
        ]
        leader.log_in("chi-huy").take_shift()
        page.locator(".user .name").click()
        page.get_by_role("button", name="Diễn tập…").click()
        sheet = page.get_by_role("dialog")
        begin = sheet.get_by_role("button", name="Bắt đầu")
        expect(begin).to_be_disabled()
        for silence in silences[:2]:
            silence.end()
        expect(begin).to_be_enabled()
        expect(sheet.get_by_label("Camera")).to_have_value("cam-1")
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca").click()
        sign = page.get_by_role("button", name="Ký bàn giao")
        expect(sign).to_be_disabled()
        expect(page.get_by_text("Chưa liên lạc được máy chủ; chưa ký.")).to_be_visible()
        silences[2].end()
        expect(sign).to_be_enabled()


def test_the_list_of_accounts_that_did_not_come_is_asked_for_again(
    browser: Browser, drill: Drill
) -> None:
    drill.centre.add_user("admin", Role.ADMIN)
    with seat(browser, drill) as admin:
        page = admin.log_in("admin").page
        accounts = Silence(page, "**/api/v1/accounts")
        page.goto(f"{drill.address}/settings/accounts")
        sheet = page.locator("section.sheet")
        expect(sheet.get_by_role("alert")).to_be_visible()
        accounts.end()
        expect(sheet.get_by_text("Tài khoản của đồng chí")).to_be_visible()
        expect(sheet.get_by_role("alert")).to_have_count(0)
