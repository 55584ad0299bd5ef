"""A market is declared with its fire panel, and stands beside the fire that a camera sees there."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.drill import drilling, seat, violations

pytestmark = pytest.mark.end_to_end

MARKET = {
    "Tên": "Chợ Hàng Bài",
    "Loại": "market",
    "Địa chỉ": "12 Hàng Bài",
    "Vĩ độ": "21.0245",
    "Kinh độ": "105.845",
    "Số tầng": "3",
}
PANEL = {"Mã": "tu-cho", "Tên": "Tủ báo cháy chợ Hàng Bài", "Vị trí": "Cổng chính"}


def _fill(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        page.get_by_label(name, exact=True).fill(value)


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    assert violations(page) == []
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_market_and_its_panel_stand_beside_its_fire(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    with drilling(tmp_path, screens) as drill:
        with seat(browser, drill, 768) as technician:
            page = technician.log_in("ky-thuat").page
            page.goto(f"{drill.address}/facilities")
            page.get_by_role("button", name="Thêm cơ sở").click()
            _fill(page, MARKET)
            page.get_by_label("Nguy hiểm").fill("bình gas\nhàng vải")
            _look(page, "co-so-them")
            page.get_by_role("button", name="Lưu", exact=True).click()
            expect(page.get_by_role("heading", name=MARKET["Tên"])).to_be_visible()
            expect(page.get_by_text("bình gas, hàng vải")).to_be_visible()
            page.get_by_role("searchbox", name="Tìm cơ sở").fill("cho hang bai")
            expect(page.get_by_role("status").filter(has_text="1 cơ sở")).to_be_visible()
            _look(page, "co-so")
            page.goto(f"{drill.address}/settings/devices")
            page.get_by_role("button", name="Thêm thiết bị").click()
            _fill(page, PANEL)
            page.get_by_role("button", name="Lưu", exact=True).click()
            expect(page.get_by_role("row").filter(has_text=PANEL["Tên"])).to_be_visible()
            _look(page, "thiet-bi")
        alert = drill.raise_alert()
        with seat(browser, drill, 768) as officer:
            page = officer.log_in("an").page
            page.goto(f"{drill.address}/history/{alert}")
            expect(page.get_by_role("heading", name="Cơ sở trong vòng 150 m")).to_be_visible()
            expect(page.get_by_text(MARKET["Tên"])).to_be_visible()
            _look(page, "co-so-gan")
