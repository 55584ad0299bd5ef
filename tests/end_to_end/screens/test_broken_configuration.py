"""A running site whose engineer saves one broken file after the other beside the main one."""

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.config.broken import BROKEN
from tests.end_to_end.running_site import PASSWORD, RunningSite, eventually, start_site
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end
BETWEEN_S = 0.1
ANSWERS_WITHIN_S = 10.0


def test_the_last_good_site_goes_on_and_the_file_is_named(
    browser: Browser, simulator: RunningSimulator, tmp_path: Path
) -> None:
    cameras = {"quiet": simulator.url("quiet", with_login=True)}
    extra = tmp_path / "cameras.d"
    extra.mkdir()
    more = f'[[cameras]]\nid = "more"\nname = "Camera more"\nsource = "{cameras["quiet"]}"\n'
    (extra / "more.toml").write_text(more, encoding="utf-8")
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        eventually(lambda: _seeing(desk.http), 60.0, "both cameras are seen")
        for number, write in enumerate(BROKEN.values()):
            write(extra / f"broken-{number:02d}.toml")
            eventually(site.is_up, ANSWERS_WITHIN_S, "the site still answers")
            time.sleep(BETWEEN_S)

        def told() -> dict[str, Any] | None:
            system = desk.alerts(kind="config_problem")
            return next((one for one in system if "broken-" in one["reason"]), None)

        eventually(told, 30.0, "the file is named")
        _look(browser, site, tmp_path)
        assert _seeing(desk.http)  # nobody stopped watching
        assert len(site.children("worker")) >= 1
    assert "Traceback" not in site.log.read_text(encoding="utf-8")


def test_a_worker_that_dies_while_the_main_file_is_broken_comes_back_and_screens_say_so(
    browser: Browser, simulator: RunningSimulator, tmp_path: Path
) -> None:
    """It ended with the file's problem at each start, and its cameras stayed dark."""
    cameras = {name: simulator.url("quiet", with_login=True) for name in ("quiet", "more")}
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        eventually(lambda: _seeing(desk.http), 60.0, "both cameras are seen")
        with (site.folder / "thapcanh.toml").open("a", encoding="utf-8") as file:
            file.write("\n[[cameras")
        workers = site.children("worker")
        for worker in workers:
            worker.kill()
        eventually(lambda: not any(one.is_running() for one in workers), 10.0, "they are dead")
        eventually(lambda: _ready(desk.http) == (200, "earlier_configuration"), 90.0, "back")
        assert _seeing(desk.http)
        context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
        page = _signed_in(context.new_page(), site)
        expect(page.get_by_text("CHẠY THEO CẤU HÌNH CŨ")).to_be_visible()
        page.screenshot(path=str(tmp_path / "earlier.png"))
        context.close()
        main = site.folder / "thapcanh.toml"
        text = main.read_text(encoding="utf-8")
        main.write_text(text.removesuffix("\n[[cameras"), encoding="utf-8")
        eventually(lambda: _ready(desk.http) == (200, "ok"), 30.0, "mended")


def _ready(http: Any) -> tuple[int, str]:
    answer = http.get("/readyz")
    return answer.status_code, answer.json()["status"]


def _signed_in(page: Page, site: RunningSite) -> Page:
    page.goto(site.url)
    page.locator("input[type=text]").fill("admin")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    return page


def _seeing(http: Any) -> bool:
    items = http.get("/api/v1/cameras").json()["items"]
    return {one["id"] for one in items if one["sees"]} == {"quiet", "more"}


def _look(browser: Browser, site: RunningSite, folder: Path) -> None:
    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    try:
        page = _signed_in(context.new_page(), site)
        page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        page.locator("[data-filter=fault]").click()  # whoever mends has the faults' list
        row = page.locator("[data-alert]", has_text="ấu hình").first
        row.click()
        expect(page.get_by_text("broken-", exact=False).first).to_be_visible()
        page.screenshot(path=str(folder / "named.png"))
    finally:
        context.close()
