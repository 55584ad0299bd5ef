"""The whole path at once: a fire before a camera is seen as picture and film by an officer."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.running_site import PASSWORD, eventually, start_site
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end


def test_an_officer_takes_the_shift_and_sees_the_fire(
    browser: Browser, simulator: RunningSimulator, tmp_path: Path
) -> None:
    def filmed() -> dict[str, Any] | None:
        return next((alert for alert in desk.alerts(camera="fire") if alert["clip"]), None)

    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    cameras = {"fire": simulator.url("fire", with_login=True)}
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        alert = eventually(filmed, 60.0, "an alert with a film")
        assert alert["state"] == "new"
        try:
            page = context.new_page()
            page.goto(site.url)
            _answer(page, alert["id"])
        finally:
            context.close()


def _answer(page: Page, alert_id: str) -> None:
    page.locator("input[type=text]").fill("admin")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
    expect(page.get_by_text("Đồng chí có nghe thấy tiếng báo không?")).to_be_visible()
    row = page.locator(f"[data-alert='{alert_id}']")
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.keyboard.press("a")
    expect(page.locator(f"[data-alert='{alert_id}'][data-state=acknowledged]")).to_be_visible()
