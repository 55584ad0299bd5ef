"""A security key and a code enrolled and used in Chromium, and the viewing log looked at.

The authenticator is Chromium's own virtual one: keys are made and signatures checked for real.
"""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.live_centre import live_centre
from tests.end_to_end.running_site import PASSWORD

pytestmark = pytest.mark.end_to_end

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(browser: Browser, screens: Path, tmp_path: Path) -> Iterator[Page]:
    """The login of a centre, in a browser that has a virtual authenticator."""
    with live_centre(tmp_path, {}, screens) as centre:
        context = browser.new_context(locale="vi-VN", viewport={"width": 1600, "height": 900})
        opened = context.new_page()
        session = context.new_cdp_session(opened)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        opened.goto(centre.address.replace("127.0.0.1", "localhost"))
        yield opened
        context.close()


def _log_in(page: Page) -> None:
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()


def _menu(page: Page, entry: str) -> None:
    page.locator(".user > button.name").click()
    page.get_by_role("button", name=entry).click()


def _leave(page: Page) -> None:
    page.context.clear_cookies()
    page.reload()
    expect(page.locator("input[name=username]")).to_be_visible()


def test_a_security_key_is_enrolled_and_opens_the_next_login(page: Page) -> None:
    _log_in(page)
    _menu(page, "Xác thực hai bước")
    sheet = page.get_by_role("dialog", name="Xác thực hai bước")
    expect(sheet).to_contain_text("Chưa bật")
    sheet.locator("input[name=factor-name]").fill("khóa bàn trực")
    sheet.get_by_role("button", name="Thêm khóa bảo mật").click()
    expect(sheet.get_by_role("listitem")).to_contain_text("khóa bàn trực")
    _leave(page)
    _log_in(page)
    page.get_by_role("button", name="Dùng khóa bảo mật").click()
    expect(page.locator(".user > button.name")).to_be_visible()


def test_a_code_is_enrolled_asked_for_and_the_viewing_log_is_read(page: Page) -> None:
    _log_in(page)
    _menu(page, "Xác thực hai bước")
    sheet = page.get_by_role("dialog", name="Xác thực hai bước")
    sheet.get_by_role("button", name="Thêm ứng dụng tạo mã").click()
    secret = sheet.locator("code").inner_text()
    codes = pyotp.TOTP(secret)
    sheet.locator("input[name=factor-code]").fill(codes.now())
    sheet.get_by_role("button", name="Bật").click()
    expect(sheet.get_by_role("listitem")).to_contain_text("Mã trong điện thoại")
    page.evaluate("fetch('/api/v1/history/export.csv').then((answer) => answer.text())")
    _leave(page)
    _log_in(page)
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Xác thực").click()
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    page.locator("input[name=code]").fill(codes.at(codes.interval + _now(page)))  # the next one
    page.get_by_role("button", name="Xác thực").click()
    _menu(page, "Nhật ký xem hình")
    log = page.get_by_role("dialog", name="Nhật ký xem hình")
    expect(log.locator("tbody tr")).to_contain_text("Xuất tệp")


def _now(page: Page) -> int:
    return int(page.evaluate("Date.now() / 1000"))
