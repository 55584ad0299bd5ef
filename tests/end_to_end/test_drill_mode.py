"""A leader drills the desk.

A film comes as an alert through the real way, is answered by keys like a real one, says on every
screen that it is none, and never stands before what is real.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.app.drill_site import Stage, short_film, site_of
from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drill_site, drilling, seat, violations
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.app.drills.runner import DrillRunner
from thapcanh.config.site import DrillsConfig, Site

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Three cameras, and one film to practise on."""
    short_film(tmp_path / "film.mp4")
    small = site_of(tmp_path)
    drills = DrillsConfig(limit_s=600.0, scenarios=small.drills.scenarios)
    return drill_site().model_copy(update={"drills": drills, "evidence": small.evidence})


@pytest.fixture
def drill(tmp_path: Path, screens: Path, site: Site) -> Iterator[Drill]:
    with drilling(tmp_path, screens, site) as running:
        stage = Stage(archive=running.centre.archive, site=site, folder=tmp_path)
        with stage.running() as runner, _rounds(runner):
            yield running


@contextmanager
def _rounds(runner: DrillRunner) -> Iterator[None]:
    """As the centre makes them."""
    ending = threading.Event()

    def go_round() -> None:
        while not ending.wait(0.1):
            runner.round()

    thread = threading.Thread(target=go_round)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(PATIENCE_S)


def _begin(leader: Desk) -> httpx.Response:
    order = {"scenario": "square", "camera": "cam-2"}
    return leader.post("/api/v1/drills", headers={"X-CSRF-Token": leader.csrf}, json=order)


def _row(page: Page, mark: str) -> str:
    """The id of the alert in the list that bears a mark, once it is there."""
    row = page.locator("[role=option]", has_text=mark)
    expect(row).to_have_count(1)
    alert = row.get_attribute("data-alert")
    assert alert is not None
    return alert


def test_a_leader_drills_an_officer_who_answers_by_keys_and_reads_the_score(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as first, seat(browser, drill) as second:
        page = first.log_in("an").take_shift().page
        leader = second.log_in("chi-huy").page
        leader.get_by_role("button", name="Đồng chí chi-huy").click()
        leader.get_by_role("button", name="Diễn tập…").click()
        sheet = leader.get_by_role("dialog")
        sheet.get_by_label("Kịch bản").select_option("square")
        sheet.get_by_label("Camera").select_option("cam-2")
        assert violations(leader) == []
        sheet.get_by_role("button", name="Bắt đầu").click()
        expect(sheet.get_by_role("status").get_by_text("Ô vuông cháy")).to_be_visible()
        alert = _row(page, "DIỄN TẬP")
        expect(page.locator(f"[data-alert='{alert}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        expect(page.locator(f"[data-alert='{alert}'][data-state='acknowledged']")).to_be_visible()
        page.keyboard.press("c")
        expect(page.locator(f"[data-alert='{alert}'][data-state='confirmed']")).to_be_visible()
        sheet.get_by_role("button", name="Kết thúc").click()
        row = sheet.locator("tr[data-outcome='right']")
        expect(row).to_contain_text("Đồng chí an, sau")
        page.goto(f"{drill.address}/history/{alert}")
        expect(page.get_by_text("DIỄN TẬP").first).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.locator("main").evaluate("main => main.scrollWidth") == 390
    with Desk(drill.address) as asking:
        asking.log_in("chi-huy")
        assert asking.get(f"/api/v1/alerts/{alert}").json()["state"] == "closed"
        now = time.time()
        report = asking.get("/api/v1/report", params={"since": now - 600, "until": now + 60})
        assert report.json()["watch"]["total"] == 0


def test_a_sheet_that_is_opened_before_the_cameras_are_known_can_start_a_drill(
    browser: Browser, drill: Drill
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with seat(browser, drill) as leader:
        leader.page.route("**/api/v1/cameras?*", hold, times=1)
        page = leader.log_in("chi-huy").page
        page.get_by_role("button", name="Đồng chí chi-huy").click()
        page.get_by_role("button", name="Diễn tập…").click()
        start = page.get_by_role("button", name="Bắt đầu")
        expect(start).to_be_disabled()
        held[0].continue_()
        start.click()
        expect(page.get_by_role("button", name="Kết thúc")).to_be_visible()


def test_a_leader_holds_evidence_on_the_alerts_page(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy", f"/history/{alert}").page
        page.get_by_placeholder("Lý do (bắt buộc)").fill("Vụ án 12/2026")
        page.get_by_role("button", name="Lưu giữ theo yêu cầu").click()
        expect(page.get_by_text("Đồng chí chi-huy lưu giữ theo yêu cầu từ")).to_be_visible()
        expect(page.get_by_role("button", name="Bỏ lưu giữ theo yêu cầu")).to_be_disabled()
        assert violations(page) == []
    assert LegalHoldRepository(drill.centre.archive.database).of(alert) is not None


def test_a_real_alert_stands_before_the_drill_and_ends_it(browser: Browser, drill: Drill) -> None:
    with Desk(drill.address) as leader, seat(browser, drill) as officer:
        leader.log_in("chi-huy")
        page = officer.log_in("an").take_shift().page
        assert _begin(leader).status_code == 201
        exercise = _row(page, "DIỄN TẬP")
        real = drill.raise_alert("cam-2")
        page.reload()  # or the list would wait until the hand rests
        expect(page.locator("[role=option]").first).to_have_attribute("data-alert", real)
        expect(page.locator(f"[data-alert='{exercise}'][data-state='new']")).to_have_count(0)
        (found,) = leader.get("/api/v1/drills").json()["items"]
        assert (found["outcome"], found["failure"]) == ("failed", "real_alert")
        shown = leader.get(f"/api/v1/alerts/{real}").json()
        assert (shown["state"], shown["exercise"], shown["condition"]) == ("new", False, "active")
