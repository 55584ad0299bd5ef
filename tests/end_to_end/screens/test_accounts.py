"""An admin adds an officer in Chromium, changes them, takes it back, and disables them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.end_to_end.live_centre import LiveCentre, live_centre
from tests.end_to_end.running_site import PASSWORD
from thapcanh.config.site import Agency, Area

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def centre(screens: Path, tmp_path: Path) -> Iterator[LiveCentre]:
    """A centre with two agencies and two areas."""
    with live_centre(tmp_path, {}, screens) as opened:
        facts = {
            "agencies": (Agency(id="pc07", name="PCCC"), Agency(id="csgt", name="CSGT")),
            "areas": (Area(id="hanoi", name="Hà Nội"), Area(id="tay-ho", name="Tây Hồ")),
        }
        opened.site.replace(opened.site().model_copy(update=facts))
        yield opened


def _log_in(page: Page, centre: LiveCentre, username: str, password: str) -> None:
    page.goto(centre.address)
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()
    expect(page.locator(".user > button.name")).to_be_visible()


def _log_in_first(page: Page, centre: LiveCentre, username: str, given: str) -> None:
    """With a password that somebody else gave, which is replaced on the way in."""
    page.goto(centre.address)
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(given)
    page.locator("button[type=submit]").click()
    for name in ("new-password", "new-password-again"):
        page.locator(f"input[name={name}]").fill("một mật khẩu riêng")
    page.locator("button[type=submit]").click()
    expect(page.locator(".user > button.name")).to_be_visible()


def _open_accounts(page: Page, centre: LiveCentre) -> Locator:
    _log_in(page, centre, "admin", PASSWORD)
    page.goto(f"{centre.address}/settings/accounts")
    sheet = page.locator("section.sheet")
    expect(sheet.get_by_text("Tài khoản của đồng chí")).to_be_visible()
    return sheet


def _row(sheet: Locator, name: str) -> Locator:
    return sheet.locator("tbody tr", has_text=name)


def _added(sheet: Locator) -> str:
    """Add an officer of one agency and return the password that is shown."""
    sheet.get_by_role("button", name="Thêm tài khoản").click()
    sheet.locator("input[name=new-username]").fill("nguyen.van.an")
    sheet.locator("input[name=full-name]").fill("Nguyễn Văn An")
    agencies = sheet.get_by_role("group", name="Cơ quan")
    agencies.get_by_label("Chỉ những nơi sau").check()
    agencies.get_by_label("PCCC").check()
    sheet.get_by_role("button", name="Xem lại").click()
    expect(sheet.locator("dl")).to_contain_text("PCCC")
    sheet.get_by_role("button", name="Lưu", exact=True).click()
    expect(_row(sheet, "nguyen.van.an")).to_contain_text("PCCC")
    password = sheet.locator(".password code").inner_text()
    sheet.get_by_role("button", name="Đã ghi lại").click()
    expect(sheet).not_to_contain_text(password)
    return password


def test_an_officer_is_added_changed_taken_back_and_disabled(
    browser: Browser, centre: LiveCentre
) -> None:
    admin = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768}).new_page()
    sheet = _open_accounts(admin, centre)
    password = _added(sheet)
    officer = browser.new_context(locale="vi-VN").new_page()
    _log_in_first(officer, centre, "nguyen.van.an", password)
    _row(sheet, "nguyen.van.an").get_by_role("button", name="Sửa").click()
    sheet.get_by_label("Chỉ huy ca", exact=False).first.check()
    sheet.get_by_role("button", name="Xem lại").click()
    review = sheet.locator("dl")
    expect(review.locator("s")).to_have_text("Cán bộ trực")
    expect(review.locator("b")).to_have_text("Cán bộ trực, Chỉ huy ca")
    sheet.get_by_role("button", name="Lưu", exact=True).click()
    expect(_row(sheet, "nguyen.van.an")).to_contain_text("Chỉ huy ca")
    sheet.get_by_role("button", name="Hoàn tác").click()
    expect(_row(sheet, "nguyen.van.an")).not_to_contain_text("Chỉ huy ca")
    _row(sheet, "nguyen.van.an").get_by_role("button", name="Sửa").click()
    sheet.get_by_label("Khóa tài khoản").check()
    sheet.get_by_role("button", name="Xem lại").click()
    expect(sheet).to_contain_text("đăng xuất ngay")
    sheet.get_by_role("button", name="Lưu", exact=True).click()
    expect(_row(sheet, "nguyen.van.an")).to_contain_text("Đã khóa")
    expect(officer.locator("input[name=username]")).to_be_visible()
    for page in (admin, officer):
        page.context.close()
