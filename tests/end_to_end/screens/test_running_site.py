"""The whole path at once: a fire before a camera is seen as picture and film by an officer."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.running_site import PASSWORD, RunningSite, eventually

pytestmark = pytest.mark.end_to_end


def test_an_officer_takes_the_shift_and_sees_the_fire(browser: Browser, watch: RunningSite) -> None:
    def filmed() -> dict[str, Any] | None:
        found = desk.alerts(camera="fire")  # closed while it burns on, a newer one has no film
        return next((alert for alert in found if alert["clip"]), None)

    with watch.desk() as desk:
        alert = eventually(filmed, 60.0, "an alert with a film")
    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        page.goto(watch.url)
        page.locator("input[type=text]").fill("admin")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        expect(page.get_by_text("Đồng chí có nghe thấy tiếng báo không?")).to_be_visible()
        row = page.locator(f"[data-alert='{alert['id']}']")
        if alert["state"] == "closed":  # another test has answered it
            page.get_by_role("button", name="Đã đóng").click()
        row.click()
        expect(row).to_have_attribute("aria-selected", "true")
        page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
        if alert["state"] == "new":
            page.keyboard.press("a")
            expect(
                page.locator(f"[data-alert='{alert['id']}'][data-state=acknowledged]")
            ).to_be_visible()
    finally:
        context.close()
